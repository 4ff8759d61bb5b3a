"""What a fleet migration is asked to do, what it reports, and the ways it can refuse or stop."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from provisioning.contract import ProvisioningError, RefusedError

Key = tuple[str, str]  # app label and name of a migration
CANARIES = 1
SHARE = 10  # the second wave is one site in this many
WAVES = ("canary", "tenth", "all")
LATE = "late"  # sites opened while the run was under way


@dataclass(frozen=True, slots=True)
class FleetOptions:
    """How a run goes: who goes first, how many failures pause it, which contracting migrations were accepted by name."""

    canaries: tuple[str, ...] = ()
    canary_count: int = CANARIES
    only: tuple[str, ...] = ()
    max_failures: int = 0
    goes_on: bool = False
    accepted: tuple[str, ...] = ()
    lock_timeout_ms: int = 5_000
    statement_timeout_ms: int = 60_000
    actor: str = "system"


@dataclass(frozen=True, slots=True)
class Site:
    """A site as a fleet run sees it."""

    slug: str
    schema_name: str


@dataclass(frozen=True, slots=True)
class SiteReport:
    """What became of one site; `error` empty means that it is at the current version."""

    site: Site
    wave: str
    way: str
    seconds: float
    error: str = ""


OnSite = Callable[[SiteReport], None]
OnStart = Callable[[int], None]


@dataclass
class FleetOutcome:
    """What a run did."""

    run: str = ""
    state: str = "done"
    public: tuple[str, ...] = ()
    has_new_template: bool = False
    migrated: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    waiting: int = 0
    unchanged: int = 0
    seconds: float = 0.0
    sites_seconds: float = 0.0

    @property
    def changed(self) -> bool:
        """Whether anything was done now."""
        return bool(self.public or self.has_new_template or self.migrated)

    def as_json(self) -> Mapping[str, Any]:
        """Return it as the command prints it."""
        return {
            "run": self.run,
            "state": self.state,
            "public": list(self.public),
            "template_renewed": self.has_new_template,
            "migrated": len(self.migrated),
            "by_sql": sum(way == "sql" for way in self.migrated.values()),
            "by_python": sum(way == "python" for way in self.migrated.values()),
            "unchanged": self.unchanged,
            "waiting": self.waiting,
            "failed": self.failed,
            "seconds": round(self.seconds, 3),
            "sites_seconds": round(self.sites_seconds, 3),
        }


class FleetBusyError(ProvisioningError):
    """Another fleet migration is under way."""


class ContractingError(RefusedError):
    """The release would break what still runs or lags behind; the message names each migration, its operation and what to do."""


class UnknownSiteError(RefusedError):
    """A site was named that does not exist or has no tables."""


class SharedTablesError(ProvisioningError):
    """The shared tables or the template could not be migrated; no site was touched."""


class NoHistoryError(ProvisioningError):
    """A schema has no record of its migrations."""
