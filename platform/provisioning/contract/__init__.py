"""What an operation is asked to do, what it reports, and the ways it can refuse or fail."""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Self

from provisioning.contract.requests import DomainRequest, OfflineRequest, PurgeRequest, RenameRequest, RetireRequest, SiteRequest
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
from registry.contract import FilingKind, Kind

__all__ = [
    "ArchiveError",
    "BlueprintRefusedError",
    "BusyError",
    "CityError",
    "ClosedError",
    "DifferentRequestError",
    "DomainError",
    "DomainRequest",
    "FilingSpec",
    "FilingsError",
    "IdentifierError",
    "IrreversibleError",
    "LaterOperationError",
    "NotOwnedError",
    "NothingToUndoError",
    "OfflineRequest",
    "OnStep",
    "Outcome",
    "PersonError",
    "Picture",
    "Plan",
    "PlannedStep",
    "ProvisioningError",
    "PurgeRequest",
    "RefusedError",
    "RegionError",
    "RenameRequest",
    "Request",
    "RetireRequest",
    "RollingBackError",
    "RulesError",
    "SiteRequest",
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
class FilingSpec:
    """One of the five papers: its number, its date, and where a copy lies now."""

    kind: FilingKind
    number: str
    issued_on: date
    file: str = ""

    def as_json(self) -> dict[str, str]:
        """Return it as the journal keeps it."""
        return {"kind": self.kind.value, "number": self.number, "issued_on": self.issued_on.isoformat(), "file": self.file}

    @classmethod
    def from_json(cls, data: dict[str, str]) -> "FilingSpec":
        """Return what the journal kept."""
        return cls(FilingKind(data["kind"]), data["number"], date.fromisoformat(data["issued_on"]), data["file"])


@dataclass(frozen=True, slots=True)
class SiteSpec:
    """A site to open.

    `domain` empty means `<slug>.<SITE_SUFFIX>`; `administrator` empty means nobody yet; `blueprint` empty means that of its kind.
    Where one of the five papers is missing, or the identifier has another form, `override_officer` answers for it by name, and
    `override_reason` says why; both go into the audit trail.
    """

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
    blueprint: str = ""
    filings: tuple[FilingSpec, ...] = ()
    override_officer: str = ""
    override_reason: str = ""

    @property
    def is_overridden(self) -> bool:
        """Whether an officer answers for what is missing."""
        return bool(self.override_officer and self.override_reason)

    @property
    def subject(self) -> str:
        """Return the slug."""
        return self.slug

    def as_json(self) -> dict[str, Any]:
        """Return the specification as the journal keeps it."""
        filings = [filing.as_json() for filing in self.filings]
        return asdict(self) | {"kind": self.kind.value, "aliases": list(self.aliases), "filings": filings}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Return the specification the journal kept."""
        filings = tuple(FilingSpec.from_json(each) for each in data.get("filings", ()))
        return cls(**data | {"kind": Kind(data["kind"]), "aliases": tuple(data["aliases"]), "filings": filings})


class ProvisioningError(Exception):
    """An operation that cannot go on; the message says what to do."""


class RefusedError(ProvisioningError):
    """The request itself is wrong; nothing was changed."""


class SlugError(RefusedError):
    """The slug has a wrong form, is reserved, or belongs to another site."""


class DomainError(RefusedError):
    """A domain has a wrong form or belongs to another site."""


class NotOwnedError(DomainError):
    """Nobody has shown that a domain is the site's; the message holds the record that its owner makes."""


class RegionError(RefusedError):
    """There is no such region."""


class CityError(RefusedError):
    """There is no such city, or it exists with other facts."""


class ThemeError(RefusedError):
    """There is no such theme."""


class BlueprintRefusedError(RefusedError):
    """There is no such blueprint, it has problems, or its name and version mean another text."""


class PersonError(RefusedError):
    """There is no such person."""


class ClosedError(RefusedError):
    """The site is closed for good."""


class UnknownSiteError(RefusedError):
    """There is no such site."""


class StateError(RefusedError):
    """The site's life cycle does not allow it from where the site stands."""


class FilingsError(RefusedError):
    """Papers that a site needs before it opens are missing, and nobody answers for that."""


class IdentifierError(RefusedError):
    """The identifier has another form than the law gives it, and nobody answers for that."""


class RulesError(RefusedError):
    """A rule forbids it, or no rule or calendar covers it."""


class ArchiveError(ProvisioningError):
    """The archive of a closed site cannot be made, or is not what it was."""


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
