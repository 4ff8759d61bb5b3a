"""What the probes add up to, and what an outsider learns of it."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import RequestFactory

from observability import health, views
from observability.health import Health, Probe, Readiness, examine


def nothing() -> None:
    """Answer."""


def refuse() -> None:
    """Do not answer, and say more than an outsider may know."""
    raise ConnectionError("10.1.2.3:5432 refused")


def probes(**given: tuple[Callable[[], None], bool]) -> dict[str, Probe]:
    return {name: Probe(name, check, required) for name, (check, required) in given.items()}


@pytest.mark.parametrize(
    ("database", "search", "readiness"),
    [
        (nothing, nothing, Readiness.READY),
        (nothing, refuse, Readiness.DEGRADED),
        (refuse, nothing, Readiness.UNAVAILABLE),
        (refuse, refuse, Readiness.UNAVAILABLE),
    ],
)
def test_readiness(database: Callable[[], None], search: Callable[[], None], readiness: Readiness) -> None:
    found = examine(probes(database=(database, True), search=(search, False)))

    assert found == Health(readiness, {"database": database is nothing, "search": search is nothing})


@pytest.mark.parametrize(
    ("readiness", "status", "degraded"),
    [(Readiness.READY, 200, False), (Readiness.DEGRADED, 200, True), (Readiness.UNAVAILABLE, 503, True)],
)
def test_ready_says_names_only(monkeypatch: pytest.MonkeyPatch, readiness: Readiness, status: int, degraded: bool) -> None:  # noqa: FBT001 - a parameter
    monkeypatch.setattr(views, "examine", lambda: Health(readiness, {"database": readiness is Readiness.READY}))

    response = views.ready(RequestFactory().get("/-/ready"))

    assert response.status_code == status
    state = "ok" if readiness is Readiness.READY else "failed"
    assert json.loads(response.content) == {"status": readiness.value, "degraded": degraded, "probes": {"database": state}}
    assert "no-store" in response["Cache-Control"]


def test_live_asks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_probes", probes(database=(refuse, True)))

    response = views.live(RequestFactory().get("/-/live"))

    assert (response.status_code, json.loads(response.content)) == (200, {"status": "live"})


def test_probes_do_not_run_in_a_transaction() -> None:
    assert "default" in views.ready._non_atomic_requests  # type: ignore[attr-defined] # set by Django's decorator
    assert "default" in views.live._non_atomic_requests  # type: ignore[attr-defined] # as above


def test_only_reading_is_allowed() -> None:
    assert views.ready(RequestFactory().post("/-/ready")).status_code == 405


def test_an_app_adds_its_probe(monkeypatch: pytest.MonkeyPatch) -> None:
    known: dict[str, Any] = {}
    monkeypatch.setattr(health, "_probes", known)

    health.register_probe("search", refuse, required=False)

    assert known == {"search": Probe("search", refuse, required=False)}
