"""What an operation is asked to do, what it reports, and the ways it can refuse or fail."""

from dataclasses import asdict, dataclass
from typing import Any

from provisioning.contract.walking import (
    OnStep,
    Outcome,
    Picture,
    Plan,
    PlannedStep,
    Request,
    StepDefinition,
    StepReport,
    Verb,
    Walk,
    silent,
)
from registry.contract import Kind

__all__ = [
    "BusyError",
    "CityError",
    "ClosedError",
    "DifferentRequestError",
    "DomainError",
    "IrreversibleError",
    "LaterOperationError",
    "NothingToUndoError",
    "OnStep",
    "Outcome",
    "PersonError",
    "Picture",
    "Plan",
    "PlannedStep",
    "ProvisioningError",
    "RefusedError",
    "RegionError",
    "Request",
    "RollingBackError",
    "SiteSpec",
    "SlugError",
    "StateError",
    "StepDefinition",
    "StepFailedError",
    "StepReport",
    "TemplateError",
    "ThemeError",
    "UnfinishedError",
    "UnknownSiteError",
    "Verb",
    "Walk",
    "silent",
]


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

    @property
    def subject(self) -> str:
        """Return the slug."""
        return self.slug

    def as_json(self) -> dict[str, Any]:
        """Return the specification as the journal keeps it."""
        return asdict(self) | {"kind": self.kind.value, "aliases": list(self.aliases)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "SiteSpec":
        """Return the specification the journal kept."""
        return cls(**data | {"kind": Kind(data["kind"]), "aliases": tuple(data["aliases"])})


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


class UnknownSiteError(RefusedError):
    """There is no such site."""


class StateError(RefusedError):
    """The site's life cycle does not allow it from where the site stands."""


class DifferentRequestError(RefusedError):
    """An unfinished operation of the same name was begun with other facts."""


class UnfinishedError(RefusedError):
    """Another operation on the same subject was begun and not finished."""


class RollingBackError(RefusedError):
    """The operation is being taken back; it cannot go forward."""


class NothingToUndoError(RefusedError):
    """No such operation was ever begun on this subject."""


class LaterOperationError(RefusedError):
    """Something else was done to the subject since; that has to be taken back first."""


class IrreversibleError(RefusedError):
    """The operation has passed a step without a way back."""


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
