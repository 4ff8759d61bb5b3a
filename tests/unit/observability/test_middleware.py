"""Request ids, the line per request, and client addresses."""

import logging
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from observability.addresses import client_address
from observability.middleware import RequestContextMiddleware


def answer(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", status=201)


def request_id_for(given: str | None) -> str:
    headers = {"X-Request-ID": given} if given is not None else {}
    return RequestContextMiddleware(answer)(RequestFactory().get("/", headers=headers))["X-Request-ID"]


def test_a_proxys_request_id_is_taken(settings: Any) -> None:
    settings.PROXY_COUNT = 1

    assert request_id_for("nginx-0123.ab_C") == "nginx-0123.ab_C"
    assert request_id_for("x" * 64) == "x" * 64


@pytest.mark.parametrize("given", [None, "", "x" * 65, "a b", "a\nb", "太原", "a;b"])
def test_a_bad_request_id_is_replaced(settings: Any, given: str | None) -> None:
    settings.PROXY_COUNT = 1

    made = request_id_for(given)

    assert len(made) == 32
    assert made != given


def test_a_clients_request_id_is_not_believed(settings: Any) -> None:
    settings.PROXY_COUNT = 0

    assert request_id_for("chosen-by-client") != "chosen-by-client"


def test_one_line_says_how_the_request_ended(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.PROXY_COUNT = 0
    records: list[logging.LogRecord] = []
    logger = logging.getLogger("observability.access")
    monkeypatch.setattr(logger, "handle", records.append)
    monkeypatch.setattr(logger, "isEnabledFor", lambda _level: True)

    RequestContextMiddleware(answer)(RequestFactory().get("/enter/", {"ticket": "s3cret"}, headers={"host": "taiyuan.localhost"}))

    (record,) = records
    said = record.__dict__
    assert (said["method"], said["path"], said["status"], said["host"], said["address"]) == (
        "GET",
        "/enter/",
        201,
        "taiyuan.localhost",
        "127.0.0.1",
    )
    assert isinstance(said["ms"], float)
    assert "s3cret" not in str(said)


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, "203.0.113.9", "10.0.0.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "1.1.1.1, 203.0.113.9", "203.0.113.9"),
        (2, "1.1.1.1, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        (2, "203.0.113.9", "10.0.0.1"),
        (1, "", "10.0.0.1"),
        (1, "not-an-address", ""),
        (1, "2001:DB8::1", "2001:db8::1"),
    ],
)
def test_the_client_is_who_our_outermost_proxy_saw(settings: Any, proxies: int, forwarded: str, expected: str) -> None:
    settings.PROXY_COUNT = proxies

    request = RequestFactory().get("/", headers={"x-forwarded-for": forwarded}, REMOTE_ADDR="10.0.0.1")

    assert client_address(request) == expected


def test_a_unix_socket_has_no_address(settings: Any) -> None:
    settings.PROXY_COUNT = 0

    assert client_address(RequestFactory().get("/", REMOTE_ADDR="")) == ""
