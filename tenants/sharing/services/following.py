"""What becomes of an original reaches every copy."""

from dataclasses import replace
from datetime import datetime

from wagtail.models import Page

from exchange import services as exchange
from exchange.contract import DeliveryState, Mark, Original
from exchange.models import Delivery, Sending
from exchange.selectors import receivers_of, sending_of
from registry.contract import TenantRef
from registry.schemas import in_schema_of
from registry.selectors import directory
from tenants.pages.models import DocumentPage, TextPage
from tenants.sharing.selectors import copies_of, mark_of, original_of, source_of
from tenants.sharing.services.sending import row_of, send


def follow(page: TextPage, tenant: TenantRef, *, now: datetime) -> None:
    """A text of the current site was published: who has it gets the newer version, and learns that it is over, or in force again."""
    if sending := sending_of(tenant, page.pk):
        _follow_sent(sending, page, tenant, now=now)
    if source := source_of(page, tenant):
        exchange.note_relay(source, receiver=tenant.uuid, copy_id=page.pk, now=now)
    else:
        exchange.forget_relay(receiver=tenant.uuid, copy_id=page.pk)
    if original := original_of(tenant, page.pk):
        _tell_relays(original, tenant, now=now)


def follow_gone(page_id: int, tenant: TenantRef, *, now: datetime) -> None:
    """A text of the current site was taken down or deleted: readers of every copy are told."""
    if sending := sending_of(tenant, page_id):
        _mark(sending, Mark.WITHDRAWN, now=now)
    exchange.forget_relay(receiver=tenant.uuid, copy_id=page_id, keep_told=True)
    if original := original_of(tenant, page_id):
        _tell_relays(replace(original, mark=Mark.WITHDRAWN), tenant, now=now)


def _follow_sent(sending: Sending, page: TextPage, tenant: TenantRef, *, now: datetime) -> None:
    if sending.row != row_of(page, tenant) or sending.title != page.title:
        here = {site.uuid: site for site in receivers_of(tenant)}
        kept = sending.deliveries.exclude(state=DeliveryState.DECLINED).values_list("receiver", flat=True)
        if receivers := [here[uuid] for uuid in kept if uuid in here]:
            sending = send(page, receivers=receivers, mode=None, by=sending.sent_by)
    _mark(sending, mark_of(getattr(page, "validity", "")), now=now, validity=getattr(page, "validity", ""))


def _tell_relays(original: Original, tenant: TenantRef, *, now: datetime) -> None:
    """Let pages that took a text over by themselves say what became of it; they are other sites' own, so nothing else changes."""
    if original.mark:
        for site, copy in copies_of(tenant, original.page_id):
            exchange.note_relay(original, receiver=site.uuid, copy_id=copy, now=now)
    exchange.mark_relays(original, now=now)


def _mark(sending: Sending, what: Mark, *, now: datetime, validity: str = "") -> None:
    for copy in exchange.mark(sending, what, now=now):
        if validity:
            _mark_copy(copy, validity)


def _mark_copy(copy: Delivery, validity: str) -> None:
    """Give a copied document the validity of its original, so that lists and search say it too."""
    receiver = directory().by_uuid.get(copy.receiver)
    if receiver is None:
        return
    with in_schema_of(receiver):
        page = Page.objects.filter(pk=copy.page_id).first()
        specific = page.specific if page else None
        if isinstance(specific, DocumentPage) and specific.validity != validity:
            specific.validity = validity
            specific.save()
            if specific.live:
                specific.save_revision().publish()
