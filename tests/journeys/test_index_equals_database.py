"""The relay and Elasticsearch are killed between publishes; afterwards the index holds what the database says, version by version."""

import random
import time

import pytest
from django.core.management import call_command
from django.db import transaction

from outbox.models import Event
from registry.schemas import in_schema_of
from search.models import Projection
from tenants.pages.models import DocumentPage
from tests.factories.indices import SearchIndex
from tests.factories.pages import publish_document
from tests.factories.sites import open_sites
from tests.plugins.chaos import Engine, Relay

pytestmark = [pytest.mark.long, pytest.mark.elasticsearch, pytest.mark.usefixtures("database")]
TEXTS, CHANGES, KILLS = 12, 90, 6


def change_something(dice: random.Random, pages: dict[int, DocumentPage]) -> None:
    """Publish, change, withdraw, publish again or delete one text."""
    number = dice.randrange(TEXTS)
    page = pages.get(number)
    with transaction.atomic():
        if page is None:
            pages[number] = publish_document(f"第{number}号办法", slug=f"t{number}")
        elif dice.random() < 0.1:
            page.delete()
            del pages[number]
        elif page.live and dice.random() < 0.4:
            page.unpublish()
        else:
            page.title = f"第{number}号办法（{dice.randrange(1000)}）"
            page.save_revision().publish()
    if number in pages:
        pages[number] = DocumentPage.objects.get(pk=pages[number].pk)


def wait_until_carried_out(seconds: float = 60.0) -> None:
    limit = time.monotonic() + seconds
    while Event.objects.exists() and time.monotonic() < limit:
        time.sleep(0.2)
    assert list(Event.objects.values_list("key", "attempts", "error")) == []


def test_whatever_is_killed_the_index_ends_as_the_database(own_engine: Engine) -> None:
    call_command("search", "rebuild", verbosity=0)
    (tenant,) = open_sites("xiaodian")
    dice, relay = random.Random(20261124), Relay()  # noqa: S311 - a repeatable mix
    pages: dict[int, DocumentPage] = {}
    try:
        with in_schema_of(tenant):
            for change in range(CHANGES):
                change_something(dice, pages)
                if change % (CHANGES // KILLS) == 7:
                    relay.kill_and_restart()
                if change == CHANGES // 3:
                    own_engine.kill()
                if change == 2 * CHANGES // 3:
                    own_engine.start()
        wait_until_carried_out()
    finally:
        relay.stop()

    index = SearchIndex()
    index.refresh()
    wanted = {row.pk: (row.revision, row.state) for row in Projection.objects.all()}
    assert index.documents() == wanted
    live = {row.page_id for row in Projection.objects.live()}
    assert live == {page.pk for page in pages.values() if page.live}
    assert len(wanted) >= TEXTS
