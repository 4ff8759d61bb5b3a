"""A backup or a restore is killed, or the disk fills up: nothing is lost, nothing half stays, and the next run mends it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pyrage  # type: ignore[import-untyped] # none published
import pytest
from django.db import connection

from provisioning import backups, cloning, restoring
from provisioning.backups import files
from provisioning.backups.contract import Key, SpaceError
from provisioning.models import Backup
from registry.contract import TenantRef
from registry.schemas import in_schema_of
from tenants.pages.models import DocumentPage
from tests.factories.backups import back_up, fill, own_media
from tests.factories.hashing import hashes
from tests.factories.sites import open_sites
from tests.factories.tables import wait_until_alone

pytestmark = [
    pytest.mark.long,
    pytest.mark.usefixtures("database"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),  # Wagtail leaves a picture's temporary file open
]
ROOT = Path(__file__).resolve().parents[2]
STEPS = ("reserve", "load", "swap", "media", "people", "domains", "search", "live")
START = """
import os, resource, signal, sys
import django
django.setup()
from datetime import datetime, UTC
from pathlib import Path
from django.conf import settings
from provisioning import backups, restoring
from provisioning.backups.contract import Key, Protection
from registry.selectors import tenant_by_slug
settings.BACKUP_DIR = sys.argv[1]
"""
RESTORE = """
def die(report):
    if report.name == sys.argv[3]:
        os.kill(os.getpid(), signal.SIGKILL)
restoring.restore_site(Path(sys.argv[2]), key=Key(), on_step=die)
"""
RESTORE_DYING_WITHIN = """
from provisioning.backups import tables
rename = tables.rename
def die(schema, to):
    rename(schema, to)
    os.kill(os.getpid(), signal.SIGKILL)
tables.rename = die
restoring.restore_site(Path(sys.argv[2]), key=Key())
"""
CREATE = """
def die(what):
    if what == sys.argv[2]:
        os.kill(os.getpid(), signal.SIGKILL)
backups.create_backup(tenant_by_slug("xiaodian"), folder=Path(sys.argv[1]), now=datetime.now(UTC), by="tests", on_progress=die)
"""
FULL = """
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # the write then fails with EFBIG, as on a full disk with ENOSPC
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
protection = Protection(recipients=sys.argv[3:])
backups.create_backup(tenant_by_slug("xiaodian"), folder=Path(sys.argv[1]), now=datetime.now(UTC), by="tests", protection=protection)
"""


@pytest.fixture(autouse=True)
def _own_folders(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    folder = tmp_path_factory.mktemp("var")
    monkeypatch.setenv("VAR_DIR", str(folder))  # for the processes
    with own_media(folder):
        yield


def run(script: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings.test"}
    command = [sys.executable, "-c", START + script, *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False)


def titles(site: TenantRef) -> list[str]:
    with in_schema_of(site):
        return sorted(DocumentPage.objects.values_list("title", flat=True))


def wait_for_locks() -> None:
    """Wait until the server has noticed that the killed process is gone."""
    for _ in range(50):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid()")
            if cursor.fetchone()[0] == 0:
                return
        time.sleep(0.1)


def lying(site: TenantRef) -> list[str]:
    folder = files.folder_of(site.schema_name)
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_restore_killed_after_any_step_is_finished_by_the_next(tmp_path: Path) -> None:
    """One restore, killed once inside the swap and once after every step, each time begun again."""
    portal, site = open_sites("taiyuan", "xiaodian")
    fill(portal, texts=1)
    fill(site)
    made = back_up("xiaodian", tmp_path)
    before, lay = titles(site), lying(site)
    with in_schema_of(site):
        DocumentPage.objects.get(slug="t1").delete()
    spoiled, others = titles(site), hashes(schemas="^s_taiyuan$")

    within = run(RESTORE_DYING_WITHIN, tmp_path, made.path)
    wait_until_alone()
    assert (within.returncode, titles(site)) == (-signal.SIGKILL, spoiled)  # half a swap is none
    for step in STEPS:
        wait_for_locks()
        killed = run(RESTORE, tmp_path, made.path, step)
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        wait_until_alone()
        assert titles(site) == (spoiled if step in ("reserve", "load") else before)
    wait_for_locks()
    last = restoring.restore_site(made.path, key=Key())

    assert last.ran == ()
    assert titles(site) == before
    assert lying(site) == lay
    assert hashes(schemas="^s_taiyuan$") == others
    assert restoring.confirm_restore("xiaodian")
    assert not cloning.has_schema("aside_xiaodian")
    assert not files.folder_of("aside_xiaodian").exists()


def test_a_backup_killed_half_way_leaves_no_archive_and_the_next_is_whole(tmp_path: Path) -> None:
    (site,) = open_sites("xiaodian")
    fill(site)
    back_up("xiaodian", tmp_path / "earlier")  # its readers' visits cut the pictures
    Backup.objects.all().delete()
    untouched, lay = hashes(schemas="^s_"), lying(site)

    killed = run(CREATE, tmp_path, "wagtailcore_page")

    assert killed.returncode == -signal.SIGKILL, killed.stderr
    (left,) = tmp_path.glob(".xiaodian-*.partial")
    assert sorted(tmp_path.iterdir()) == [left, tmp_path / "earlier"]
    assert Backup.objects.count() == 0
    assert (hashes(schemas="^s_"), lying(site)) == (untouched, lay)
    wait_for_locks()
    made = back_up("xiaodian", tmp_path)
    assert sorted(tmp_path.iterdir()) == [tmp_path / "earlier", made.path]
    assert list(files.folder_of("x").parent.glob(".held-s_xiaodian")) == []
    assert backups.verify_backup(made.path, key=Key(), folder=tmp_path).problems == []


@pytest.mark.parametrize("is_encrypted", [False, True])
def test_a_full_disk_leaves_no_half_archive_and_says_how_much_is_needed(tmp_path: Path, *, is_encrypted: bool) -> None:
    (site,) = open_sites("xiaodian")
    fill(site)
    earlier = back_up("xiaodian", tmp_path)
    recipients = [str(pyrage.x25519.Identity.generate().to_public())] if is_encrypted else []

    refused = run(FULL, tmp_path, 20_000, *recipients)

    assert refused.returncode == 1
    last = refused.stderr.strip().splitlines()[-1]
    assert "SpaceError" in last
    assert "became full (File too large); nothing half was left. At most" in last
    assert "MiB are needed" in last
    assert list(tmp_path.iterdir()) == [earlier.path]
    assert Backup.objects.count() == 1
    assert backups.verify_backup(earlier.path, key=Key(), folder=tmp_path).problems == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of two megabytes; only root can make one."""
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(["/usr/bin/env", "mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", place], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("this user cannot mount a small file system; the test with a limit on file sizes shows the same")
    yield place
    subprocess.run(["/usr/bin/env", "umount", place], check=True)


def test_a_disk_with_no_space_left_is_refused_before_and_survived_within(
    small_disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (site,) = open_sites("xiaodian")
    fill(site)

    with pytest.raises(SpaceError, match=r"has 2\.0 MiB free"):
        back_up("xiaodian", small_disk)
    monkeypatch.setattr("provisioning.backups.space.check", lambda _folder, _needed: None)  # somebody else fills the disk meanwhile
    (small_disk / "filler").write_bytes(b"x" * ((2 << 20) - 8_192))
    with pytest.raises(SpaceError, match="became full"):
        back_up("xiaodian", small_disk)

    assert [path.name for path in small_disk.iterdir()] == ["filler"]
    assert Backup.objects.count() == 0
    assert back_up("xiaodian", tmp_path / "roomy").path.is_file()
