"""What an operation is asked to do, what it reports, and the ways it can refuse or fail."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from registry.contract import Kind


@dataclass(frozen=True, slots=True)
class SiteSpec:
    """A site to open. `domain` empty means `<slug>.<SITE_SUFFIX>`; `administrator` empty means nobody yet."""

    slug: str
    name: str
    short_name: str
    kind: Kind
    city_slug: str
    region_code: str
    theme: str
    domain: str = ""
    aliases: tuple[str, ...] = ()
    administrator: str = ""
    identifier: str = ""
    organizer: str = ""
    undertaker: str = ""
    contact_phone: str = ""
    contact_address: str = ""
    icp: str = ""
    police_record: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the specification as the journal keeps it."""
        return asdict(self) | {"kind": self.kind.value, "aliases": list(self.aliases)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "SiteSpec":
        """Return the specification the journal kept."""
        return cls(**data | {"kind": Kind(data["kind"]), "aliases": tuple(data["aliases"])})


@dataclass(frozen=True, slots=True)
class StepReport:
    """A step that has just been committed, or was found committed already."""

    operation: str
    subject: str
    name: str
    label: str
    position: int
    of: int
    seconds: float
    was_done: bool


OnStep = Callable[[StepReport], None]


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


class ProvisioningError(Exception):
    """An operation that cannot go on; the message says what to do."""


class RefusedError(ProvisioningError):
    """The request itself is wrong; nothing was changed."""


class SlugError(RefusedError):
    """The slug has a wrong form, is reserved, or belongs to another site."""


class DomainError(RefusedError):
    """A domain has a wrong form or belongs to another site."""


class RegionError(RefusedError):
    """There is no such region."""


class CityError(RefusedError):
    """There is no such city, or it exists with other facts."""


class ThemeError(RefusedError):
    """There is no such theme."""


class PersonError(RefusedError):
    """There is no such person."""


class ClosedError(RefusedError):
    """The site is closed for good."""


class DifferentRequestError(RefusedError):
    """An unfinished operation of the same name was begun with other facts."""


class BusyError(ProvisioningError):
    """Another process works on the same site."""


class StepFailedError(ProvisioningError):
    """A step failed; those before it are kept and the same command goes on from here."""

    def __init__(self, *, subject: str, step: str, reason: str) -> None:
        super().__init__(
            f"{subject}: step {step!r} failed: {reason} Steps before it are kept; mend the cause and run the same command again."
        )
        self.step = step


class TemplateError(ProvisioningError):
    """The template schema cannot be made or dumped."""
