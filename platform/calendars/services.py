"""The one verb: take in a year as it was announced; a changed announcement becomes a further version."""

import csv
import datetime as dt
from collections import Counter
from collections.abc import Iterable

from django.db import transaction

from calendars.contract import Arrangement, CalendarFileError, SpecialDay
from calendars.models import Day, Version
from calendars.selectors import SATURDAY, current_version
from observability.audit import record_audit

COLUMNS = ("date", "is_working", "name", "source", "published_on")


def read_arrangements(lines: Iterable[str]) -> list[Arrangement]:
    """Return the years of a calendar file, oldest first.

    The first line names `date,is_working,name,source,published_on`; a line is a day that is not what its weekday says.

    Raises:
        CalendarFileError: names the line and what is wrong with it.

    """
    reader = csv.DictReader(lines)
    if missing := set(COLUMNS) - set(reader.fieldnames or ()):
        raise CalendarFileError(f"Line 1 must name {', '.join(COLUMNS)}; missing: {', '.join(sorted(missing))}.")
    years: dict[tuple[int, str, dt.date], list[SpecialDay]] = {}
    for number, row in enumerate(reader, start=2):
        day, source, published_on = _line(number, row)
        years.setdefault((day.day.year, source, published_on), []).append(day)
    if twice := [year for year, count in Counter(year for year, _, _ in years).items() if count > 1]:
        raise CalendarFileError(f"The year {twice[0]} has more than one source or publication date. Give each year one.")
    return [Arrangement(year, source, published_on, tuple(days)) for (year, source, published_on), days in sorted(years.items())]


def _line(number: int, row: dict[str, str]) -> tuple[SpecialDay, str, dt.date]:
    try:
        day = SpecialDay(dt.date.fromisoformat(row["date"]), {"1": True, "0": False}[row["is_working"]], row["name"].strip())
        published_on = dt.date.fromisoformat(row["published_on"])
    except (ValueError, KeyError, TypeError) as error:
        raise CalendarFileError(f"Line {number}: a date is written 2026-01-31 and is_working is 1 or 0.") from error
    if day.is_working != (day.day.weekday() >= SATURDAY) and day.is_working:
        raise CalendarFileError(f"Line {number}: {day.day} is a weekday, worked in any case. Take the line out.")
    if not row["source"].strip() or not day.name:
        raise CalendarFileError(f"Line {number}: name and source may not be empty.")
    return day, row["source"].strip(), published_on


@transaction.atomic
def import_arrangement(arrangement: Arrangement, *, by: str, address: str = "") -> bool:
    """Take in a year, as its next version; return whether it differs from what is known."""
    kept = current_version(arrangement.year)
    if kept is not None and _same(kept, arrangement):
        return False
    version = Version.objects.create(
        year=arrangement.year,
        number=kept.number + 1 if kept else 1,
        source=arrangement.source,
        published_on=arrangement.published_on,
    )
    Day.objects.bulk_create(Day(version=version, day=day.day, is_working=day.is_working, name=day.name) for day in arrangement.days)
    detail = {"version": version.number, "source": version.source, "days": len(arrangement.days)}
    record_audit("calendar.import", actor=by, subject=str(arrangement.year), detail=detail, address=address)
    return True


def _same(kept: Version, arrangement: Arrangement) -> bool:
    days = {SpecialDay(*row) for row in kept.days.values_list("day", "is_working", "name")}
    return (kept.source, kept.published_on, days) == (arrangement.source, arrangement.published_on, set(arrangement.days))
