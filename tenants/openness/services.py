"""Verbs: say which pages fulfil an entry, take a column away and keep its content, correct a publication time, measure a site."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from django.db import transaction
from wagtail.actions.delete_page import DeletePageAction
from wagtail.log_actions import log
from wagtail.models import Page

from catalogues.contract import Kind, StandingRow
from catalogues.models import Standing
from observability.audit import record_audit
from registry.contract import TenantRef
from tenants.openness.contract import FILLED, SEVERITY, Progress, State
from tenants.openness.models import Fulfilment
from tenants.openness.selectors.duties import duties
from tenants.openness.selectors.progress import progress, totals, worst_first
from tenants.pages.composing import path_of
from tenants.pages.contract import ColumnType
from tenants.pages.models import ColumnPage, TextPage
from tenants.pages.services import project


class ColumnError(ValueError):
    """A column's content cannot go where somebody wants it; the message, for editors, says why and what to do."""


class PublicationTimeError(ValueError):
    """A publication time that cannot be; the message, for editors, says why."""


@transaction.atomic
def set_fulfilments(tenant: TenantRef, *, kind: Kind, code: str, pages: Iterable[Page], by: str) -> bool:
    """Say which columns and texts fulfil an entry, in place of what was said before; return whether that changed anything.

    Without any, the columns' types and names decide again.
    """
    rows = Fulfilment.objects.select_for_update().filter(kind=kind.value, code=code)
    before, wanted = set(rows.values_list("page_id", flat=True)), {page.pk for page in pages}
    if before == wanted:
        return False
    rows.exclude(page_id__in=wanted).delete()
    Fulfilment.objects.bulk_create(Fulfilment(kind=kind.value, code=code, page_id=pk) for pk in sorted(wanted - before))
    detail = {"before": sorted(before), "after": sorted(wanted)}
    record_audit("openness.fulfilled_by", actor=by, subject=f"{kind.value} {code}", tenant_uuid=tenant.uuid, detail=detail)
    return True


@transaction.atomic
def move_content_and_delete(column: ColumnPage, *, target: ColumnPage, by: Any, tenant: TenantRef) -> int:
    """Move all that stands in a column to another one and delete the empty column; return how many pages moved.

    Raises:
        ColumnError: the other column lies inside, does not take such pages, or has pages of the same address.

    """
    children = list(column.get_children().order_by("path"))
    _check_target(column, target, children)
    moved: int = column.get_descendants().count()
    for child in children:
        child.refresh_from_db()
        target.refresh_from_db()
        child.specific.move(target, pos="last-child", user=by)
    already = Fulfilment.objects.filter(page_id=target.pk).values_list("kind", "code")
    for row in Fulfilment.objects.filter(page_id=column.pk):
        if (row.kind, row.code) not in set(already):
            Fulfilment.objects.filter(pk=row.pk).update(page_id=target.pk)
    column.refresh_from_db()
    _delete(column, by=by, tenant=tenant, detail={"moved": moved, "to": path_of(target)})
    return moved


def _check_target(column: ColumnPage, target: ColumnPage, children: Iterable[Page]) -> None:
    if target.path.startswith(column.path):
        raise ColumnError(f"“{target.title}”就在要删除的栏目里面，请选择别的栏目。")
    names = dict(target.get_children().values_list("slug", "title"))
    for child in children:
        if not child.specific.can_move_to(target):
            raise ColumnError(f"“{target.title}”不能放“{child.title}”这类内容，请选择别的栏目。")
        if child.slug in names:
            raise ColumnError(
                f"“{child.title}”与“{target.title}”里的“{names[child.slug]}”网址相同（{child.slug}），请先修改其中一个的网址。"
            )


@transaction.atomic
def delete_with_content(column: ColumnPage, *, by: Any, tenant: TenantRef) -> int:
    """Delete a column and all that stands in it, as somebody confirmed; return how many pages are gone with it."""
    lost: int = column.get_descendants().count()
    titles = list(column.get_descendants().order_by("path").values_list("title", flat=True)[:20])
    _delete(column, by=by, tenant=tenant, detail={"deleted": lost, "first": titles})
    return lost


def _delete(column: ColumnPage, *, by: Any, tenant: TenantRef, detail: dict[str, object]) -> None:
    record_audit(
        "column.deleted", actor=by.get_username(), subject=f"{column.title} {path_of(column)}", tenant_uuid=tenant.uuid, detail=detail
    )
    DeletePageAction(column, user=by).execute(skip_permission_checks=True)


@transaction.atomic
def correct_publication_time(page: TextPage, *, to: dt.datetime, reason: str, by: Any, tenant: TenantRef, now: dt.datetime) -> None:
    """Set the time at which a text counts as published, which the system else sets alone; with a reason, audited.

    Raises:
        PublicationTimeError: the text is not published, the time lies ahead or is the same, or no reason is given.

    """
    before = page.first_published_at
    if not page.live or before is None:
        raise PublicationTimeError("只有已发布的内容才有发布时间。")
    if to > now:
        raise PublicationTimeError("发布时间不能晚于现在；定时发布请用“发布设置”。")
    if not reason.strip():
        raise PublicationTimeError("请写明更正的理由。")
    if to == before:
        raise PublicationTimeError("这就是现在的发布时间。")
    Page.objects.filter(pk=page.pk).update(first_published_at=to)
    page.refresh_from_db()
    detail = {"before": before.isoformat(), "after": to.isoformat(), "reason": reason.strip()}
    subject = f"{page.title} {path_of(page)}"
    record_audit("page.publication_time.corrected", actor=by.get_username(), subject=subject, tenant_uuid=tenant.uuid, detail=detail)
    log(page, "wagtail.edit", user=by, data={"publication_time": detail})
    project(page)


def measured(tenant: TenantRef, *, now: dt.datetime, today: dt.date) -> Standing:
    """Return how far a site is, reckoned from what is published; runs inside the site's schema and keeps nothing."""
    found, entries = duties(tenant, today=today), progress(tenant, today=today)
    reached = totals(entries)
    states = [duty.state for duty in found]
    root = ColumnPage.objects.live().filter(column_type=ColumnType.OPENNESS).order_by("path").first()
    return Standing(
        tenant_uuid=tenant.uuid,
        measured_at=now,
        platform_path=path_of(root) if root else "",
        columns=len(found),
        blank=states.count(State.BLANK),
        overdue=states.count(State.OVERDUE),
        due_soon=states.count(State.DUE_SOON),
        entries=reached["entries"],
        fulfilled=reached["fulfilled"],
        late=reached["overdue"],
        rows=_rows(entries),
    )


def _rows(entries: Iterable[Progress]) -> list[dict[str, Any]]:
    """Return the statutory entries one by one, the worst first, as the city sees them."""
    tree = ColumnPage.objects.live().filter(column_type=ColumnType.CATALOGUE).order_by("path").first()
    listed = worst_first(entry for entry in entries if entry.kind is Kind.STATUTORY)
    return [
        asdict(
            StandingRow(
                code=entry.item.code,
                title=entry.item.title,
                severity=SEVERITY[entry.state],
                words=entry.label,
                is_fulfilled=entry.state in FILLED,
                is_late=entry.state is State.OVERDUE,
                count=entry.count,
                url=f"{path_of(tree)}?item={entry.item.code}" if tree else "",
            )
        )
        for entry in listed
    ]
