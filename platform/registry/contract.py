"""What the rest of the platform may know of a site: frozen snapshots, the planes, and one exception per way a host can fail."""

import re
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

SLUG = re.compile(r"[a-z][a-z0-9-]{1,39}")
SCHEMA_NAME = re.compile(r"[a-z][a-z0-9_]{1,47}")
SCHEMA_PREFIX = "s_"
TEMPLATE_SCHEMA = "tpl_zero"  # a name that cannot occur in data; migrated, user-less, never served
HOST = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")
IDENTIFIER = re.compile(r"\d{10}|bm\d{8}")  # 网站标识码: region code and serial number, or a national department's
RESERVED_SLUGS = frozenset(
    {
        "admin",
        "api",
        "app",
        "assets",
        "cdn",
        "editor",
        "ftp",
        "health",
        "live",
        "localhost",
        "mail",
        "manage",
        "media",
        "ns",
        "platform",
        "public",
        "root",
    }
    | {"smtp", "static", "status", "template", "test", "tpl", "www"}
)


class Kind(StrEnum):
    """What sort of government body a site belongs to."""

    CITY = "city"
    COUNTY = "county"
    DEPARTMENT = "department"


class State(StrEnum):
    """Where a site stands in its life."""

    PREPARING = "preparing"
    LIVE = "live"
    SUSPENDED = "suspended"
    CLOSED = "closed"


class Plane(StrEnum):
    """What a host is for; each plane has its own URLs and its own sessions."""

    PLATFORM = "platform"
    SITE = "site"
    EDITOR = "editor"


class DomainPurpose(StrEnum):
    """Whether readers or editors use a domain."""

    PUBLIC = "public"
    EDITOR = "editor"


KIND_LABELS = {Kind.CITY: "市级门户", Kind.COUNTY: "县（市、区）门户", Kind.DEPARTMENT: "市级部门"}
STATE_LABELS = {State.PREPARING: "筹建中", State.LIVE: "已开通", State.SUSPENDED: "已暂停", State.CLOSED: "已关闭"}


@dataclass(frozen=True, slots=True)
class TenantRef:
    """A site as the registry knows it; safe to keep, to share between threads and to hand to the schema switch."""

    id: int
    uuid: UUID
    slug: str
    schema_name: str
    name: str
    short_name: str
    kind: Kind
    state: State
    theme: str
    region_code: str
    region_name: str
    city_slug: str
    city_name: str
    identifier: str
    organizer: str
    undertaker: str
    contact_phone: str
    contact_address: str
    icp: str
    police_record: str
    primary_domain: str
    editor_domain: str

    @property
    def is_live(self) -> bool:
        """Whether readers may see it."""
        return self.state is State.LIVE


@dataclass(frozen=True, slots=True)
class Resolved:
    """Where a request belongs: the plane, and the site unless it is the platform's own."""

    plane: Plane
    host: str
    tenant: TenantRef | None = None
    is_alias: bool = False


class HostError(Exception):
    """A host that leads nowhere."""

    def __init__(self, host: str) -> None:
        super().__init__(host)
        self.host = host


class InvalidHostError(HostError):
    """The host header is not a host name."""


class UnknownHostError(HostError):
    """No site has this domain."""


class SiteUnavailableError(HostError):
    """The site exists but readers may not see it now."""

    def __init__(self, host: str, tenant: TenantRef) -> None:
        super().__init__(host)
        self.tenant = tenant


class SitePreparingError(SiteUnavailableError):
    """The site is not open yet."""


class SiteSuspendedError(SiteUnavailableError):
    """The site is suspended."""


class SiteClosedError(SiteUnavailableError):
    """The site is closed for good."""


class UnknownTenantError(LookupError):
    """No site has this slug."""

    def __init__(self, slug: str, known: list[str]) -> None:
        sites = ", ".join(known[:20]) + (" …" if len(known) > 20 else "")  # noqa: PLR2004 - a line's worth
        super().__init__(f"There is no site {slug!r}. Sites: {sites or 'none yet; open one with `manage.py city open`'}.")
