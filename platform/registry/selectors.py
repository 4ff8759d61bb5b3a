"""Reads: the directory of sites, kept in memory by each process and renewed when the database says it changed."""

import datetime as dt
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.db.models import Q
from django.utils import timezone

from registry.contract import (
    HOST,
    MAY_GO_OFFLINE,
    TEMPLATE_SCHEMA,
    DomainPurpose,
    FilingKind,
    InvalidHostError,
    Kind,
    Plane,
    Resolved,
    SiteClosedError,
    SiteOfflineError,
    SitePreparingError,
    SiteSuspendedError,
    SiteUnavailableError,
    State,
    TenantRef,
    UnknownHostError,
    UnknownTenantError,
)
from registry.models import City, Closure, Domain, GreyPeriod, Outage, Tenant
from registry.schemas import any_schema, content_types, current_schema, in_public

OfTenant = TypeVar("OfTenant", Domain, Outage)

CHECK_EVERY_SECONDS = 0.5  # how old a process's copy may be before it asks for the version; a new site is served within a second

_UNAVAILABLE: Mapping[State, type[SiteUnavailableError]] = {
    State.PREPARING: SitePreparingError,
    State.APPROVED: SitePreparingError,
    State.SUSPENDED: SiteSuspendedError,
    State.OFFLINE: SiteOfflineError,
    State.CLOSED: SiteClosedError,
    State.PURGED: SiteClosedError,
}


@dataclass(frozen=True, slots=True)
class Directory:
    """Every site and every domain at one version of the registry, as the clock has them between two moments."""

    version: int
    made_at: dt.datetime | None = None
    valid_until: dt.datetime | None = None
    by_host: Mapping[str, tuple[TenantRef, DomainPurpose, bool]] = field(default_factory=dict)
    by_uuid: Mapping[UUID, TenantRef] = field(default_factory=dict)
    by_slug: Mapping[str, TenantRef] = field(default_factory=dict)
    by_schema: Mapping[str, TenantRef] = field(default_factory=dict)

    def of_city(self, city_slug: str) -> list[TenantRef]:
        """Return a city's sites: the portal, then counties by region code, then departments by name."""
        order = {Kind.CITY: 0, Kind.COUNTY: 1, Kind.DEPARTMENT: 2}
        sites = [ref for ref in self.by_uuid.values() if ref.city_slug == city_slug]
        return sorted(sites, key=lambda ref: (order[ref.kind], ref.region_code, ref.slug))

    def hidden(self) -> list[UUID]:
        """Return the sites whose pages no reader may see."""
        return [uuid for uuid, ref in self.by_uuid.items() if not ref.is_live]

    def holds(self, version: int, now: dt.datetime) -> bool:
        """Whether it still says what the registry and the clock say; a clock that was set back makes it old."""
        return self.version == version and self.is_in_time(now)

    def is_in_time(self, now: dt.datetime) -> bool:
        """Whether nothing that depends on the clock has come about since it was made."""
        return (self.made_at is None or now >= self.made_at) and (self.valid_until is None or now < self.valid_until)


class _Copy:
    """The process's copy of the directory and when it was last compared."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.directory: Directory | None = None
        self.compared_at = float("-inf")


_copy = _Copy()


def directory() -> Directory:
    """Return the directory of all sites, at most half a second old."""
    kept = _copy.directory
    now = timezone.now()
    if kept is not None and time.monotonic() - _copy.compared_at < CHECK_EVERY_SECONDS and kept.is_in_time(now):
        return kept
    version = _current_version()
    if kept is None or not kept.holds(version, now):
        with in_public():
            kept = _load(version, now=now)
        content_types.clear()  # a site may have been restored, and its numbers are others now
    with _copy.lock:
        _copy.directory, _copy.compared_at = kept, time.monotonic()
    return kept


def forget_directory() -> None:
    """Make this process ask again at its next look; for the process that made a change."""
    with _copy.lock:
        _copy.directory, _copy.compared_at = None, float("-inf")


def tenant_by_slug(slug: str) -> TenantRef:
    """Return a site by its slug, as the database has it now.

    Raises:
        UnknownTenantError: no site has it; the message lists what there is.

    """
    forget_directory()
    found = directory().by_slug
    if slug not in found:
        raise UnknownTenantError(slug, sorted(found))
    return found[slug]


def writable_sites(slug: str = "") -> list[TenantRef]:
    """Return the sites that may be changed, by slug, as the database has them now; with a slug that one alone, or none."""
    forget_directory()
    found = [site for site in directory().by_uuid.values() if site.is_writable and slug in ("", site.slug)]
    return sorted(found, key=lambda site: site.slug)


def grey_periods(tenant: TenantRef, *, now: dt.datetime) -> list[GreyPeriod]:
    """Return the times without colour of a site, its city's among them, that are now or to come."""
    rows = GreyPeriod.objects.filter(cancelled_at=None, ends_at__gt=now, city__slug=tenant.city_slug)
    return list(rows.filter(Q(tenant=None) | Q(tenant_id=tenant.id)).order_by("starts_at", "pk"))


