"""Reads: the audit trail, with the names of its sites."""

from collections.abc import Iterator

from django.db.models import QuerySet

from console.contract import TrailFilter, TrailRow
from observability.models import AuditEntry
from registry.schemas import in_public
from registry.selectors import directory

ROWS_AT_ONCE = 2000


def count(wanted: TrailFilter) -> int:
    """Return how many entries there are."""
    with in_public():
        return _entries(wanted).count()


def newest(wanted: TrailFilter, *, limit: int, offset: int = 0) -> list[TrailRow]:
    """Return a page of entries, newest first."""
    with in_public():
        return [_row(entry) for entry in _entries(wanted).order_by("-id")[offset : offset + limit]]


def oldest_first(wanted: TrailFilter) -> Iterator[TrailRow]:
    """Yield every entry in the order of the chain, a few at a time; call it outside any schema."""
    for entry in _entries(wanted).order_by("link__number").iterator(ROWS_AT_ONCE):
        yield _row(entry)


def _entries(wanted: TrailFilter) -> QuerySet[AuditEntry]:
    entries = AuditEntry.objects.select_related("link").filter(link__isnull=False)
    if wanted.actor:
        entries = entries.filter(actor=wanted.actor)
    if wanted.action:
        entries = entries.filter(action__startswith=wanted.action)
    if wanted.site:
        entries = entries.filter(tenant_uuid=wanted.site)
    if wanted.subject:
        entries = entries.filter(subject__icontains=wanted.subject)
    if wanted.since:
        entries = entries.filter(at__gte=wanted.since)
    if wanted.until:
        entries = entries.filter(at__lt=wanted.until)
    return entries


def _row(entry: AuditEntry) -> TrailRow:
    site = directory().by_uuid.get(entry.tenant_uuid) if entry.tenant_uuid else None
    return TrailRow(
        number=entry.link.number,
        at=entry.at,
        actor=entry.actor,
        action=entry.action,
        subject=entry.subject,
        site=site.slug if site else "",
        site_name=site.name if site else "",
        tenant_uuid=str(entry.tenant_uuid or ""),
        detail=entry.detail,
        address=entry.address or "",
        digest=entry.link.digest,
    )
