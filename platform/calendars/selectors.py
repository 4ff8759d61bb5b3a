"""Reads: whether a day is worked, and counting in working days."""

import datetime as dt

from calendars.contract import SpecialDay, UncoveredYearError
from calendars.models import Day, Version

SATURDAY = 5
ONE_DAY = dt.timedelta(days=1)


class WorkingDays:
    """The working days as the table has them now; reads each year once, so keep it for one task and no longer."""

    def __init__(self) -> None:
        self._years: dict[int, dict[dt.date, bool]] = {}

    def is_working(self, day: dt.date) -> bool:
        """Whether people work on that day.

        Raises:
            UncoveredYearError: the year was not announced yet.

        """
        if day.year not in self._years:
            self._years[day.year] = special_days(day.year)
        return self._years[day.year].get(day, day.weekday() < SATURDAY)

    def after(self, day: dt.date, count: int) -> dt.date:
        """Return the day that is so many working days later; the first day does not count.

        Raises:
            UncoveredYearError: it would lie in a year that was not announced yet.

        """
        while count:
            day += ONE_DAY
            count -= self.is_working(day)
        return day

    def between(self, first: dt.date, last: dt.date) -> int:
        """Return how many working days lie after `first`, up to and with `last`.

        Raises:
            UncoveredYearError: a year between them was not announced yet.

        """
        return sum(self.is_working(first + ONE_DAY * number) for number in range(1, (last - first).days + 1))


def special_days(year: int) -> dict[dt.date, bool]:
    """Return the special days of a year and whether they are worked.

    Raises:
        UncoveredYearError: the year was not announced yet.

    """
    version = current_version(year)
    if version is None:
        raise UncoveredYearError(year)
    return dict(Day.objects.filter(version=version).values_list("day", "is_working"))


def current_version(year: int) -> Version | None:
    """Return the version of a year that counts; none while it is not announced."""
    return Version.objects.filter(year=year).order_by("-number").first()


def covered_years() -> list[int]:
    """Return the years whose working days are known."""
    return sorted(set(Version.objects.values_list("year", flat=True)))


def current_versions() -> list[Version]:
    """Return for each year that is known the version that counts, newest year first."""
    newest = {version.year: version for version in Version.objects.prefetch_related("days").order_by("year", "number")}
    return [newest[year] for year in sorted(newest, reverse=True)]


def known_days(year: int) -> dict[dt.date, SpecialDay]:
    """Return the special days of a year as they count now; none where it was not announced."""
    version = current_version(year)
    rows = version.days.values_list("day", "is_working", "name") if version else ()
    return {row[0]: SpecialDay(*row) for row in rows}
