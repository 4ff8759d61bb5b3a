"""What a day can be, and the ways to have no answer."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A day on which it is not the weekday that decides: a holiday, or a day at the weekend that is worked."""

    day: date
    is_working: bool
    name: str


@dataclass(frozen=True, slots=True)
class Arrangement:
    """One year as it was announced: the special days, who announced them and when."""

    year: int
    source: str
    published_on: date
    days: tuple[SpecialDay, ...]


class LineProblem(StrEnum):
    """What can be wrong with a line of a calendar file."""

    UNREADABLE = "unreadable"
    WEEKDAY = "weekday"
    EMPTY = "empty"
    TWICE = "twice"
    SOURCES = "sources"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a calendar file: its number, what it says, and what is wrong with it."""

    number: int
    text: str
    day: SpecialDay | None = None
    source: str = ""
    published_on: date | None = None
    problem: LineProblem | None = None


class CalendarFileError(ValueError):
    """A calendar file that cannot be read; the message names the line."""


class UncoveredYearError(LookupError):
    """The working days of a year are not known; they are never guessed."""

    def __init__(self, year: int) -> None:
        self.year = year
        super().__init__(
            f"The working days of {year} are not known. Import the State Council's arrangement, published late in the year before: "
            "manage.py calendar import FILE.csv."
        )
