"""Verbs that touch no site's own tables: what was sent and decided, and announcements through what `settings.SITE_NOTICES` names."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from exchange.contract import DecidedError, DeliveryState, ExchangeError, Mark, Mode, NoReceiverError, NotAnnouncedError, Original
from exchange.models import Announcement, Delivery, Relay, Sending
from exchange.selectors import receivers_of
from observability.audit import record_audit
from registry.contract import State, TenantRef
from registry.selectors import directory

NOT_WRITABLE = "网站未开通、已暂停或只读"


@transaction.atomic
def send(
    tenant: TenantRef,
    *,
    page_id: int,
    path: str,
    title: str,
    row: Mapping[str, Any],
    receivers: Sequence[TenantRef],
    mode: Mode | None,
    by: str,
) -> Sending:
    """Note that a text goes to other sites, or goes again in a newer version; who has it already keeps its place.

    Without a mode each site keeps the one it has.

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
    sending.path, sending.title, sending.row, sending.mode, sending.sent_by = path, title, dict(row), mode or sending.mode, by
    sending.version += 1
    sending.save()
    for site in receivers:
        delivery, _ = Delivery.objects.get_or_create(sending=sending, receiver=site.uuid)
        delivery.mode = mode or delivery.mode
        if delivery.state == DeliveryState.FAILED:
            delivery.state, delivery.reason = DeliveryState.OFFERED, ""
        delivery.save()
    detail = {"title": title, "version": sending.version, "mode": mode or "as before", "receivers": [site.slug for site in receivers]}
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
    Relay.objects.filter(receiver=row.receiver, copy_id=page_id).delete()  # found while it was made; it came by being sent


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


def acknowledge(received: Delivery | Relay, *, by: str, now: datetime) -> bool:
    """Note who read at the receiving site what became of the original; return whether that was new."""
    row = type(received).objects.get(pk=received.pk)
    mark = row.sending.mark if isinstance(row, Delivery) else row.mark
    if row.seen_mark == mark:
        return False
    row.seen_mark, row.seen_by, row.seen_at = mark, by, now
    row.save(update_fields=["seen_mark", "seen_by", "seen_at"])
    return True


# --- texts that sites took over by themselves ---------------------------------


@transaction.atomic
def note_relay(original: Original, *, receiver: UUID, copy_id: int, now: datetime) -> None:
    """Note that a page of a site is a text of another one, and what became of that; a text that was sent is followed already."""
    if Delivery.objects.filter(receiver=receiver, page_id=copy_id).exists():
        return
    known = {"sender": original.site, "page_id": original.page_id, "path": original.path, "title": original.title[:255]}
    row, _ = Relay.objects.select_for_update().get_or_create(receiver=receiver, copy_id=copy_id, defaults=known)
    if (row.sender, row.page_id) != (original.site, original.page_id):
        row.sender, row.page_id, row.mark, row.marked_at = original.site, original.page_id, Mark.NONE, None
        row.seen_mark, row.seen_by, row.seen_at = Mark.NONE, "", None
    row.path, row.title = original.path, original.title[:255]
    row.save()
    _mark_relays([row], original, now=now)


@transaction.atomic
def mark_relays(original: Original, *, now: datetime) -> int:
    """Note what became of an original at all pages that took it over; return for how many that was new."""
    return _mark_relays(Relay.objects.select_for_update().filter(sender=original.site, page_id=original.page_id), original, now=now)


def forget_relay(*, receiver: UUID, copy_id: int, keep_told: bool = False) -> None:
    """Note that a page is no text of another site, or not any more; `keep_told` keeps what somebody was told, as the issuer's receipt."""
    rows = Relay.objects.filter(receiver=receiver, copy_id=copy_id)
    (rows.filter(mark=Mark.NONE, seen_mark=Mark.NONE) if keep_told else rows).delete()


def _mark_relays(relays: Iterable[Relay], original: Original, *, now: datetime) -> int:
    changed = [row for row in relays if row.mark != original.mark]
    for row in changed:
        row.mark, row.marked_at = original.mark, now if original.mark else None
        row.path, row.title = original.path, original.title[:255]
        row.save()
    if changed:
        detail = {"title": original.title, "mark": original.mark, "taken_over_by": sorted(str(row.receiver) for row in changed)}
        record_audit("exchange.marked", actor="system", subject=str(original.site), tenant_uuid=original.site, detail=detail)
    return len(changed)


# --- announcements ------------------------------------------------------------


def obstacles(sites: Sequence[TenantRef]) -> dict[str, str]:
    """Return why a notice cannot be published now, by site; empty where it can be published on all. Nothing is changed."""
    reasons: dict[str, str] = {}
    for site in sites:
        if not (site.is_live and site.is_writable):
            reasons[site.slug] = NOT_WRITABLE
        elif not import_string(settings.SITE_NOTICES["has_place"])(site):
            reasons[site.slug] = "没有“通知公告”类栏目"
    return reasons


@transaction.atomic
def announce(sites: Sequence[TenantRef], *, title: str, text: str, by: str, now: datetime, number: UUID | None = None) -> Announcement:
    """Publish one notice on several sites in one transaction: readers of all see it in the same moment, or none does.

    `number` is the uuid it is to have: asked for a second time, the one that was made is returned.

    Raises:
        ExchangeError: title, text or sites are missing.
        NotAnnouncedError: it cannot be published everywhere; the reasons by site.

    """
    if number and (made := Announcement.objects.filter(uuid=number).first()):
        return made
    if not title.strip() or not text.strip() or not sites:
        raise ExchangeError("公告须有标题、正文和至少一个网站。")
    announcement = Announcement(
        title=title.strip(), text=text.strip(), announced_by=by, announced_at=now, **({"uuid": number} if number else {})
    )
    reasons: dict[str, str] = {}
    for site in sites:
        if not (site.is_live and site.is_writable):
            reasons[site.slug] = NOT_WRITABLE
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
    for site in [site for uuid, site in known.items() if str(uuid) in row.pages and site.state is not State.PURGED]:
        import_string(settings.SITE_NOTICES["withdraw"])(site, page=row.pages[str(site.uuid)]["page"])
    row.withdrawn_by, row.withdrawn_at = by, now
    row.save(update_fields=["withdrawn_by", "withdrawn_at"])
    record_audit("exchange.announcement_withdrawn", actor=by, subject=str(row.uuid), detail={"title": row.title})
    return True
