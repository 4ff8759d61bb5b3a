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
from catalogues.contract import Announcement, Item, Kind, Level
from catalogues.importing import COLUMNS
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
    file.write_text(f"{','.join(COLUMNS.values())}\n01,就业,,招聘信息,,,,,,,,县级,,\n02,就业,,培训,,,,,,,,村级,,\n", encoding="utf-8-sig")

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
    file.write_text(f"{','.join(COLUMNS.values())}\n,,,,,,,,,,,,,x\n", encoding="utf-8")

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
