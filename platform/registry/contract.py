"""What the rest of the platform may know of a site: frozen snapshots, the planes, and one exception per way a host can fail."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

SLUG = re.compile(r"[a-z][a-z0-9-]{1,39}")
SCHEMA_NAME = re.compile(r"[a-z][a-z0-9_]{1,47}")
SCHEMA_PREFIX = "s_"
TEMPLATE_SCHEMA = "tpl_zero"  # a name that cannot occur in data; migrated, user-less, never served
HOST = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")
# A site with an absence that was announced is away while the clock says so, if it would else be one of these.
MAY_GO_OFFLINE = ("live", "read_only")
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
    APPROVED = "approved"
    LIVE = "live"
    READ_ONLY = "read_only"
    SUSPENDED = "suspended"
    OFFLINE = "offline"
    MIGRATING = "migrating"
    CLOSED = "closed"
    PURGED = "purged"


class FilingKind(StrEnum):
    """The five papers a site needs before it opens."""

    APPROVAL = "approval"
    BADGE = "badge"
    ICP = "icp"
    POLICE = "police"
    IDENTIFIER = "identifier"


FILING_LABELS = {
    FilingKind.APPROVAL: "开办审批",
    FilingKind.BADGE: "党政机关网站标识",
    FilingKind.ICP: "ICP备案",
    FilingKind.POLICE: "公安机关备案",
    FilingKind.IDENTIFIER: "网站标识码",
}


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
STATE_LABELS = {
    State.PREPARING: "筹建中",
    State.APPROVED: "已批准",
    State.LIVE: "已开通",
    State.READ_ONLY: "只读",
    State.SUSPENDED: "已暂停",
    State.OFFLINE: "临时下线",
    State.MIGRATING: "迁移中",
    State.CLOSED: "已关闭",
    State.PURGED: "已清除",
}
# Where a site may go from where it stands, onwards and back again; all else is refused.
TRANSITIONS: Mapping[State, frozenset[State]] = {
    State.PREPARING: frozenset({State.APPROVED}),
    State.APPROVED: frozenset({State.PREPARING, State.LIVE}),
    State.LIVE: frozenset({State.APPROVED, State.READ_ONLY, State.SUSPENDED, State.OFFLINE, State.MIGRATING}),
    State.READ_ONLY: frozenset({State.LIVE, State.SUSPENDED, State.OFFLINE, State.MIGRATING}),
    State.SUSPENDED: frozenset({State.LIVE, State.READ_ONLY, State.MIGRATING}),
    State.OFFLINE: frozenset({State.LIVE, State.READ_ONLY, State.SUSPENDED}),
    State.MIGRATING: frozenset({State.LIVE, State.READ_ONLY, State.SUSPENDED, State.CLOSED}),
    State.CLOSED: frozenset({State.MIGRATING, State.PURGED}),
    State.PURGED: frozenset(),
}
READABLE = frozenset({State.LIVE, State.READ_ONLY, State.MIGRATING})  # readers and search see the site
WRITABLE = frozenset(set(State) - {State.READ_ONLY, State.MIGRATING, State.CLOSED, State.PURGED})  # editors may change it


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
    offline_from: datetime | None = None  # the announced absence that is now or next
    offline_until: datetime | None = None
    notice: str = ""  # why it is away, or where its closing was announced
    redirect_to: str = ""  # where readers of a closed site go
    grey: tuple[tuple[datetime, datetime], ...] = ()  # the times without colour that are now or to come

    @property
    def is_live(self) -> bool:
        """Whether readers may see it: live, read-only, or being moved."""
        return self.state in READABLE

    def is_grey(self, now: datetime) -> bool:
        """Whether its pages are shown without colour."""
        return any(first <= now < last for first, last in self.grey)

    def grey_turn(self, now: datetime) -> datetime | None:
        """Return when that changes next; none where nothing is planned."""
        return min((moment for period in self.grey for moment in period if moment > now), default=None)

    @property
    def is_writable(self) -> bool:
        """Whether editors may change it."""
        return self.state in WRITABLE


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


class SiteOfflineError(SiteUnavailableError):
    """The site is away for a time that was announced."""


class SiteClosedError(SiteUnavailableError):
    """The site is closed for good."""


class TransitionError(ValueError):
    """A site does not go from one state to the other."""

    def __init__(self, slug: str, before: State, wanted: State) -> None:
        allowed = ", ".join(sorted(state.value for state in TRANSITIONS[before])) or "none: that is the end"
        super().__init__(f"The site {slug!r} is {before.value} and cannot become {wanted.value}. From there it can become: {allowed}.")


class GreyPeriodError(ValueError):
    """A time without colour that cannot be set or ended so; the message says what to do."""


class UnknownTenantError(LookupError):
    """No site has this slug."""

    def __init__(self, slug: str, known: list[str]) -> None:
        sites = ", ".join(known[:20]) + (" …" if len(known) > 20 else "")  # noqa: PLR2004 - a line's worth
        super().__init__(f"There is no site {slug!r}. Sites: {sites or 'none yet; open one with `manage.py city open`'}.")
