"""The engine's disk is full, or it answers too late: readers get an answer in two seconds, are told, and nothing is lost."""

import itertools
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client

from observability.terminal import CommandFailure
from outbox.models import Event
from search import selectors
from search.models import Projection
from tests.factories.documents import document, publish
from tests.factories.indices import SearchIndex
from tests.factories.sites import open_sites
from tests.plugins.chaos import Engine

pytestmark = [pytest.mark.long, pytest.mark.elasticsearch, pytest.mark.usefixtures("database")]
DISK = 24  # megabytes
NOTICE = "搜索服务正在恢复"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of DISK megabytes; only root can make one."""
    if os.geteuid() != 0:
        pytest.skip("needs root, to mount a small file system")
    folder = tmp_path / "engine" / "data"
    folder.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK}m", "tmpfs", str(folder)], check=True)  # noqa: S607 - mount is on the path
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)  # noqa: S607 - as above


@pytest.fixture
def full_engine(small_disk: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """An engine of this test's own on the small disk."""
    node = Engine(small_disk.parent)
    monkeypatch.setattr(settings, "ELASTICSEARCH_URL", node.start())
    yield node
    node.stop()


def fill_up(path: Path) -> None:
    """Take all that is left of a file system."""
    with path.open("wb", buffering=0) as stream, pytest.raises(OSError, match="No space left"):
        stream.writelines(itertools.repeat(b"x" * 4096))


def ask(text: str) -> tuple[int, bool, float]:
    """Return status, whether the page says that the search is reduced, and the seconds it took."""
    began = time.monotonic()
    response = Client(headers={"host": "xiaodian.localhost"}).get("/search/", {"q": text})
    return response.status_code, NOTICE in response.content.decode(), time.monotonic() - began


def test_a_full_disk_loses_nothing_and_readers_get_answers(full_engine: Engine, small_disk: Path) -> None:
    call_command("search", "rebuild", verbosity=0)
    (site,) = open_sites("xiaodian")
    filler = small_disk / "filler"
    publish(*(document(site, number, title=f"水库办法之{number}") for number in range(20)))
    call_command("relay", "run", "--once", verbosity=0)
    fill_up(filler)
    publish(*(document(site, number, title=f"水库细则之{number}", body=os.urandom(40_000).hex()) for number in range(100, 160)))

    with pytest.raises(CommandFailure, match="The events stay"):
        call_command("relay", "run", "--once", verbosity=0)
    assert Event.objects.parked().count() == 0
    assert Event.objects.count() >= 60
    status, _, seconds = ask("水库办法")
    assert (status, seconds < 2) == (200, True)

    filler.unlink()
    subprocess.run(["mount", "-o", "remount,size=300m", str(small_disk)], check=True)  # noqa: S607 - as above
    full_engine.stop()
    full_engine.start()
    call_command("relay", "run", "--once", verbosity=0)
    index = SearchIndex()
    index.refresh()
    assert index.documents() == {row.pk: (row.revision, row.state) for row in Projection.objects.all()}
    selectors.breaker.close()
    assert ask("水库细则")[:2] == (200, False)
