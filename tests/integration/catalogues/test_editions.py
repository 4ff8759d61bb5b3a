"""Editions of catalogues: a new one is taken in without a release, the narrowest place wins, nothing is rewritten."""

import datetime as dt
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from catalogues import selectors, services
from catalogues.contract import ENTRY_LABELS, Announcement, Item, Kind, Level
from catalogues.models import Edition, Entry
from observability.models import AuditEntry
from rules.contract import Place, Scope

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 11, 25)
XIAODIAN = Place.of(region_code="140105", tenant="xiaodian")
ITEM = Item("01", "就业", "招聘信息", levels=(Level.COUNTY,))


def announced(**changes: Any) -> Announcement:
    day = dt.date(2026, 1, 1)
    facts: dict[str, Any] = {
        "kind": Kind.STANDARD,
        "title": "太原市基层政务公开标准目录（样例）",
        "source": "样例",
        "published_on": day,
        "valid_from": day,
    }
    return Announcement(**facts | changes)


def imported(file: Path, *more: str) -> dict[str, Any]:
    out = io.StringIO()
    options = ["--title", "样例目录", "--source", "样例", "--published", "2026-01-01", "--from", "2026-02-01", "--json", *more]
    code = 0
    try:
        call_command("catalogue", "import", "standard", str(file), *options, stdout=out, stderr=io.StringIO())
    except CommandError as error:
        code = error.returncode
    said: dict[str, Any] = json.loads(out.getvalue())
    return said | {"code": code}


def test_a_city_s_own_edition_counts_there_from_its_first_day_and_nowhere_else() -> None:
    services.add_edition(announced(scope=Scope.CITY, scope_code="140100", valid_from=TODAY), [ITEM], by="tests")
    selectors.forget_editions()

    def title(place: Place, day: dt.date) -> str:
        found = selectors.edition(Kind.STANDARD, on=day, place=place)
        return found.title if found else ""

    assert title(XIAODIAN, TODAY) == "太原市基层政务公开标准目录（样例）"
    assert title(XIAODIAN, TODAY - dt.timedelta(days=1)).startswith("基层政务公开标准目录（26个领域")
    assert title(Place.of(region_code="140205"), TODAY).startswith("基层政务公开标准目录（26个领域")
    assert title(Place(), dt.date(2019, 1, 1)) == ""


def test_a_changed_catalogue_is_a_further_edition_and_the_same_one_none() -> None:
    first = services.add_edition(announced(), [ITEM], by="tests")
    again = services.add_edition(announced(), [ITEM], by="tests")
    changed = services.add_edition(announced(), [ITEM, Item("02", "就业", "培训", levels=(Level.TOWNSHIP,))], by="tests")

    assert first
    assert again is None
    assert changed
    assert (first.number, changed.number) == (2, 3)
    assert [entry.code for entry in Entry.objects.filter(edition=first)] == ["01"]
    assert AuditEntry.objects.filter(action="catalogue.import").count() == 2


def test_the_command_keeps_the_good_lines_and_ends_partly_done(tmp_path: Path) -> None:
    """S11: exit code 3 and a line for each mistake; a dry run and a second run change nothing."""
    file = tmp_path / "standard.csv"
    file.write_text(
        f"{','.join(ENTRY_LABELS.values())}\n01,就业,,招聘信息,,,,,,,,县级,,\n02,就业,,培训,,,,,,,,村级,,\n", encoding="utf-8-sig"
    )

    dry = imported(file, "--dry-run")
    before = Edition.objects.count()
    done = imported(file, "--yes")
    again = imported(file, "--yes")

    problem = {"line": 3, "field": "公开层级", "mend": "'村级' is none of 市级、县级、乡级."}
    assert (dry["code"], dry["number"], before) == (3, None, 2)
    assert (done["code"], done["number"], done["entries"], done["problems"]) == (3, 2, 1, [problem])
    assert again["number"] is None
    assert Edition.objects.count() == 3


def test_a_file_of_which_nothing_can_be_kept_fails_and_changes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "bad.csv"
    file.write_text(f"{','.join(ENTRY_LABELS.values())}\n,,,,,,,,,,,,,x\n", encoding="utf-8")

    with pytest.raises(CommandError, match="No line of the file can be kept"):
        call_command(
            "catalogue",
            "import",
            "standard",
            str(file),
            "--title",
            "t",
            "--source",
            "s",
            "--published",
            "2026-01-01",
            "--from",
            "2026-01-01",
            "--yes",
            stderr=io.StringIO(),
        )

    assert Edition.objects.count() == 2


def test_an_export_is_an_import(tmp_path: Path) -> None:
    file = tmp_path / "statutory.csv"
    call_command("catalogue", "export", "statutory", str(file), stdout=io.StringIO())

    out = io.StringIO()
    options = [
        "--title",
        "法定主动公开内容（复本）",
        "--source",
        "样例",
        "--published",
        "2026-01-01",
        "--from",
        "2026-01-01",
        "--yes",
        "--json",
    ]
    call_command("catalogue", "import", "statutory", str(file), *options, stdout=out)

    first, copy = Edition.objects.filter(kind="statutory").order_by("number")
    assert json.loads(out.getvalue())["entries"] == 30
    assert [row.item for row in copy.entries.order_by("position")] == [row.item for row in first.entries.order_by("position")]


