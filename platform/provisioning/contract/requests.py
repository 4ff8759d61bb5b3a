"""What the verbs of a site's life are asked to do; each is JSON in the journal."""

import dataclasses
from dataclasses import dataclass
from datetime import date
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class SiteRequest:
    """A site, and why something is done to it."""

    slug: str
    reason: str = ""

    @property
    def subject(self) -> str:
        """Return the slug."""
        return self.slug

    def as_json(self) -> dict[str, Any]:
        """Return the request as the journal keeps it; days are written 2026-01-31."""
        return {name: value.isoformat() if isinstance(value, date) else value for name, value in dataclasses.asdict(self).items()}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Return the request the journal kept."""
        days = {field.name for field in dataclasses.fields(cls) if field.type is date}
        values: dict[str, Any] = {name: date.fromisoformat(value) if name in days else value for name, value in data.items()}
        return cls(**values)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfflineRequest(SiteRequest):
    """A site to be away from the first to the last day, both included."""

    first_day: date
    last_day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RenameRequest(SiteRequest):
    """A site's new slug, new domain, or both; empty means as it is."""

    new_slug: str = ""
    new_domain: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainRequest(SiteRequest):
    """A further domain of a site, to add or to remove; who answers for one whose ownership nobody has shown, and why."""

    domain: str
    override_officer: str = ""
    override_reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetireRequest(SiteRequest):
    """A site to close.

    `redirect_to` is where its readers go, empty for a notice on its own domain; `notice_url` is a notice that was published elsewhere,
    empty to publish one on the city's portal; `announced_on` is the day the closing was announced on the site itself, where a rule asks
    for that.
    """

    redirect_to: str = ""
    notice_url: str = ""
    announced_on: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PurgeRequest(SiteRequest):
    """A closed site to remove for good."""
