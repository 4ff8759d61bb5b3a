"""Ten thousand changes while the way to the engine refuses, loses, repeats and reorders, the relay is killed and the engine is away.

`AWAY_SECONDS=600` keeps the engine away for ten minutes instead of five seconds, and `LATE_SECONDS=90` waits so long before old
requests come again; nothing else differs.
"""

import os
import random
import time
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from outbox import services as outbox
from outbox.models import Event
from registry.contract import TenantRef
from search import mapping, services
from search.indexing import reconciling
from search.models import Projection
from tests.factories import mischief
from tests.factories.documents import document
from tests.factories.indices import SearchIndex
from tests.factories.sites import open_sites
from tests.plugins.chaos import Engine, Relay

pytestmark = [pytest.mark.long, pytest.mark.elasticsearch, pytest.mark.usefixtures("database")]
PAGES, CHANGES, KILLS = 300, 10_000, 5
AWAY_SECONDS = float(os.environ.get("AWAY_SECONDS", "5"))
LATE_SECONDS = float(os.environ.get("LATE_SECONDS", "0"))


@pytest.fixture
def trouble(own_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[mischief.Mischief]:
    """A proxy that misbehaves between everybody and this test's own engine."""
    made = mischief.Mischief(settings.ELASTICSEARCH_URL, random.Random(20261125))  # noqa: S311 - a repeatable mix
    server = mischief.start(made)
    address = f"http://127.0.0.1:{server.server_address[1]}"
    monkeypatch.setattr(settings, "ELASTICSEARCH_URL", address)
    monkeypatch.setenv("ELASTICSEARCH_URL", address)
    yield made
    server.shutdown()


def change(dice: random.Random, site: TenantRef) -> None:
    """Publish, change, withdraw or publish again some pages, in one transaction."""
    with transaction.atomic():
        for page in dice.sample(range(PAGES), 5):
            if dice.random() < 0.35:
                services.withdraw(site, page_id=page)
            else:
                services.publish(document(site, page, title=f"第{page}号办法（{dice.randrange(10)}）", body=f"第一条 {dice.randrange(10)}"))


def wait_until_carried_out(seconds: float) -> None:
    limit = time.monotonic() + seconds
    while Event.objects.exists() and time.monotonic() < limit:
        time.sleep(0.2)
    assert list(Event.objects.values_list("key", "attempts", "error")[:5]) == []


def equals_database() -> bool:
    index = SearchIndex()
    index.refresh()
    return index.documents() == {row.pk: (row.revision, row.state) for row in Projection.objects.all()}


def test_ten_thousand_changes_end_with_index_equal_to_database(own_engine: Engine, trouble: mischief.Mischief) -> None:
    call_command("search", "rebuild", verbosity=0)
    (site,) = open_sites("xiaodian")
    dice, relay = random.Random(1), Relay()  # noqa: S311 - a repeatable mix
    rounds = CHANGES // 5
    try:
        for number in range(rounds):
            change(dice, site)
            if number % (rounds // KILLS) == 150:
                relay.kill_and_restart()
            if number == rounds // 2:
                own_engine.kill()
            if number == rounds * 3 // 5:
                time.sleep(AWAY_SECONDS)
                assert Event.objects.count() > 1000
                own_engine.start()
        trouble.is_on = False
        outbox.retry(parked=False)
        wait_until_carried_out(120)
    finally:
        relay.stop()
    forgetful = {"index.gc_deletes": "1s"}  # what was deleted is forgotten sooner than in a minute and a half
    SearchIndex().client.indices.put_settings(index=mapping.write_alias(), settings=forgetful)

    assert equals_database()
    withdrawn = Projection.objects.exclude(state="live").count()
    assert withdrawn > PAGES // 10
    assert set(trouble.did) == set(mischief.DECK)
    time.sleep(LATE_SECONDS)
    assert trouble.replay() > KILLS
    assert equals_database()
    assert Projection.objects.exclude(state="live").count() == withdrawn
    assert reconciling.reconcile(now=timezone.now(), is_dry_run=True, is_thorough=True).differences == ()
