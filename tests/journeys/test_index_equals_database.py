"""The relay and Elasticsearch are killed between publishes; afterwards the index holds what the database says, version by version."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped] # none published
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import transaction

from deploy.embedded import elasticsearch as engine
from outbox.models import Event
from registry.schemas import in_schema_of
from search.models import Projection
from tenants.pages.models import DocumentPage
from tests.factories.indices import SearchIndex
from tests.factories.pages import publish_document
from tests.factories.sites import open_sites

pytestmark = [pytest.mark.elasticsearch, pytest.mark.usefixtures("database")]
ROOT = Path(__file__).resolve().parents[2]
TEXTS, CHANGES, KILLS = 12, 90, 6


@pytest.fixture
def own_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """An Elasticsearch of this test's own: it will be killed, and the other tests need theirs."""
    node = Engine(tmp_path / "engine")
    monkeypatch.setattr(settings, "ELASTICSEARCH_URL", node.start())
    monkeypatch.setenv("ELASTICSEARCH_URL", settings.ELASTICSEARCH_URL)
    yield node
    node.stop()


class Engine:
    """Starts, kills and stops a node."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()

    def start(self) -> str:
        return engine.start(self.folder)

    def stop(self) -> None:
        engine.stop(self.folder)

    def kill(self) -> None:
        alive = engine.running(self.folder)
        assert alive is not None
        psutil.Process(alive[0]).kill()


class Relay:
    """A relay as a process of its own."""

    def __init__(self) -> None:
        self.process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        environment = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings.test"}
        command = [sys.executable, "manage.py", "relay", "run"]
        return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def kill_and_restart(self) -> None:
        self.process.kill()
        self.process.wait()
        self.process = self._start()

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(timeout=20) == 0


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
