"""The one verb: take in a year as it was announced; a changed announcement becomes a further version."""

import csv
import datetime as dt
from collections.abc import Iterable
from dataclasses import replace

from django.db import transaction

from calendars.contract import Arrangement, CalendarFileError, Line, LineProblem, SpecialDay
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
    return arrangements_of(read_lines(lines))


def arrangements_of(found: Iterable[Line]) -> list[Arrangement]:
    """Return the years that lines hold, oldest first.

    Raises:
        CalendarFileError: a line has a problem; names the first.

    """
    years: dict[tuple[int, str, dt.date], list[SpecialDay]] = {}
    for line in found:
        if line.problem or line.day is None or line.published_on is None:
            raise CalendarFileError(_told(line))
        years.setdefault((line.day.day.year, line.source, line.published_on), []).append(line.day)
    return [Arrangement(year, source, published_on, tuple(days)) for (year, source, published_on), days in sorted(years.items())]


def read_lines(lines: Iterable[str]) -> list[Line]:
    """Return every line below the first with what is wrong with it, so that all of a file is mended at once.

    Raises:
        CalendarFileError: the first line does not name the columns.

    """
    reader = csv.DictReader(lines)
    if missing := set(COLUMNS) - set(reader.fieldnames or ()):
        raise CalendarFileError(f"Line 1 must name {', '.join(COLUMNS)}; missing: {', '.join(sorted(missing))}.")
    found: list[Line] = []
    days: set[dt.date] = set()
    years: dict[int, tuple[str, dt.date | None]] = {}
    for number, row in enumerate(reader, start=2):
        line = _line(number, row)
        if (day := line.day) is not None and line.problem is None:
            if day.day in days:
                line = replace(line, problem=LineProblem.TWICE)
            elif years.setdefault(day.day.year, (line.source, line.published_on)) != (line.source, line.published_on):
                line = replace(line, problem=LineProblem.SOURCES)
            days.add(day.day)
        found.append(line)
    return found


def _line(number: int, row: dict[str, str]) -> Line:
    text = ",".join(str(row.get(name) or "") for name in COLUMNS)
    try:
        day = SpecialDay(dt.date.fromisoformat(row["date"]), {"1": True, "0": False}[row["is_working"]], row["name"].strip())
        published_on = dt.date.fromisoformat(row["published_on"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return Line(number, text, problem=LineProblem.UNREADABLE)
    source, problem = (row["source"] or "").strip(), None
    if day.is_working and day.day.weekday() < SATURDAY:
        problem = LineProblem.WEEKDAY
    elif not source or not day.name:
        problem = LineProblem.EMPTY
    return Line(number, text, day, source, published_on, problem)


def _told(line: Line) -> str:
    day = line.day.day if line.day else dt.date.min
    return {
        LineProblem.WEEKDAY: f"Line {line.number}: {day} is a weekday, worked in any case. Take the line out.",
        LineProblem.EMPTY: f"Line {line.number}: name and source may not be empty.",
        LineProblem.TWICE: f"Line {line.number}: {day} is there twice. Take one line out.",
        LineProblem.SOURCES: f"Line {line.number}: the year {day.year} has more than one source or publication date. Give each year one.",
    }.get(line.problem or LineProblem.UNREADABLE, f"Line {line.number}: a date is written 2026-01-31 and is_working is 1 or 0.")


def foresee(arrangement: Arrangement) -> int | None:
    """Return the number of the version that a year would become; none where it is known as it is."""
    kept = current_version(arrangement.year)
    if kept is None:
        return 1
    return None if _same(kept, arrangement) else kept.number + 1


@transaction.atomic
def import_arrangement(arrangement: Arrangement, *, by: str, address: str = "") -> bool:
    """Take in a year, as its next version; return whether it differs from what is known."""
    number = foresee(arrangement)
    if number is None:
        return False
    version = Version.objects.create(
        year=arrangement.year,
        number=number,
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
