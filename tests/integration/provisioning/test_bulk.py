"""Opening sites from a table: checked as a whole, opened by several processes, what failed is told and gone on with."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from observability.terminal import CommandFailure, ExitCode
from provisioning import cloning, services
from provisioning.bulk import opening as bulk
from provisioning.bulk.tables import Row
from provisioning.models import Operation
from registry.models import City, Domain, Region, Tenant
from registry.schemas import in_schema_of
from registry.selectors import directory, forget_directory
from tenants.pages.models import ColumnPage
from tests.factories.people import person
from tests.factories.sites import TAIYUAN, open_sites, site_spec
from tests.factories.tables import execute, rows, wait_until_alone
from tests.factories.texts import DATA, lines

pytestmark = [pytest.mark.long, pytest.mark.usefixtures("database")]
ROOT = Path(__file__).resolve().parents[3]
NO_PAPERS = ("--override-officer", "示例", "--override-reason", "测试用站点，没有真实备案")
HEAD = "slug,name,short_name,kind,city,region,domain,administrator\n"
FOUR = (
    "taiyuan,太原市人民政府,太原市,city,taiyuan,140100,,\n"
    "xiaodian,太原市小店区人民政府,小店区,county,taiyuan,140105,www.xd.example.cn,\n"
    "yingze,太原市迎泽区人民政府,迎泽区,county,taiyuan,140106,,\n"
    "jyj,太原市教育局,市教育局,department,taiyuan,140100,,\n"
)


def table(folder: Path, text: str) -> str:
    file = folder / "sites.csv"
    file.write_text(HEAD + text, encoding="utf-8")
    return str(file)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    call_command("city", "open", *arguments, *NO_PAPERS, "--json")
    return json.loads(capsys.readouterr().out)


def test_a_table_is_opened_by_several_processes_and_a_second_run_does_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = table(tmp_path, FOUR)

    planned = run(capsys, file, "--dry-run")
    nothing = (City.objects.count(), Tenant.objects.count(), Operation.objects.count())
    first, second = run(capsys, file, "--workers", "2"), run(capsys, file)

    assert nothing == (0, 0, 0)
    assert [row["slug"] for row in planned] == first["opened"] == ["taiyuan", "xiaodian", "yingze", "jyj"]
    assert (first["failed"], first["unchanged"]) == ({}, 0)
    assert (second["opened"], second["unchanged"], second["failed"]) == ([], 4, {})
    forget_directory()
    assert {ref.slug: (ref.theme, ref.primary_domain) for ref in directory().of_city("taiyuan") if ref.is_live} == {
        "taiyuan": ("vermilion", "taiyuan.localhost"),
        "xiaodian": ("azure", "www.xd.example.cn"),
        "yingze": ("azure", "yingze.localhost"),
        "jyj": ("vermilion", "jyj.localhost"),
    }
    for ref in directory().of_city("taiyuan"):
        with in_schema_of(ref):
            assert ColumnPage.objects.count() == (22 if ref.slug == "jyj" else 23)


def test_each_site_is_opened_over_a_connection_that_has_seen_no_other() -> None:
    """A connection keeps plans for the foreign keys of all sites it opened: the fortieth took PostgreSQL twice as long as the first."""
    services.open_city("taiyuan", region_code=TAIYUAN)
    backends = []

    def on_row(_: bulk.Opened) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            backends.append(cursor.fetchone())

    done = bulk.open_rows([Row(2, site_spec("xiaodian")), Row(3, site_spec("yingze"))], by="system", workers=1, on_row=on_row)

    assert [each.error for each in done] == ["", ""]
    assert len(set(backends)) == 2


def test_every_mistake_is_named_by_line_and_nothing_is_opened(tmp_path: Path) -> None:
    open_sites("yangqu")
    before = Operation.objects.count()
    file = table(
        tmp_path,
        "x!,太原市小店区人民政府,小店区,county,taiyuan,140105,,\n"
        "yingze,太原市迎泽区人民政府,迎泽区,county,taiyuan,999999,,\n"
        "qingxu,太原市清徐县人民政府,清徐县,county,datong,140121,,\n"
        "a1,太原市甲局,甲局,department,taiyuan,140100,yangqu.localhost,\n"
        "b1,太原市乙局,乙局,department,taiyuan,140100,,nobody\n"
        "b1,太原市丙局,丙局,department,taiyuan,140100,,\n",
    )

    with pytest.raises(CommandFailure) as caught:
        call_command("city", "open", file, *NO_PAPERS)

    assert caught.value.returncode == ExitCode.WRONG_USAGE
    told = str(caught.value).splitlines()
    assert [line.removeprefix(file).split(": ", 1)[0] for line in told[:-1]] == [":2", ":3", ":4", ":5", ":6", ":7"]
    reasons = ["'x!' is no slug", "no region '999999'", "no city 'datong'", "belongs to", "no person 'nobody'", "line 6 already", "6 rows"]
    assert [reason in line for reason, line in zip(reasons, told, strict=True)] == [True] * 7
    assert Tenant.objects.count() == 1
    assert Operation.objects.count() == before


def test_what_fails_is_told_written_down_and_gone_on_with(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, failed = table(tmp_path, FOUR), tmp_path / "failed.csv"
    execute('CREATE SCHEMA "s_yingze"')  # somebody's own, without our tables

    with pytest.raises(CommandFailure) as caught:
        call_command("city", "open", file, "--failed", str(failed), *NO_PAPERS, "--json")
    document = json.loads(capsys.readouterr().out)
    execute('DROP SCHEMA "s_yingze"')
    undone = "SELECT id FROM public.provisioning_operation WHERE subject = 'yingze'"
    execute(f"DELETE FROM public.provisioning_step WHERE name = 'schema' AND operation_id IN ({undone})")  # noqa: S608 - no values
    again = run(capsys, str(failed))
    whole = run(capsys, file)

    assert caught.value.returncode == ExitCode.PARTLY_DONE
    assert (document["opened"], list(document["failed"])) == (["taiyuan", "xiaodian", "jyj"], ["yingze"])
    assert "line 4: yingze: step 'pages' failed" in document["failed"]["yingze"]
    assert len(failed.read_text(encoding="utf-8-sig").splitlines()) == 2
    assert (again["opened"], again["failed"]) == (["yingze"], {})
    assert (whole["opened"], whole["unchanged"]) == ([], 4)


def test_a_killed_run_leaves_no_process_behind_and_the_next_does_what_is_left(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cloning.ensure_template()
    source = tmp_path / "china.csv"
    source.write_text("".join(lines(DATA / "divisions-china-counties.csv.gz")), encoding="utf-8")
    arguments = ["city", "open", str(source), "--city-code", "1401", "--city", "taiyuan", "--portals"]
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings.test", "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, "manage.py", *arguments, *NO_PAPERS],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 60
    while not Tenant.objects.filter(state="live").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    wait_until_alone()
    live = Tenant.objects.filter(state="live").count()

    document = run(capsys, *arguments[2:])

    wait_until_alone()
    assert 0 < live < 11
    assert len(document["opened"]) + live == 11
    assert document["unchanged"] == live
    assert Tenant.objects.filter(state="live").count() == 11
    assert not Operation.objects.exclude(state="done").exists()
    assert Region.objects.get(pk="140105").parent_id == "140100"
    assert Domain.objects.filter(is_primary=True, purpose="public").count() == 11


def test_an_administrator_for_all_rows_is_let_in_everywhere(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    person("zhangsan")
    file = table(tmp_path, "".join(FOUR.splitlines(keepends=True)[:2]))

    run(capsys, file, "--administrator", "zhangsan", "--workers", "1")

    assert sorted(rows("SELECT t.slug FROM memberships_membership m JOIN registry_tenant t ON t.id = m.tenant_id")) == [
        ("taiyuan",),
        ("xiaodian",),
    ]
