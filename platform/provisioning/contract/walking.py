"""What a verb is: a request, a check, and an ordered list of steps, each with its way back. Data, so that a test or a page can walk it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, Self, TypeVar
from uuid import UUID


class Request(Protocol):
    """What an operation is asked to do: a frozen dataclass that the journal can keep."""

    @property
    def subject(self) -> str:
        """What it is done to; with the verb's noun it is unique: the slug of a site."""

    def as_json(self) -> dict[str, Any]:
        """Return the request as the journal keeps it."""

    @classmethod
    def from_json(cls, data: dict[str, Any], /) -> Self:
        """Return the request the journal kept."""


R = TypeVar("R", bound=Request)


@dataclass(slots=True)
class Walk(Generic[R]):
    """One run of a verb, as its steps see it.

    `memory` is JSON and is committed with each step: what a step must know to go back (the state before, a file it made) belongs there.
    """

    request: R
    by: str
    address: str = ""
    memory: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StepDefinition(Generic[R]):
    """A step: its name in the journal, what people read, its work and its way back; both run inside a transaction.

    `ahead` is work that cannot be done inside a transaction, such as an archive with a snapshot of its own; it comes just before `run`.
    `run` and `undo` may be called again after a crash and then change nothing twice. `undo` empty means no way back: once such a step
    is committed, its operation can only go on. `foresee` says in one line what the step would change.
    """

    name: str
    label: str
    run: Callable[[Walk[R]], None]
    undo: Callable[[Walk[R]], None] | None
    foresee: Callable[[R], str] | None = None
    ahead: Callable[[Walk[R]], None] | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """What is audited of a subject, taken before and after."""

    tenant_uuid: UUID | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


def _no_check(_request: Any) -> None:
    """Refuse nothing."""


def _asks_nobody(_request: Any) -> None:
    """Ask the world outside nothing."""


def _is_never_done(_request: Any) -> bool:
    return False


def _no_locks(_request: Any) -> tuple[str, ...]:
    return ()


def _no_picture(_subject: str, _tenant_uuid: UUID | None) -> Picture:
    return Picture()


@dataclass(frozen=True, slots=True)
class Verb(Generic[R]):
    """Something operations can do.

    `check` raises a `RefusedError` before anything is changed, from what the platform knows; `outside` returns the question, if any,
    that the world outside has to answer first, such as DNS: it refuses likewise, but may take seconds. `is_done` tells that nothing is
    left to do; `prepare` runs before the first step and outside any transaction; `check_undo` may refuse to take back a finished
    operation; `also_locks` names further subjects that must be free; `picture` is what the audit trail says before and after.
    """

    name: str
    label: str
    request: type[R]
    steps: Sequence[StepDefinition[R]]
    check: Callable[[R], None] = _no_check
    outside: Callable[[R], Callable[[], None] | None] = _asks_nobody
    is_done: Callable[[R], bool] = _is_never_done
    prepare: Callable[[R], None] = _no_check
    check_undo: Callable[[R], None] = _no_check
    also_locks: Callable[[R], tuple[str, ...]] = _no_locks
    picture: Callable[[str, UUID | None], Picture] = _no_picture

    @property
    def noun(self) -> str:
        """What kind of subject it works on: `site`."""
        return self.name.split(" ", 1)[0]

    @property
    def action(self) -> str:
        """Its name in the audit trail: `site.suspend`."""
        return self.name.replace(" ", ".")

    def locks(self, request: R) -> list[str]:
        """Return the names of the advisory locks it needs, in the order in which everybody takes them."""
        return sorted({f"{self.noun} {subject}" for subject in (request.subject, *self.also_locks(request))})


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """A step as a dry run shows it."""

    name: str
    label: str
    is_done: bool
    change: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What a verb would do; no steps means that nothing is left to do. `asks_first`: whether a question is left to ask outside."""

    verb: str
    subject: str
    steps: tuple[PlannedStep, ...]
    asks_first: bool = False


@dataclass(frozen=True, slots=True)
class StepReport:
    """A step that has just been committed or taken back, or was found committed already."""

    operation: str
    subject: str
    name: str
    label: str
    position: int
    of: int
    seconds: float
    was_done: bool
    is_undo: bool = False


OnStep = Callable[[StepReport], None]


def silent(_report: StepReport) -> None:
    """Tell nobody of a step."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an operation did: the steps it ran now; none means that all was done before."""

    subject: str
    ran: tuple[str, ...]
    seconds: float

    @property
    def changed(self) -> bool:
        """Whether anything was done now."""
        return bool(self.ran)
