"""Reads: which public pages of other sites of the city are copies that nobody sent, and whose text a page is; from the projection alone.

Nothing of another site's schema is read, so what is no public page there cannot be found.
"""

from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from exchange.contract import Mark, Original
from exchange.models import Relay
from registry.contract import TenantRef
from registry.selectors import directory, site_url
from search.contract import Validity, document_key
from search.models import Projection
from tenants.pages.models import TextPage

_MARKS = {Validity.REPEALED.value: Mark.REPEALED, Validity.EXPIRED.value: Mark.EXPIRED}
_COLUMNS = ("title", "path", "state", "validity", "issuer", "group", "page_id", "tenant_id")


def mark_of(validity: str) -> Mark:
    """Return what readers of a copy must know of an original of this validity."""
    return _MARKS.get(validity, Mark.NONE)


def original_of(tenant: TenantRef, page_id: int) -> Original | None:
    """Return a page of a site as an original, as it was public last; none where it never was."""
    row = _row(tenant, page_id)
    return _original(row, tenant) if row else None


def copies_of(tenant: TenantRef, page_id: int) -> list[tuple[TenantRef, int]]:
    """Return the public pages of other sites with the text of a page that its own site issued, each with its site."""
    row = _row(tenant, page_id)
    if row is None or not _issues(tenant, row):
        return []
    sites = _others(tenant)
    same = Projection.objects.live().filter(group=row.group, tenant_id__in=sites).only(*_COLUMNS).order_by("pk")
    return [(sites[copy.tenant_id], copy.page_id) for copy in same if not _issues(sites[copy.tenant_id], copy)]


def source_of(page: TextPage, tenant: TenantRef) -> Original | None:
    """Return the text of another site of the city that a public page repeats.

    It links to it, names its site as the source, or has its number.

    A site that issued the text itself repeats nobody, whoever else has it.
    """
    row = _row(tenant, page.pk)
    if row is None or _issues(tenant, row):
        return None
    sites = _others(tenant)
    found = next((each for each in _candidates(page, row, sites) if each.pk != row.pk), None)
    return _original(found, sites[found.tenant_id]) if found else None


def public_copies(relays: Iterable[Relay]) -> dict[int, str]:
    """Return where readers find the copies, by the number of the relay; those that are public no longer are left out."""
    sites = directory().by_uuid
    keys = {document_key(row.receiver, row.copy_id): row for row in relays}
    live = Projection.objects.live().filter(pk__in=keys).values_list("pk", "path") if keys else ()
    return {keys[key].pk: site_url(sites[keys[key].receiver], path) for key, path in live if keys[key].receiver in sites}


def _candidates(page: TextPage, row: Projection, sites: dict[int, TenantRef]) -> Iterator[Projection]:
    """Yield what a page may repeat, what says so most plainly first."""
    known = Projection.objects.filter(tenant_id__in=sites).only(*_COLUMNS).order_by("state", "pk")  # live ones first
    link = urlsplit(getattr(page, "source_url", ""))
    linked = [site.id for site in sites.values() if link.hostname and site.primary_domain == link.hostname]
    if linked:
        yield from known.filter(tenant_id__in=linked, path=link.path)
    named = [site.id for site in sites.values() if page.source.strip().startswith(tuple(_names(site)))]
    if named:
        yield from known.filter(tenant_id__in=named, title=row.title)
    yield from (each for each in known.filter(group=row.group) if _issues(sites[each.tenant_id], each))


def _row(tenant: TenantRef, page_id: int) -> Projection | None:
    return Projection.objects.filter(pk=document_key(tenant.uuid, page_id)).only(*_COLUMNS).first()


def _original(row: Projection, tenant: TenantRef) -> Original:
    return Original(tenant.uuid, row.page_id, row.path, row.title, mark_of(row.validity) if row.is_live else Mark.WITHDRAWN)


def _others(tenant: TenantRef) -> dict[int, TenantRef]:
    return {site.id: site for site in directory().of_city(tenant.city_slug) if site.uuid != tenant.uuid}


def _issues(tenant: TenantRef, row: Projection) -> bool:
    """Whether a text was issued by the site's own government, or by an office whose name begins with it."""
    return any(issuer.startswith(name) for issuer in row.issuers for name in _names(tenant))


def _names(tenant: TenantRef) -> list[str]:
    return [name for each in (tenant.name, tenant.organizer) if (name := each.strip())]
