"""The shipped years, day by day against an independent list; counting; taking in another year."""

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import chinese_calendar
import pytest
from django.core.management import call_command

from calendars.contract import CalendarFileError, UncoveredYearError
from calendars.models import Version
from calendars.selectors import WorkingDays, covered_years
from calendars.services import read_arrangements
from observability.models import AuditEntry
from observability.terminal import CommandFailure, ExitCode

pytestmark = pytest.mark.usefixtures("database")

D = dt.date
HEADER = "date,is_working,name,source,published_on"
NEXT = f"{HEADER}\n2027-01-01,0,元旦,示例通知,2026-11-05\n2027-01-03,1,元旦调休,示例通知,2026-11-05\n"


@pytest.fixture(autouse=True)
def _only_the_shipped_years(database: None) -> Iterator[None]:
    yield
    Version.objects.exclude(year__lte=2026, number=1).delete()


def test_every_day_of_2020_to_2026_is_as_the_independent_list_says() -> None:
    working = WorkingDays()
    days = [D(2020, 1, 1) + dt.timedelta(days=number) for number in range((D(2027, 1, 1) - D(2020, 1, 1)).days)]

    assert [day for day in days if working.is_working(day) != chinese_calendar.is_workday(day)] == []
    assert len(days) == 2557
    assert covered_years() == [2020, 2021, 2022, 2023, 2024, 2025, 2026]


def test_counting_skips_holidays_and_counts_worked_weekends() -> None:
    working = WorkingDays()

    assert working.after(D(2026, 9, 30), 1) == D(2026, 10, 8)
    assert working.after(D(2026, 9, 30), 3) == D(2026, 10, 10)  # a Saturday that is worked
    assert working.between(D(2026, 9, 30), D(2026, 10, 10)) == 3
    assert working.between(D(2026, 10, 1), D(2026, 10, 7)) == 0


def test_a_year_that_was_not_announced_is_an_error_and_no_guess() -> None:
    with pytest.raises(UncoveredYearError, match=r"working days of 2027 are not known.*manage.py calendar import"):
        WorkingDays().after(D(2026, 12, 30), 5)


def test_a_new_year_is_taken_in_once_and_a_correction_is_its_next_version(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "2027.csv"
    file.write_text(NEXT, encoding="utf-8")

    def run(*arguments: str) -> Any:
        call_command("calendar", *arguments, "--json")
        return json.loads(capsys.readouterr().out)

    assert run("import", str(file), "--dry-run") == {"years": [2027]}
    assert Version.objects.filter(year=2027).count() == 0
    assert run("import", str(file))["changed"] == [2027]
    assert run("import", str(file))["changed"] == []
    assert not WorkingDays().is_working(D(2027, 1, 1))
    assert WorkingDays().is_working(D(2027, 1, 3))
    file.write_text(NEXT + "2027-01-04,0,补充放假,示例通知,2026-11-05\n", encoding="utf-8")
    assert run("import", str(file))["changed"] == [2027]
    assert not WorkingDays().is_working(D(2027, 1, 4))
    shown = run("show", "2027")
    assert (shown["version"], [day["date"] for day in shown["days"]]) == (2, ["2027-01-01", "2027-01-03", "2027-01-04"])
    assert list(AuditEntry.objects.filter(action="calendar.import").values_list("subject", flat=True)) == ["2027", "2027"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("day,free\n", "Line 1 must name"),
        (f"{HEADER}\n2027-13-01,0,元旦,示例,2026-11-05\n", "Line 2: a date is written"),
        (f"{HEADER}\n2027-01-01,maybe,元旦,示例,2026-11-05\n", "Line 2: a date is written"),
        (f"{HEADER}\n2027-01-01,0,元旦,,2026-11-05\n", "Line 2: name and source"),
        (f"{HEADER}\n2027-01-04,1,调休,示例,2026-11-05\n", "Line 2: 2027-01-04 is a weekday"),
        (f"{HEADER}\n2027-01-01,0,元旦,甲,2026-11-05\n2027-01-02,0,元旦,乙,2026-11-05\n", "2027 has more than one source"),
    ],
)
def test_a_wrong_file_is_refused_by_line(text: str, says: str) -> None:
    with pytest.raises(CalendarFileError, match=says):
        read_arrangements(text.splitlines())


def test_an_unknown_year_is_wrong_usage() -> None:
    with pytest.raises(CommandFailure, match=r"Known years: 2020, .*, 2026") as caught:
        call_command("calendar", "show", "2031")

    assert caught.value.returncode == ExitCode.WRONG_USAGE
