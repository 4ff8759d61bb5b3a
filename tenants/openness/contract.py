"""Plain values of the openness platform: how far a column or an entry of a catalogue is."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from catalogues.contract import Item, Kind, Level
from registry.contract import Kind as SiteKind
from tenants.pages.contract import ColumnType


class State(StrEnum):
    """How a column or an entry stands, the worst first."""

    UNMAPPED = "unmapped"
    BLANK = "blank"
    OVERDUE = "overdue"
    SHORT = "short"
    DUE_SOON = "due_soon"
    FINE = "fine"


STATE_LABELS = {
    State.UNMAPPED: "未对应栏目",
    State.BLANK: "空白",
    State.OVERDUE: "逾期",
    State.SHORT: "条数不足",
    State.DUE_SOON: "即将到期",
    State.FINE: "正常",
}
SEVERITY = {state: place for place, state in enumerate(State)}
FILLED = frozenset({State.OVERDUE, State.DUE_SOON, State.FINE})  # what is there is enough, whether in time or not
# Their content is made from elsewhere, or is other columns: without texts they are not blank.
WITHOUT_TEXTS = frozenset(
    {ColumnType.OPENNESS, ColumnType.CATALOGUE, ColumnType.FOI, ColumnType.DIALOGUE, ColumnType.LEADERS, ColumnType.POWERS}
)
# Whose duties a site's own entries are; a county's site shows those of its townships beside its own.
LEVELS = {
    SiteKind.CITY: (Level.CITY,),
    SiteKind.DEPARTMENT: (Level.CITY,),
    SiteKind.COUNTY: (Level.COUNTY, Level.TOWNSHIP),
}


@dataclass(frozen=True, slots=True)
class Figure:
    """How many texts there are, and when the newest was published."""

    count: int = 0
    newest: dt.datetime | None = None

    def plus(self, other: "Figure") -> "Figure":
        """Return both together."""
        times = [each for each in (self.newest, other.newest) if each is not None]
        return Figure(self.count + other.count, max(times, default=None))


@dataclass(frozen=True, slots=True)
class Duty:
    """One column: what it must hold, what it holds, and by when the next text is due; `days` counts past or before that day."""

    page_id: int
    title: str
    url: str
    type_label: str
    owner: str
    count: int
    least: int
    newest: dt.date | None
    due: dt.date | None
    state: State
    days: int = 0

    @property
    def label(self) -> str:
        """The state in words."""
        return words_of(self.state, self.days)


@dataclass(frozen=True, slots=True)
class Target:
    """A column or a text that fulfils an entry."""

    page_id: int
    title: str
    url: str
    path: str
    owner: str = ""
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """One entry of a catalogue on this site: what fulfils it, how complete and how late it is."""

    kind: Kind
    item: Item
    targets: Sequence[Target]
    count: int
    least: int
    newest: dt.date | None
    due: dt.date | None
    state: State
    days: int = 0
    late: int = 0

    @property
    def label(self) -> str:
        """The state in words."""
        return words_of(self.state, self.days)

    @property
    def owners(self) -> str:
        """Who is responsible, as the columns say."""
        return "、".join(dict.fromkeys(target.owner for target in self.targets if target.owner))


@dataclass(frozen=True, slots=True)
class Late:
    """A text that was published after its last day."""

    title: str
    url: str
    path: str
    produced: dt.date
    due: dt.date
    published: dt.date


@dataclass(frozen=True, slots=True)
class Lateness:
    """The texts that carry a date of their own: how many were judged, which were late, how many no calendar covers."""

    judged: int
    late: Sequence[Late]
    unknown: int


def words_of(state: State, days: int) -> str:
    """Return a state in words, with its days."""
    if state is State.OVERDUE:
        return f"逾期 {days} 天"
    if state is State.DUE_SOON:
        return f"{days} 天内到期" if days else "今天到期"
    return STATE_LABELS[state]
