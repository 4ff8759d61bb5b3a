"""Reads: what a site sent and received, and where a copy comes from."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from exchange.contract import Mark, Origin
from exchange.models import Delivery, Sending
from registry.contract import Kind, TenantRef
from registry.selectors import directory, site_url


def receivers_of(tenant: TenantRef) -> list[TenantRef]:
    """Return the sites of the same city that can be given a text; only the portal gives, so nobody receives from elsewhere."""
    if tenant.kind is not Kind.CITY:
        return []
    return [site for site in directory().of_city(tenant.city_slug) if site.uuid != tenant.uuid and site.is_live and site.is_writable]


def origin_of(tenant: TenantRef, page_id: int) -> Origin | None:
    """Return where a page comes from, in one query; none for a site's own text."""
    copy = Delivery.objects.filter(receiver=tenant.uuid, page_id=page_id).select_related("sending").defer("sending__row").first()
    if copy is None:
        return None
    sending = copy.sending
    sender = directory().by_uuid.get(sending.sender)
    name, url = (sender.name, site_url(sender, sending.path)) if sender and sender.is_live else (sender.name if sender else "", "")
    return Origin(name, "" if sending.mark == Mark.WITHDRAWN else url, sending.mark, Mark(sending.mark).label, sending.marked_at)


def sent_by(tenant: TenantRef) -> QuerySet[Sending]:
    """Return what a site sent, the newest first, with what became of it."""
    deliveries = Prefetch("deliveries", Delivery.objects.order_by("pk"))
    return Sending.objects.filter(sender=tenant.uuid).defer("row").prefetch_related(deliveries).order_by("-sent_at", "-pk")


def received_by(tenant: TenantRef) -> QuerySet[Delivery]:
    """Return what a site was given, the newest first."""
    return (
        Delivery.objects.filter(receiver=tenant.uuid).select_related("sending").defer("sending__row").order_by("-sending__sent_at", "-pk")
    )


def sending_of(tenant: TenantRef, page_id: int) -> Sending | None:
    """Return what was sent of a page, if it was."""
    return Sending.objects.filter(sender=tenant.uuid, page_id=page_id).first()


def names(uuids: Sequence[UUID]) -> dict[UUID, str]:
    """Return the short names of sites; one that is gone has none."""
    known = directory().by_uuid
    return {uuid: known[uuid].short_name for uuid in uuids if uuid in known}