def test_the_database_refuses_what_no_edition_can_be() -> None:
    facts = {"kind": "standard", "title": "t", "published_on": TODAY, "valid_from": TODAY}

    for wrong in ({"source": ""}, {"source": "s", "kind": "other"}, {"source": "s", "scope": "city"}, {"source": "s", "scope_code": "x"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Edition.objects.create(number=9, **facts | wrong)


FIELD_HEAD = "公开事项一级,公开事项二级,公开内容,公开依据,公开时限,公开主体,公开渠道和载体,全社会,特定群众,主动,依申请公开,县级,乡级\n"
JOBS = "就业服务,招聘信息,要素,依据,及时,人社局,网站,√,,√,,√,√\n"


def filled(file: Path, field: str, *more: str) -> tuple[int, Any, str]:
    out, err = io.StringIO(), io.StringIO()
    options = ["--title", "就业领域目录", "--source", "样例", "--published", "2026-01-01", "--from", "2026-02-01", "--json", "--yes", *more]
    code = 0
    try:
        call_command("catalogue", "fill", field, str(file), *options, stdout=out, stderr=err)
    except CommandError as error:
        code = error.returncode
        err.write(str(error))
    return code, json.loads(out.getvalue()) if out.getvalue() else None, err.getvalue()


def test_one_field_is_filled_from_its_table_as_a_further_edition_and_the_others_stay(tmp_path: Path) -> None:
    """S11: a field's official rows come by import; townships get what is ticked 乡级, and the rest of the catalogue does not change."""
    file = tmp_path / "jobs.csv"
    file.write_text(f"{FIELD_HEAD}{JOBS},技能培训,要素,依据,及时,人社局,网站,√,,√,,√,\n,坏行,,,,,,√,,√,,√,\n", encoding="utf-8-sig")
    before = selectors.items(selectors.edition(Kind.STANDARD, on=TODAY, place=XIAODIAN))

    dry = filled(file, "就业", "--dry-run")
    count = Edition.objects.count()
    code, said, told = filled(file, "就业领域", "--scope", "city", "--code", "140100")
    selectors.forget_editions()
    again = filled(file, "就业", "--scope", "city", "--code", "140100")
    here = selectors.edition(Kind.STANDARD, on=TODAY, place=XIAODIAN)
    there = selectors.edition(Kind.STANDARD, on=TODAY, place=Place.of(region_code="140205"))

    field = next(item for item in before if item.title == "就业")
    own = [item for item in selectors.items(here) if item.field == "就业"]
    assert (dry[0], dry[1]["number"], count) == (3, None, 2)
    assert (code, said["number"], len(said["problems"])) == (3, 2, 5)
    assert "line 4, 公开内容（要素）: write it; it may not be empty." in told
    assert said["added"] == [{"code": f"{field.code}-01", "title": "招聘信息"}, {"code": f"{field.code}-02", "title": "技能培训"}]
    assert (said["removed"], said["changed"]) == ([{"code": field.code, "title": "就业"}], [])
    assert [(item.title, item.group) for item in own] == [("招聘信息", "就业服务"), ("技能培训", "就业服务")]
    assert [item.title for item in selectors.items(here, level=Level.TOWNSHIP) if item.field == "就业"] == ["招聘信息"]
    assert [item for item in selectors.items(here) if item.field != "就业"] == [item for item in before if item.field != "就业"]
    assert selectors.items(there) == before
    assert (again[0], again[1]["number"], Edition.objects.count()) == (3, None, 3)


def test_what_an_edition_changed_can_be_looked_up_later(tmp_path: Path) -> None:
    file = tmp_path / "jobs.csv"
    file.write_text(FIELD_HEAD + JOBS, encoding="utf-8")
    filled(file, "21")
    selectors.forget_editions()
    file.write_text(FIELD_HEAD + JOBS.replace("及时", "实时").replace("√,√", "√,"), encoding="utf-8")
    number = filled(file, "21")[1]["number"]
    out = io.StringIO()

    call_command("catalogue", "compare", "standard", str(number), "--json", stdout=out)
    with pytest.raises(CommandError, match="There is no edition of that number"):
        call_command("catalogue", "compare", "standard", "99", stdout=io.StringIO())

    said = json.loads(out.getvalue())
    fields = [{"field": "公开时限", "before": "及时", "after": "实时"}, {"field": "公开层级", "before": "县级；乡级", "after": "县级"}]
    assert (said["edition"], said["with"], said["added"], said["removed"]) == (3, 2, [], [])
    assert [(row["title"], row["fields"]) for row in said["changed"]] == [("招聘信息", fields)]


@pytest.mark.parametrize(
    ("field", "text", "message"), [("民政", FIELD_HEAD + JOBS, "has no field '民政'"), ("就业", "a,b\n", "No line names 公开事项")]
)
def test_a_field_that_is_none_and_a_file_that_is_none_change_nothing(tmp_path: Path, field: str, text: str, message: str) -> None:
    file = tmp_path / "jobs.csv"
    file.write_text(text, encoding="utf-8")

    code, _, told = filled(file, field)

    assert code == 2
    assert message in told
    assert Edition.objects.count() == 2
