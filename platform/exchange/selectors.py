"""Reads: what a site sent and received, and where a copy comes from."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import F, Prefetch, QuerySet

from exchange.contract import DeliveryState, Mark, Origin
from exchange.models import Announcement, Delivery, Relay, Sending
from registry.contract import Kind, TenantRef
from registry.selectors import directory, site_url


def receivers_of(tenant: TenantRef) -> list[TenantRef]:
    """Return the sites of the same city that can be given a text; only the portal gives, so nobody receives from elsewhere."""
    if tenant.kind is not Kind.CITY:
        return []
    return [site for site in directory().of_city(tenant.city_slug) if site.uuid != tenant.uuid and site.is_live and site.is_writable]


def origin_of(tenant: TenantRef, page_id: int) -> Origin | None:
    """Return where a page comes from, in one query; none for a site's own text, and for one it took over while the original stands."""
    sent = Delivery.objects.filter(receiver=tenant.uuid, page_id=page_id)
    took = Relay.objects.filter(receiver=tenant.uuid, copy_id=page_id).exclude(mark=Mark.NONE)
    of_sent = sent.order_by().values_list("sending__sender", "sending__path", "sending__mark", "sending__marked_at")
    found = of_sent.union(took.order_by().values_list("sender", "path", "mark", "marked_at"), all=True)
    copy = next(iter(found), None)
    if copy is None:
        return None
    uuid, path, mark, marked_at = copy
    sender = directory().by_uuid.get(uuid)
    url = original_url(Sending(sender=uuid, path=path, mark=mark))
    return Origin(sender.name if sender else "", url, mark, Mark(mark).label, marked_at)


def original_url(sending: Sending) -> str:
    """Return where readers find an original; nothing where they do not."""
    sender = directory().by_uuid.get(sending.sender)
    return site_url(sender, sending.path) if sender and sender.is_live and sending.mark != Mark.WITHDRAWN else ""


def sent_by(tenant: TenantRef) -> QuerySet[Sending]:
    """Return what a site sent, the newest first, with what became of it."""
    deliveries = Prefetch("deliveries", Delivery.objects.order_by("pk"))
    return Sending.objects.filter(sender=tenant.uuid).defer("row").prefetch_related(deliveries).order_by("-sent_at", "-pk")


def received_by(tenant: TenantRef) -> QuerySet[Delivery]:
    """Return what a site was given, the newest first."""
    return (
        Delivery.objects.filter(receiver=tenant.uuid).select_related("sending").defer("sending__row").order_by("-sending__sent_at", "-pk")
    )


def taken_over_from(tenant: TenantRef) -> QuerySet[Relay]:
    """Return what other sites took over from a site and were told something about, the newest first."""
    told = Relay.objects.filter(sender=tenant.uuid).exclude(mark=Mark.NONE, seen_mark=Mark.NONE)
    return told.order_by("-marked_at", "-pk")


def taken_over_by(tenant: TenantRef) -> QuerySet[Relay]:
    """Return what a site took over from others and was told something about, the newest first."""
    told = Relay.objects.filter(receiver=tenant.uuid).exclude(mark=Mark.NONE, seen_mark=Mark.NONE)
    return told.order_by("-marked_at", "-pk")


def count_unsigned(tenant: TenantRef) -> int:
    """Return of how many copies a site's staff have not signed yet what became of the original; two queries."""
    sent = Delivery.objects.filter(receiver=tenant.uuid, state=DeliveryState.CARRIED).exclude(seen_mark=F("sending__mark"))
    return sent.count() + Relay.objects.filter(receiver=tenant.uuid).exclude(seen_mark=F("mark")).count()


def unsigned_of(tenant: TenantRef, page_id: int) -> Delivery | Relay | None:
    """Return the copy that a page is, if its staff have not signed what became of the original."""
    sent = Delivery.objects.filter(receiver=tenant.uuid, page_id=page_id, state=DeliveryState.CARRIED).exclude(seen_mark=F("sending__mark"))
    took = Relay.objects.filter(receiver=tenant.uuid, copy_id=page_id).exclude(seen_mark=F("mark"))
    return sent.select_related("sending").defer("sending__row").first() or took.first()


def sending_of(tenant: TenantRef, page_id: int) -> Sending | None:
    """Return what was sent of a page, if it was."""
    return Sending.objects.filter(sender=tenant.uuid, page_id=page_id).first()


def names(uuids: Sequence[UUID]) -> dict[UUID, str]:
    """Return the short names of sites; one that is gone has none."""
    known = directory().by_uuid
    return {uuid: known[uuid].short_name for uuid in uuids if uuid in known}


def announcements(*, limit: int = 100) -> list[Announcement]:
    """Return what was announced, the newest first."""
    return list(Announcement.objects.defer("text").order_by("-announced_at", "-pk")[:limit])


def announcement(number: UUID) -> Announcement | None:
    """Return one announcement, if there is one."""
    return Announcement.objects.filter(uuid=number).first()
