"""What readiness and `doctor` say of search: working, without an index, without an engine, with changes given up."""

from typing import Any

import pytest
from django.utils import timezone

from observability.doctor import Level
from observability.health import Readiness, examine
from outbox.models import Event
from search import checks, client
from search.contract import TOPIC

pytestmark = [pytest.mark.elasticsearch, pytest.mark.usefixtures("database")]


@pytest.mark.usefixtures("search_index")
def test_all_is_well() -> None:
    assert examine().readiness is Readiness.READY
    assert checks.check_index().level is Level.OK
    assert checks.check_outbox().level is Level.OK


def test_without_an_index_the_platform_is_degraded_and_doctor_says_how_to_make_one(search_index: Any) -> None:
    search_index.remove()

    with pytest.raises(client.EngineDownError):
        checks.engine_answers()
    assert examine().readiness is Readiness.DEGRADED
    assert "search rebuild" in checks.check_index().mend


def test_without_the_engine_it_is_degraded_and_still_there(settings: Any) -> None:
    settings.ELASTICSEARCH_URL = "http://127.0.0.1:1"

    health = examine()

    assert (health.readiness, health.answered["database"], health.answered["search"]) == (Readiness.DEGRADED, True, False)
    assert checks.check_index().level is Level.FAILED


def test_changes_that_were_given_up_are_counted() -> None:
    Event.objects.create(topic=TOPIC, key="x", parked_at=timezone.now(), error="no")

    found = checks.check_outbox()

    assert (found.level, found.what) == (Level.FAILED, "changes that could not be carried to the index: 1")
