"""Power lists at the command line: the editor's import, with a report by line and exit codes."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from observability.terminal import ExitCode
from registry.contract import TenantRef
from registry.schemas import in_schema_of
from tenants.organs.importing import draft_of
from tenants.organs.models import PowerListPage
from tests.conftest import empty_database
from tests.factories.organs import clear_texts, item, organ, power_list
from tests.factories.sites import copied_sites

HEAD = "事项编码,权力类型,事项名称,设定依据,实施主体"
GOOD, BAD = "CF-002,行政处罚,违规办学处罚,教育法,区教育局", "CF-003,行政处理,某处罚,,"


@pytest.fixture(scope="module")
def opened(module_database: None) -> TenantRef:
    empty_database()
    (tenant,) = copied_sites("xiaodian")
    return tenant


@pytest.fixture
def site(opened: TenantRef) -> Iterator[TenantRef]:
    with in_schema_of(opened):
        power_list(organ("区教育局", slug="jyj"), item())
    yield opened
    with in_schema_of(opened), transaction.atomic():
        clear_texts()


def run(verb: str, *options: str) -> tuple[int, Any, str]:
    out, err = io.StringIO(), io.StringIO()
    code = 0
    try:
        call_command("power", verb, *options, "--site", "xiaodian", "--json", stdout=out, stderr=err)
    except CommandError as error:
        code = error.returncode
        err.write(str(error))
    return code, json.loads(out.getvalue()) if out.getvalue() else None, err.getvalue()


def sheet(folder: Path, *lines: str) -> str:
    file = folder / "list.csv"
    file.write_text("\n".join([HEAD, *lines]), encoding="utf-8-sig")
    return str(file)


def codes(site: TenantRef) -> tuple[list[str], list[str], int]:
    """Return the codes in the draft, those that are published, and how many revisions there are."""
    with in_schema_of(site):
        page = PowerListPage.objects.get()
        live = list(page.items.order_by("sort_order").values_list("code", flat=True))
        return [each.code for each in draft_of(page).items.all()], live, page.revisions.count()


def test_good_lines_go_into_the_draft_bad_ones_are_told_and_a_second_run_changes_nothing(site: TenantRef, tmp_path: Path) -> None:
    """S10: exit code 3, line, column and mend; readers see nothing before it is published."""
    file = sheet(tmp_path, GOOD, BAD)

    first, second = run("import", file, "--list", "区教育局"), run("import", file, "--list", "/zwgk/jgzn/jyj/qzqd/")

    fault = {"line": 3, "field": "权力类型"}
    assert (first[0], second[0]) == (ExitCode.PARTLY_DONE, ExitCode.PARTLY_DONE)
    assert {name: first[1][name] for name in ("added", "changed", "unchanged", "removed")} == {
        "added": 1,
        "changed": 0,
        "unchanged": 0,
        "removed": 0,
    }
    assert (second[1]["added"], second[1]["unchanged"]) == (0, 1)
    assert [{name: each[name] for name in fault} for each in first[1]["faults"]] == [fault]
    assert first[1]["faults"][0]["mend"].startswith("没有“行政处理”这种权力类型，请改为：行政许可、行政处罚")
    assert codes(site) == (["XK-001", "CF-002"], ["XK-001"], 2)


def test_a_dry_run_says_what_would_happen_and_writes_nothing(site: TenantRef, tmp_path: Path) -> None:
    before = codes(site)

    code, said, _ = run("import", sheet(tmp_path, GOOD), "--list", "区教育局", "--complete", "--dry-run")

    assert (code, said["added"], said["removed"], said["faults"]) == (ExitCode.DONE, 1, 1, [])
    assert codes(site) == before == (["XK-001"], ["XK-001"], 1)


def test_a_complete_file_takes_out_what_it_lacks(site: TenantRef, tmp_path: Path) -> None:
    code, said, _ = run("import", sheet(tmp_path, GOOD), "--list", "区教育局", "--complete")

    assert (code, said["added"], said["removed"]) == (ExitCode.DONE, 1, 1)
    assert codes(site) == (["CF-002"], ["XK-001"], 2)


@pytest.mark.parametrize(
    ("lines", "which", "expected"),
    [
        ((BAD,), "区教育局", (ExitCode.FAILED, "line 2, 权力类型")),
        ((GOOD,), "区水务局", (ExitCode.WRONG_USAGE, "/zwgk/jgzn/jyj/qzqd/ (区教育局)")),
        (("\x00",), "区教育局", (ExitCode.DONE, "")),
    ],
)
def test_what_cannot_be_taken_ends_with_its_own_exit_code(
    site: TenantRef, tmp_path: Path, lines: tuple[str, ...], which: str, expected: tuple[int, str]
) -> None:
    code, message = expected

    found, _, said = run("import", sheet(tmp_path, *lines), "--list", which)

    assert found == code
    assert message in said
    assert codes(site) == (["XK-001"], ["XK-001"], 1)


def test_a_locked_list_and_a_file_that_is_none_are_refused(site: TenantRef, tmp_path: Path) -> None:
    file = sheet(tmp_path, GOOD)
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(b"PK broken")
    with in_schema_of(site):
        PowerListPage.objects.update(locked=True)
    locked = run("import", file, "--list", "区教育局")
    with in_schema_of(site):
        PowerListPage.objects.update(locked=False)

    unreadable = run("import", str(broken), "--list", "区教育局")
    absent = run("import", str(tmp_path / "none.csv"), "--list", "区教育局")

    assert (locked[0], unreadable[0], absent[0]) == (ExitCode.FAILED, ExitCode.WRONG_USAGE, ExitCode.WRONG_USAGE)
    assert "is locked. Unlock it in the editor" in locked[2]
    assert "工作簿无法打开" in unreadable[2]
    assert codes(site) == (["XK-001"], ["XK-001"], 1)


def test_what_is_exported_comes_in_again_unchanged(site: TenantRef, tmp_path: Path) -> None:
    file = tmp_path / "list.xlsx"

    listed = run("list")
    written = run("export", str(file), "--list", "区教育局")
    again = run("import", str(file), "--list", "区教育局", "--complete")

    assert [(row["organ"], row["path"], row["items"], row["is_live"]) for row in listed[1]] == [
        ("区教育局", "/zwgk/jgzn/jyj/qzqd/", 1, True)
    ]
    assert (written[0], written[1]["items"]) == (ExitCode.DONE, 1)
    assert [cell.value for cell in openpyxl.load_workbook(file).worksheets[0][2]][:3] == ["XK-001", "行政许可", "民办学校设立许可"]
    assert (again[0], again[1]["unchanged"], again[1]["faults"]) == (ExitCode.DONE, 1, [])
    assert codes(site) == (["XK-001"], ["XK-001"], 1)
