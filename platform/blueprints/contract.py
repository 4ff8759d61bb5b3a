"""What a blueprint says, what an app must offer to carry one out, and the ways a blueprint can be wrong."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any, Protocol

from typing_extensions import override

from registry.contract import TenantRef

FORMAT = 1  # of the file; a file of a later format is refused instead of being half understood
FILE_SUFFIX = ".toml"

Value = str | int | bool | tuple[str, ...]
Facts = Mapping[str, Value]


class Live(StrEnum):
    """Whether a sample page is shown to readers at once."""

    LIVE = "live"
    DRAFT = "draft"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its path below the home page (`zwdt/yaowen`), and what its page says."""

    path: str
    title: str
    type: str
    description: str = ""
    keywords: str = ""
    is_on_home: bool = False
    is_in_menu: bool = True


@dataclass(frozen=True, slots=True)
class SamplePage:
    """A text the site begins with; `{name}` and `{short_name}` stand for the site's names."""

    column: str
    slug: str
    title: str
    kind: str
    text: str
    summary: str = ""
    state: Live = Live.DRAFT

    @property
    def path(self) -> str:
        """Its path below the home page."""
        return f"{self.column}/{self.slug}"


@dataclass(frozen=True, slots=True)
class WorkflowStep:
    """A step of the review: what it is called and which roles may take it."""

    name: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Workflow:
    """How a text comes to be published."""

    name: str
    steps: tuple[WorkflowStep, ...]


@dataclass(frozen=True, slots=True)
class Blueprint:
    """What a kind of site begins with."""

    name: str
    version: int
    title: str
    kind: str
    theme: str
    description: str = ""
    settings: Mapping[str, Value] = field(default_factory=dict)
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    workflow: Workflow | None = None
    columns: tuple[Column, ...] = ()
    pages: tuple[SamplePage, ...] = ()

    @override
    def __str__(self) -> str:
        return f"{self.name} {self.version}"

    def as_json(self) -> dict[str, Any]:
        """Return it as the journal keeps it."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Blueprint":
        """Return what the journal kept."""
        flow = data["workflow"]
        steps = tuple(WorkflowStep(step["name"], tuple(step["roles"])) for step in flow["steps"]) if flow else ()
        pages = (SamplePage(**page | {"state": Live(page["state"])}) for page in data["pages"])
        parts = {
            "roles": {name: tuple(rights) for name, rights in data["roles"].items()},
            "workflow": Workflow(flow["name"], steps) if flow else None,
            "columns": tuple(Column(**column) for column in data["columns"]),
            "pages": tuple(pages),
        }
        return cls(**{**data, **parts})

    def filled(self, *, name: str, short_name: str) -> "Blueprint":
        """Return it as one site reads it: `{name}` and `{short_name}` replaced by the site's names."""
        return self._reworded(lambda text: text.replace("{name}", name).replace("{short_name}", short_name))

    def generalised(self, *, name: str, short_name: str) -> "Blueprint":
        """Return it as any site may use it: the site's names replaced by `{name}` and `{short_name}`."""
        return self._reworded(lambda text: text.replace(name, "{name}").replace(short_name, "{short_name}"))

    def _reworded(self, reword: Callable[[str], str]) -> "Blueprint":
        columns = (replace(column, title=reword(column.title), description=reword(column.description)) for column in self.columns)
        pages = (
            replace(page, title=reword(page.title), summary=reword(page.summary), text=reword(page.text).strip()) for page in self.pages
        )
        return replace(self, columns=tuple(columns), pages=tuple(pages))


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting a site has: its default, which also says its type; for numbers how small and large it may be, for words which."""

    default: Value
    label: str
    lowest: int = 0
    highest: int = 0
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words a blueprint may use; the apps of a site know most of them."""

    kinds: Collection[str]
    themes: Collection[str]
    column_types: Collection[str]
    page_kinds: Collection[str]
    roles: Collection[str]
    rights: Collection[str]
    settings: Mapping[str, Setting]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in a file: where, what, and what to write instead."""

    line: int
    what: str
    instead: str

    def text(self, file: str) -> str:
        """Return it as one line a person and an editor's error list can read."""
        return f"{file}:{self.line}: {self.what}: {self.instead}"


class Verdict(StrEnum):
    """What applying a blueprint does about one difference."""

    ADD = "add"
    CHANGE = "change"
    EDITED = "edited"  # the site's own people changed it: left alone
    REMOVED = "removed"  # the site's own people took it away: left alone
    DROPPED = "dropped"  # the blueprint no longer has it: left alone
    OWN = "own"  # the site has it of its own: left alone


REASONS = {
    Verdict.ADD: "the site lacks it",
    Verdict.CHANGE: "the blueprint changed it",
    Verdict.EDITED: "left alone: it was changed at the site",
    Verdict.REMOVED: "left alone: it was removed at the site",
    Verdict.DROPPED: "left alone: the blueprint no longer has it",
    Verdict.OWN: "left alone: the site's own",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing a site has otherwise than a blueprint, and what applying the blueprint would do about it.

    `item` is `theme`, `workflow`, `settings`, `roles/editor`, `columns/zwdt/yaowen` or `pages/zwdt/yaowen/welcome`; `fact` names a
    part of it, and is empty where all of it is meant.
    """

    item: str
    fact: str
    wanted: Value | None
    present: Value | None
    verdict: Verdict

    @property
    def is_left_alone(self) -> bool:
        """Whether applying the blueprint changes nothing here."""
        return self.verdict not in (Verdict.ADD, Verdict.CHANGE)

    @property
    def subject(self) -> str:
        """Item and fact in one word."""
        return f"{self.item} {self.fact}".rstrip()


class SiteShape(Protocol):
    """What the apps of a site offer, so that blueprints can be checked against and carried into it (settings.SITE_SHAPE)."""

    def vocabulary(self) -> Vocabulary:
        """Return the words a blueprint may use."""

    def read(self, tenant: TenantRef, *, pages: Iterable[str]) -> Blueprint:
        """Return the site as a blueprint, with the sample pages of these paths; inside its schema."""

    def change(self, tenant: TenantRef, blueprint: Blueprint, differences: Sequence[Difference]) -> None:
        """Carry the differences to add and to change into the site; inside its schema and a transaction."""

    def settle(self, tenant: TenantRef, *, source: TenantRef) -> None:
        """Make rows copied from another site this site's own: its name, no drafts, no history, no passwords; inside its schema."""

    def remove(self, tenant: TenantRef, items: Sequence[str]) -> None:
        """Take columns and sample pages away again as far as nothing stands below them; inside its schema and a transaction."""


class BlueprintError(Exception):
    """A blueprint that cannot be used; the message says what to do."""


class UnknownBlueprintError(BlueprintError):
    """There is no blueprint of this name, and no such file."""


class UnreadableBlueprintError(BlueprintError):
    """The file has problems; each is named by its line."""

    def __init__(self, file: str, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(problem.text(file) for problem in problems))
        self.problems = tuple(problems)


class SameVersionError(BlueprintError):
    """Another text was applied under the same name and version before."""
