"""Code that is ahead of a site's tables: what readers get, what the watchers say, what the command prints."""

import json
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from observability import health
from observability.doctor import Finding
from observability.terminal import CommandFailure, ExitCode
from provisioning import checks
from provisioning.models import FleetRun
from registry.contract import TenantRef
from tests.factories.releases import ADD_FIELD, Release
from tests.factories.tables import columns, execute


@pytest.fixture(autouse=True)
def _fresh_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "_behind_known", None)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    call_command("fleet", *arguments, "--json", verbosity=0)
    return json.loads(capsys.readouterr().out)


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, Any]:
    with pytest.raises(CommandFailure) as caught:
        call_command("fleet", *arguments, "--json", verbosity=0)
    said = capsys.readouterr().out
    return caught.value.returncode, str(caught.value), json.loads(said) if said else None


def test_a_site_that_lacks_a_column_says_that_it_is_being_upgraded_and_its_neighbour_serves(city: list[TenantRef]) -> None:
    execute("ALTER TABLE s_xiaodian.wagtailcore_page DROP COLUMN search_description")

    answer = Client().get("/", headers={"host": "xiaodian.localhost"})
    neighbour = Client().get("/", headers={"host": "yingze.localhost"})

    assert (answer.status_code, answer["Retry-After"], "本网站正在升级" in answer.text) == (503, "120", True)
    assert "search_description" not in answer.text
    assert neighbour.status_code == 200


def test_watchers_say_that_sites_are_behind(city: list[TenantRef], release: Release) -> None:
    before = (checks.check_fleet(), health.examine({"fleet": health._probes["fleet"]}).readiness)
    release.add("source", ADD_FIELD)
    checks._behind_known = None

    after = (checks.check_fleet(), health.examine({"fleet": health._probes["fleet"]}).readiness)

    assert before == (Finding.ok("every site has the tables of this code"), "ready")
    assert after == (
        Finding.failed(
            "3 of 3 sites are behind the code, first taiyuan",
            "Run `manage.py fleet migrate`: until then pages of these sites answer 503.",
        ),
        "degraded",
    )


def test_the_command_plans_migrates_and_tells(city: list[TenantRef], release: Release, capsys: pytest.CaptureFixture[str]) -> None:
    release.add("source", ADD_FIELD)

    plan = run(capsys, "migrate", "--dry-run")
    behind = refused(capsys, "status")
    assert not FleetRun.objects.exists()
    assert "source" not in columns("s_taiyuan")
    done = run(capsys, "migrate", "--canary", "yingze", "--yes")
    again = run(capsys, "migrate")

    assert (plan["behind"], plan["current"], plan["template"], plan["public"]) == (3, 0, True, ["media.0002_source"])
    assert [(version["sites"], version["migrations"]) for version in plan["versions"]] == [
        (3, [{"name": "media.0002_source", "way": "sql"}])
    ]
    assert behind[0] == ExitCode.FAILED
    assert [row["lacks"] for row in behind[2]] == [["media.0002_source"]] * 3
    assert (done["migrated"], done["by_sql"], done["failed"], done["state"]) == (3, 3, {}, "done")
    assert (again["migrated"], again["unchanged"]) == (0, 3)
    assert [row["drift"] for row in run(capsys, "status")] == [[], [], []]


def test_the_command_tells_apart_refused_failed_and_partly_done(
    city: list[TenantRef], release: Release, capsys: pytest.CaptureFixture[str]
) -> None:
    release.add("gone", "migrations.RemoveField('sitefile', 'title')")
    execute("ALTER TABLE s_yingze.media_sitefile DROP COLUMN title")

    checked = refused(capsys, "check")
    stranger = refused(capsys, "migrate", "--only", "nowhere")
    partly = refused(capsys, "migrate", "--accept", "media.0002_gone", "--continue")
    planted = refused(capsys, "status")

    assert (checked[0], checked[1].splitlines()[0]) == (ExitCode.WRONG_USAGE, "This release would break code that still runs.")
    assert stranger[:2] == (ExitCode.WRONG_USAGE, "There is no site 'nowhere' with tables. `manage.py site list` shows all.")
    assert (partly[0], list(partly[2]["failed"]), partly[2]["migrated"]) == (ExitCode.PARTLY_DONE, ["yingze"], 2)
    assert planted[1] == "1 of 3 sites differ. `--json` says how; `manage.py fleet migrate` brings versions up."
    assert [row["lacks"] for row in planted[2]] == [[], [], ["media.0002_gone"]]
