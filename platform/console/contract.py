"""What the console asks for and shows, as plain values."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class TrailFilter:
    """Which audit entries are wanted; what is empty does not narrow."""

    actor: str = ""
    action: str = ""  # the beginning of it: `membership` finds `membership.granted`
    site: UUID | None = None
    subject: str = ""  # any part of it
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class TrailRow:
    """One audit entry as people read it and as it is exported."""

    number: int
    at: datetime
    actor: str
    action: str
    subject: str
    site: str
    site_name: str
    tenant_uuid: str
    detail: dict[str, Any]
    address: str
    digest: str


class Tone(StrEnum):
    """How a state is meant; its dot has this colour, and the word beside it says the same."""

    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"
    QUIET = "quiet"


@dataclass(frozen=True, slots=True)
class Mark:
    """A short word with a dot."""

    tone: Tone
    word: str


@dataclass(frozen=True, slots=True)
class SiteRow:
    """One site in the table of sites."""

    slug: str
    name: str
    city: str
    kind: str
    domain: str
    state: Mark
    health: Mark
    published_at: datetime | None
    backup: Mark
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step of an operation: where it stands, and how long it took."""

    label: str
    state: Mark
    seconds: float | None
    at: datetime | None
    error: str


@dataclass(frozen=True, slots=True)
class OperationRow:
    """One operation of a site with its steps."""

    number: int
    verb: str
    label: str
    state: Mark
    is_unfinished: bool
    by: str
    started_at: datetime
    finished_at: datetime | None
    error: str
    steps: tuple[StepRow, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """What would happen once it is confirmed, and how it is undone; nothing in `will` means that nothing is left to do."""

    will: tuple[str, ...]
    undo: str
    sites: tuple[str, ...] = ()  # the names of the sites it reaches
    warnings: tuple[str, ...] = ()
    links: tuple[tuple[str, str], ...] = ()  # what can be looked at before: its name and its address
    rows: tuple[tuple[int, str, Mark], ...] = ()  # a file's lines with what becomes of each
    title: str = ""  # what readers will read: its title, and its paragraphs
    text: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A dated row of the rules as people read it."""

    key: str
    label: str
    value: str
    scope: str
    place: str
    valid_from: date
    valid_to: date | None
    basis: str
    mark: str
    note: str
    state: Mark


@dataclass(frozen=True, slots=True)
class RuleAnswer:
    """The row that holds at a site, and why it does and no other."""

    row: RuleRow
    why: str


@dataclass(frozen=True, slots=True)
class GreyRow:
    """A time without colour as it was asked for: in all its places at once."""

    numbers: tuple[int, ...]
    places: tuple[str, ...]
    starts_at: datetime
    ends_at: datetime
    reason: str
    by: str
    state: Mark


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of an announcement at one site."""

    site: str
    state: Mark
    url: str


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """An announcement in the list of them."""

    number: UUID
    title: str
    sites: int
    by: str
    at: datetime
    withdrawn_by: str
    withdrawn_at: datetime | None
    state: Mark
