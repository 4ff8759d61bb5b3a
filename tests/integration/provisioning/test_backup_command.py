"""`backup` at the command line: what it says, its JSON, its exit codes; and what `doctor` says of backups."""

import io
import json
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyrage  # type: ignore[import-untyped] # none published
import pytest
from django.core.management import call_command
from django.utils import timezone

from observability.doctor import Level
from observability.terminal import CommandFailure, ExitCode
from provisioning import checks, cloning, selectors
from provisioning.models import Backup
from registry.models import Tenant
from tests.factories.backups import own_media
from tests.factories.hashing import hashes
from tests.factories.sites import open_sites

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path) -> Iterator[None]:
    with own_media(tmp_path):
        yield


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    call_command("backup", *arguments, "--json")
    return json.loads(capsys.readouterr().out)


def test_a_site_goes_into_a_file_and_comes_back(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (site,) = open_sites("xiaodian")

    planned = run(capsys, "create", "xiaodian", "--dry-run")
    assert (planned[0]["slug"], Backup.objects.count(), (tmp_path / "backups").exists()) == ("xiaodian", 0, False)
    (made,) = run(capsys, "create", "xiaodian", "--yes")["made"]
    verdict = run(capsys, "verify", made["path"])
    (listed,) = run(capsys, "list", "xiaodian")
    untouched = hashes()
    plan = run(capsys, "restore", made["path"], "--dry-run")
    assert (plan["steps"][0], hashes()) == ("reserve", untouched)
    restored = run(capsys, "restore", made["path"], "--yes")
    again = run(capsys, "restore", made["path"], "--yes")
    back_plan = run(capsys, "rollback", "xiaodian", "--dry-run")
    confirm_plan = run(capsys, "confirm", "xiaodian", "--dry-run")
    confirmed, nothing = run(capsys, "confirm", "xiaodian", "--yes"), run(capsys, "confirm", "xiaodian", "--yes")

    assert (verdict["is_good"], verdict["problems"]) == (True, [])
    assert (listed["verified"], listed["file_there"], listed["sha256"]) == ("ok", True, made["sha256"])
    assert (restored["slug"], restored["ran"], again["ran"]) == ("xiaodian", plan["steps"], [])
    assert back_plan["steps"] == plan["steps"][::-1]
    assert (confirm_plan["would_remove"], confirmed["removed"], nothing["removed"]) == (True, True, False)
    assert not cloning.has_schema("kept_xiaodian")
    assert site.is_live


def test_a_city_is_backed_up_with_a_list(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    open_sites("taiyuan", "xiaodian")
    identity = pyrage.x25519.Identity.generate()
    (tmp_path / "key.txt").write_text(str(identity))

    done = run(capsys, "create", "--city", "taiyuan", "--to", str(tmp_path / "elsewhere"), "--encrypt-to", str(identity.to_public()))
    verdict = run(capsys, "verify", done["made"][0]["path"], "--identity", str(tmp_path / "key.txt"))

    listed = json.loads(Path(done["lists"][0]).read_text(encoding="utf-8"))
    assert [(each["slug"], each["sha256"]) for each in listed["sites"]] == [(made["slug"], made["sha256"]) for made in done["made"]]
    assert [made["slug"] for made in done["made"]] == ["taiyuan", "xiaodian"]
    assert (listed["city"], listed["failed"], verdict["is_good"]) == ("taiyuan", {}, True)


def test_a_passphrase_comes_from_standard_input(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    open_sites("xiaodian")

    monkeypatch.setattr(sys, "stdin", io.StringIO("汾河水长流\n"))
    (made,) = run(capsys, "create", "xiaodian", "--passphrase-stdin")["made"]
    with pytest.raises(CommandFailure, match="--passphrase-stdin") as caught:
        call_command("backup", "verify", made["path"])

    assert caught.value.returncode == ExitCode.WRONG_USAGE
    assert made["path"].endswith(".sealed.tar")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("create",), "Name a site, or give --city CITY, or --all."),
        (("create", "xiaodian", "--all"), "Name a site, or give"),
        (("create", "nowhere"), "There is no site 'nowhere'. Sites: xiaodian."),
        (("create", "--city", "nowhere"), "No site belongs to city 'nowhere'. Cities: taiyuan."),
        (("create", "xiaodian", "--encrypt-to", "age1x"), "'age1x' is no age public key"),
        (("verify", "/nonexistent.tar.gz"), "There is no file /nonexistent.tar.gz"),
        (("restore", "/nonexistent.tar.gz", "--yes"), "There is no file /nonexistent.tar.gz"),
        (("restore", "x.tar.gz", "--as", "a", "--into", "b"), "Give --as or --into, not both."),
        (("rollback", "xiaodian", "--yes"), "There is nothing to take back"),
        (("verify", "x", "--identity", "/nonexistent"), "The identity file cannot be read"),
    ],
)
def test_a_wrong_request_ends_with_one_clear_line_and_code_2(arguments: tuple[str, ...], says: str) -> None:
    open_sites("xiaodian")
    untouched = hashes(without=())

    with pytest.raises(CommandFailure) as caught:
        call_command("backup", *arguments)

    assert says in str(caught.value)
    assert caught.value.returncode == ExitCode.WRONG_USAGE
    assert hashes(without=()) == untouched


def test_doctor_warns_of_sites_without_a_young_backup(capsys: pytest.CaptureFixture[str], settings: Any) -> None:
    open_sites("taiyuan", "xiaodian")
    run(capsys, "create", "xiaodian")
    settings.BACKUP_MAX_AGE_HOURS = 26

    lacking = checks.check_backups()
    run(capsys, "create", "taiyuan")
    whole = checks.check_backups()
    Backup.objects.filter(slug="xiaodian").update(taken_at=timezone.now() - timedelta(hours=27))
    Backup.objects.filter(slug="taiyuan").update(verified_at=timezone.now(), is_good=False, problem="pages_documentpage: 1 rows")
    old = checks.check_backups()

    assert (lacking.level, lacking.what) == (Level.WARNING, "no good backup of the last 26 hours: 1 sites (taiyuan)")
    assert whole.level is Level.OK
    assert (old.level, old.what) == (Level.WARNING, "no good backup of the last 26 hours: 2 sites (taiyuan, xiaodian)")
    newest = selectors.newest_backups()
    assert {newest[site.uuid]["verified"] for site in Tenant.objects.filter(slug="taiyuan")} == {"failed: pages_documentpage: 1 rows"}
