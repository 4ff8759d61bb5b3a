"""Reads: announcements and what became of each at its sites."""

from uuid import UUID

from django.db.models import Q

from console.contract import Mark, NoticeRow, Receipt, Tone
from exchange import selectors
from exchange.models import Announcement
from registry.contract import TenantRef
from registry.schemas import in_public
from registry.selectors import directory, site_url
from search.models import Projection

_UP, _DOWN = Mark(Tone.GOOD, "已发布"), Mark(Tone.QUIET, "已撤下")
_HIDDEN, _GONE = Mark(Tone.WARNING, "网站现在不对公众开放"), Mark(Tone.BAD, "页面已不在：被该站点撤下或删除")


def notice_rows() -> list[NoticeRow]:
    """Return what was announced, the newest first."""
    return [_row(found) for found in selectors.announcements()]


def notice_of(number: UUID) -> tuple[NoticeRow, str] | None:
    """Return one announcement with its text, if there is one."""
    found = selectors.announcement(number)
    return (_row(found), found.text) if found else None


def receipts(number: UUID) -> list[Receipt]:
    """Return for each site of an announcement whether its readers see the page now."""
    found = selectors.announcement(number)
    if found is None:
        return []
    known = directory().by_uuid
    wanted = {(known[UUID(uuid)], page["page"]): page for uuid, page in found.pages.items() if UUID(uuid) in known}
    asked = Q(pk=None)
    for site, page_id in wanted:
        asked |= Q(tenant=site.id, page_id=page_id)
    with in_public():
        live = set(Projection.objects.live().filter(asked).values_list("tenant", "page_id"))
    rows = [_receipt(site, page, is_there=(site.id, page["page"]) in live, found=found) for (site, _), page in wanted.items()]
    return sorted(rows, key=lambda row: row.site)


def _receipt(site: TenantRef, page: dict[str, str], *, is_there: bool, found: Announcement) -> Receipt:
    if not is_there:
        return Receipt(site.name, _DOWN if found.withdrawn_at else _GONE, "")
    return Receipt(site.name, _UP if site.is_live else _HIDDEN, site_url(site, page["path"]) if site.is_live else "")


def _row(found: Announcement) -> NoticeRow:
    return NoticeRow(
        number=found.uuid,
        title=found.title,
        sites=len(found.pages),
        by=found.announced_by,
        at=found.announced_at,
        withdrawn_by=found.withdrawn_by,
        withdrawn_at=found.withdrawn_at,
        state=_DOWN if found.withdrawn_at else _UP,
    )
