"""What a catalogue is made of: its kinds, the levels of government it speaks to, an entry as a plain value, and how a file can be wrong."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from rules.contract import Scope


class Kind(StrEnum):
    """Which catalogue: the tree of the regulation's articles 20 and 21, or the standard catalogue of the 26 fields."""

    STATUTORY = "statutory"
    STANDARD = "standard"


KIND_LABELS = {Kind.STATUTORY: "法定主动公开内容", Kind.STANDARD: "基层政务公开标准目录"}


class Level(StrEnum):
    """Whose duty an entry is."""

    CITY = "city"
    COUNTY = "county"
    TOWNSHIP = "township"


LEVEL_LABELS = {Level.CITY: "市级", Level.COUNTY: "县级", Level.TOWNSHIP: "乡级"}
SEPARATOR = "；"


@dataclass(frozen=True, slots=True)
class Item:
    """One entry: what is to be published, where in the catalogue it stands, what it rests on, which columns fulfil it."""

    code: str
    field: str
    title: str
    group: str = ""
    content: str = ""
    basis: str = ""
    timing: str = ""
    organ: str = ""
    channels: str = ""
    audience: str = ""
    manner: str = ""
    levels: tuple[Level, ...] = ()
    columns: tuple[str, ...] = ()
    is_sample: bool = False


# What an entry's fields are called in files and in what changed.
ENTRY_LABELS = {
    "code": "编码",
    "field": "领域",
    "group": "一级事项",
    "title": "公开事项",
    "content": "公开内容（要素）",
    "basis": "公开依据",
    "timing": "公开时限",
    "organ": "公开主体",
    "channels": "公开渠道和载体",
    "audience": "公开对象",
    "manner": "公开方式",
    "levels": "公开层级",
    "columns": "默认栏目",
    "is_sample": "样例",
}
EVERYBODY, ACTIVE, ON_REQUEST = "全社会", "主动公开", "依申请公开"


@dataclass(frozen=True, slots=True)
class Difference:
    """What an edition changed: entries added and removed, and of those changed the label, the words before and after of each field."""

    added: tuple[Item, ...] = ()
    removed: tuple[Item, ...] = ()
    changed: tuple[tuple[Item, tuple[tuple[str, str, str], ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Announcement:
    """Who made an edition, when, from when and where it counts."""

    kind: Kind
    title: str
    source: str
    published_on: dt.date
    valid_from: dt.date
    scope: Scope = Scope.NATION
    scope_code: str = ""


class CatalogueFileError(ValueError):
    """A file that is no catalogue at all; the message says what it needs."""


@dataclass(frozen=True, slots=True)
class StandingRow:
    """How one site stands with one statutory entry: how bad (0 is the worst), in words, how many texts, where readers find it."""

    code: str
    title: str
    severity: int
    words: str
    is_fulfilled: bool
    is_late: bool
    count: int
    url: str


class UnknownFieldError(LookupError):
    """The catalogue has no field of that name; the message names those it has."""

    def __init__(self, asked: str, known: Iterable[str]) -> None:
        super().__init__(f"The catalogue has no field {asked!r}. Fields: {'、'.join(known)}.")