def planned_grey(*, now: dt.datetime) -> list[GreyPeriod]:
    """Return every time without colour that is now or to come, with its site or city, the next first."""
    rows = GreyPeriod.objects.filter(cancelled_at=None, ends_at__gt=now).select_related("city", "tenant")
    return list(rows.order_by("starts_at", "ends_at", "pk"))


PREVIEW = "grey"  # the parameter that shows a page without colour to who has its address
PREVIEW_SECONDS = 3600
_previews = TimestampSigner(salt="registry.grey")


def grey_preview_url(tenant: TenantRef) -> str:
    """Return an address at which a site's home page is shown without colour, for an hour and to nobody without it."""
    return site_url(tenant, f"/?{urlencode({PREVIEW: _previews.sign(tenant.uuid.hex)})}")


def is_grey_preview(tenant: TenantRef, token: str) -> bool:
    """Whether a token lets its holder see the site without colour; one of another site, or of an hour ago, does not."""
    try:
        return _previews.unsign(token, max_age=PREVIEW_SECONDS) == tenant.uuid.hex
    except BadSignature:
        return False


def city_of(tenant: TenantRef) -> City:
    """Return a site's city."""
    found: City = City.objects.get(slug=tenant.city_slug)
    return found


def missing_filings(tenant: Tenant) -> list[FilingKind]:
    """Return which of the five papers a site lacks."""
    recorded = set(tenant.filings.values_list("kind", flat=True))
    return [kind for kind in FilingKind if kind.value not in recorded]


def current_tenant() -> TenantRef | None:
    """Return the site whose schema this thread's connection points at; none in `public` and in the template."""
    name = current_schema()
    if name in ("public", TEMPLATE_SCHEMA):
        return None
    if name not in directory().by_schema:
        forget_directory()  # opened a moment ago
    return directory().by_schema.get(name)


def _current_version() -> int:
    with any_schema() as cursor:
        cursor.execute("SELECT number FROM public.registry_directoryversion")
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def _load(version: int, *, now: dt.datetime) -> Directory:
    by_host: dict[str, tuple[TenantRef, DomainPurpose, bool]] = {}
    domains = _by_tenant(row for row in Domain.objects.all() if row.redirect_until is None or row.redirect_until > now)
    outages = _by_tenant(Outage.objects.filter(cancelled_at=None, ends_at__gt=now).order_by("starts_at"))
    closures = {closure.tenant_id: closure for closure in Closure.objects.all()}
    grey = list(GreyPeriod.objects.filter(cancelled_at=None, ends_at__gt=now).order_by("starts_at", "pk"))
    refs: dict[UUID, TenantRef] = {}
    for tenant in Tenant.objects.select_related("city", "region"):
        own = domains.get(tenant.pk, [])
        outage = next(iter(outages.get(tenant.pk, [])), None)
        ref = refs[tenant.uuid] = _snapshot(tenant, own, outage, closures.get(tenant.pk), grey, now=now)
        for domain in own:
            by_host[domain.domain] = (ref, DomainPurpose(domain.purpose), domain.is_primary)
    turns = [row.redirect_until for rows in domains.values() for row in rows if row.redirect_until]
    turns += [moment for rows in outages.values() for row in rows for moment in (row.starts_at, row.ends_at) if moment > now]
    return Directory(
        version=version,
        made_at=now,
        valid_until=min(turns, default=None),
        by_host=by_host,
        by_uuid=refs,
        by_slug={ref.slug: ref for ref in refs.values()},
        by_schema={ref.schema_name: ref for ref in refs.values()},
    )


