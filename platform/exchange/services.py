"""Verbs that touch no site's own tables: what was sent and decided, and announcements through what `settings.SITE_NOTICES` names."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from exchange.contract import DecidedError, DeliveryState, ExchangeError, Mark, Mode, NoReceiverError, NotAnnouncedError
from exchange.models import Announcement, Delivery, Sending
from exchange.selectors import receivers_of
from observability.audit import record_audit
from registry.contract import TenantRef
from registry.selectors import directory


@transaction.atomic
def send(
    tenant: TenantRef, *, page_id: int, path: str, title: str, row: Mapping[str, Any], receivers: Sequence[TenantRef], mode: Mode, by: str
) -> Sending:
    """Note that a text goes to other sites, or goes again in a newer version; who has it already keeps its place.

    Raises:
        NoReceiverError: nobody was chosen, or a site that this one may not send to.

    """
    allowed = {site.uuid for site in receivers_of(tenant)}
    strangers = [site.short_name for site in receivers if site.uuid not in allowed]
    if not receivers or strangers:
        raise NoReceiverError(f"不能推送到：{'、'.join(strangers)}。" if strangers else "请至少选择一个接收网站。")
    sending = Sending.objects.select_for_update().filter(sender=tenant.uuid, page_id=page_id).first()
    if sending is None:
        sending = Sending(sender=tenant.uuid, page_id=page_id, version=0)
    sending.path, sending.title, sending.row, sending.mode, sending.sent_by = path, title, dict(row), mode, by
    sending.version, sending.mark, sending.marked_at = sending.version + 1, Mark.NONE, None
    sending.save()
    for site in receivers:
        delivery, _ = Delivery.objects.get_or_create(sending=sending, receiver=site.uuid)
        if delivery.state == DeliveryState.FAILED:
            delivery.state, delivery.reason = DeliveryState.OFFERED, ""
            delivery.save()
    detail = {"title": title, "version": sending.version, "mode": mode, "receivers": [site.slug for site in receivers]}
    record_audit("exchange.sent", actor=by, subject=tenant.slug, tenant_uuid=tenant.uuid, detail=detail)
    return sending


@transaction.atomic
def decline(delivery: Delivery, *, by: str, reason: str, now: datetime) -> None:
    """Note that a site does not take a text.

    Raises:
        ExchangeError: no reason is given.
        DecidedError: the site took it already.

    """
    if not reason.strip():
        raise ExchangeError("请说明不予采用的理由，发出网站会看到。")
    row = open_delivery(delivery)
    row.state, row.reason, row.decided_by, row.decided_at = DeliveryState.DECLINED, reason.strip()[:300], by, now
    row.save()


def open_delivery(delivery: Delivery) -> Delivery:
    """Return the row, locked, if nothing was decided about it or a newer version came since.

    Raises:
        DecidedError: it was decided already.

    """
    row = Delivery.objects.select_for_update(of=("self",)).select_related("sending").get(pk=delivery.pk)
    if row.state == DeliveryState.CARRIED and row.version == row.sending.version:
        raise DecidedError("这份内容已经发布，不需要再处理。")
    return row


def note_carried(row: Delivery, *, page_id: int, by: str, now: datetime) -> None:
    """Note that a site has the newest version on a page, in the caller's transaction."""
    row.state, row.page_id, row.version, row.reason = DeliveryState.CARRIED, page_id, row.sending.version, ""
    row.decided_by, row.decided_at = by, now
    row.save()


def note_failed(delivery: Delivery, reason: str) -> None:
    """Note why a site does not have the text."""
    Delivery.objects.filter(pk=delivery.pk).exclude(state=DeliveryState.CARRIED).update(state=DeliveryState.FAILED, reason=reason[:300])


def mark(sending: Sending, what: Mark, *, now: datetime) -> list[Delivery]:
    """Note what became of an original, in the caller's transaction; return the copies that readers see, none where it was known."""
    row = Sending.objects.select_for_update().defer("row").get(pk=sending.pk)
    if row.mark == what:
        return []
    row.mark, row.marked_at = what, now if what else None
    row.save(update_fields=["mark", "marked_at"])
    detail = {"title": row.title, "mark": what}
    record_audit("exchange.marked", actor="system", subject=str(row.sender), tenant_uuid=row.sender, detail=detail)
    return list(row.deliveries.filter(state=DeliveryState.CARRIED).order_by("pk"))


def acknowledge(delivery: Delivery, *, by: str, now: datetime) -> bool:
    """Note who read at the receiving site what became of the original; return whether that was new."""
    row = Delivery.objects.select_related("sending").get(pk=delivery.pk)
    if row.seen_mark == row.sending.mark:
        return False
    row.seen_mark, row.seen_by, row.seen_at = row.sending.mark, by, now
    row.save(update_fields=["seen_mark", "seen_by", "seen_at"])
    return True


# --- announcements ------------------------------------------------------------


@transaction.atomic
def announce(sites: Sequence[TenantRef], *, title: str, text: str, by: str, now: datetime) -> Announcement:
    """Publish one notice on several sites in one transaction: readers of all see it in the same moment, or none does.

    Raises:
        ExchangeError: title, text or sites are missing.
        NotAnnouncedError: it cannot be published everywhere; the reasons by site.

    """
    if not title.strip() or not text.strip() or not sites:
        raise ExchangeError("公告须有标题、正文和至少一个网站。")
    announcement = Announcement(title=title.strip(), text=text.strip(), announced_by=by, announced_at=now)
    reasons: dict[str, str] = {}
    for site in sites:
        if not (site.is_live and site.is_writable):
            reasons[site.slug] = "网站未开通、已暂停或只读"
            continue
        try:
            with transaction.atomic():
                page, path = import_string(settings.SITE_NOTICES["publish"])(
                    site, slug=f"notice-{announcement.uuid}", title=announcement.title, text=announcement.text, at=now
                )
        except LookupError as error:
            reasons[site.slug] = str(error)
            continue
        announcement.pages[str(site.uuid)] = {"site": site.slug, "page": page, "path": path}
    if reasons:
        raise NotAnnouncedError(reasons)
    announcement.save()
    detail = {"title": announcement.title, "sites": [site.slug for site in sites]}
    record_audit("exchange.announced", actor=by, subject=str(announcement.uuid), detail=detail)
    return announcement


@transaction.atomic
def withdraw(announcement: Announcement, *, by: str, now: datetime) -> bool:
    """Take an announcement down on all sites in one moment; return whether it stood."""
    row = Announcement.objects.select_for_update().get(pk=announcement.pk)
    if row.withdrawn_at:
        return False
    known = directory().by_uuid
    for site in [site for uuid, site in known.items() if str(uuid) in row.pages]:
        import_string(settings.SITE_NOTICES["withdraw"])(site, page=row.pages[str(site.uuid)]["page"])
    row.withdrawn_by, row.withdrawn_at = by, now
    row.save(update_fields=["withdrawn_by", "withdrawn_at"])
    record_audit("exchange.announcement_withdrawn", actor=by, subject=str(row.uuid), detail={"title": row.title})
    return True
