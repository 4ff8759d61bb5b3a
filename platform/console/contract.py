"""What the console asks for and shows, as plain values."""

from dataclasses import dataclass
from datetime import datetime
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