def _by_tenant(rows: Iterable[OfTenant]) -> dict[int, list[OfTenant]]:
    found: dict[int, list[OfTenant]] = {}
    for row in rows:
        found.setdefault(row.tenant_id, []).append(row)
    return found


def _snapshot(
    tenant: Tenant, domains: list[Domain], outage: Outage | None, closure: Closure | None, grey: list[GreyPeriod], *, now: dt.datetime
) -> TenantRef:
    primary = {domain.purpose: domain.domain for domain in domains if domain.is_primary}
    is_away = outage is not None and outage.starts_at <= now and tenant.state in MAY_GO_OFFLINE
    return TenantRef(
        id=tenant.pk,
        uuid=tenant.uuid,
        slug=tenant.slug,
        schema_name=tenant.schema_name,
        name=tenant.name,
        short_name=tenant.short_name,
        kind=Kind(tenant.kind),
        state=State.OFFLINE if is_away else State(tenant.state),
        theme=tenant.theme,
        region_code=tenant.region_id,
        region_name=tenant.region.name,
        city_slug=tenant.city.slug,
        city_name=tenant.city.name,
        identifier=tenant.identifier,
        organizer=tenant.organizer,
        undertaker=tenant.undertaker,
        contact_phone=tenant.contact_phone,
        contact_address=tenant.contact_address,
        icp=tenant.icp,
        police_record=tenant.police_record,
        primary_domain=primary.get(DomainPurpose.PUBLIC.value, ""),
        editor_domain=primary.get(DomainPurpose.EDITOR.value, ""),
        offline_from=outage.starts_at if outage else None,
        offline_until=outage.ends_at if outage else None,
        notice=outage.reason if outage else closure.notice_url if closure else "",
        redirect_to=closure.redirect_to if closure else "",
        grey=tuple(
            (each.starts_at, each.ends_at) for each in grey if each.city_id == tenant.city_id and each.tenant_id in (None, tenant.pk)
        ),
    )


def normalise_host(raw: str) -> str:
    """Return the host name in lower case, without port and trailing dot.

    Raises:
        InvalidHostError: it is no host name.

    """
    host = raw.rsplit(":", 1)[0] if ":" in raw else raw
    host = host.lower().removesuffix(".")
    if not HOST.fullmatch(host):
        raise InvalidHostError(raw)
    return host


def resolve(raw_host: str) -> Resolved:
    """Return where a request for this host belongs.

    Raises:
        InvalidHostError: it is no host name.
        UnknownHostError: no site has it.
        SitePreparingError, SiteSuspendedError, SiteOfflineError, SiteClosedError: the site may not be read now.

    """
    host = normalise_host(raw_host)
    if host == settings.PLATFORM_HOST:
        return Resolved(Plane.PLATFORM, host)
    try:
        tenant, purpose, is_primary = directory().by_host[host]
    except KeyError:
        raise UnknownHostError(host) from None
    if purpose is DomainPurpose.EDITOR:
        if tenant.state in (State.CLOSED, State.PURGED):
            raise SiteClosedError(host, tenant)
        return Resolved(Plane.EDITOR, host, tenant, is_alias=not is_primary)
    if not tenant.is_live:
        raise _UNAVAILABLE[tenant.state](host, tenant)
    return Resolved(Plane.SITE, host, tenant, is_alias=not is_primary)


def host_url(host: str, path: str = "/") -> str:
    """Return the absolute address of a path on one of our hosts, as readers type it."""
    port = settings.PUBLIC_PORT
    scheme = "https" if port == 443 else "http"  # noqa: PLR2004 - the port that means https
    suffix = "" if port in (80, 443) else f":{port}"
    return f"{scheme}://{host}{suffix}{path}"


def site_url(tenant: TenantRef, path: str = "/") -> str:
    """Return the absolute address of a path on a site's primary domain."""
    return host_url(tenant.primary_domain, path)


def platform_url(path: str = "/") -> str:
    """Return the absolute address of a path on the platform's own host."""
    return host_url(settings.PLATFORM_HOST, path)
