"""What becomes of an original reaches every copy."""

from datetime import datetime

from wagtail.models import Page

from exchange import services as exchange
from exchange.contract import DeliveryState, Mark, Mode
from exchange.models import Delivery, Sending
from exchange.selectors import receivers_of, sending_of
from registry.contract import TenantRef
from registry.schemas import in_schema_of
from registry.selectors import directory
from search.contract import Validity
from tenants.pages.models import DocumentPage, TextPage
from tenants.sharing.services.sending import row_of, send

_MARKS = {Validity.REPEALED.value: Mark.REPEALED, Validity.EXPIRED.value: Mark.EXPIRED}


def follow(page: TextPage, tenant: TenantRef, *, now: datetime) -> None:
    """A text of the current site was published: who has it gets the newer version, and learns that it was repealed."""
    sending = sending_of(tenant, page.pk)
    if sending is None:
        return
    if sending.row != row_of(page, tenant) or sending.title != page.title:
        here = {site.uuid: site for site in receivers_of(tenant)}
        kept = sending.deliveries.exclude(state=DeliveryState.DECLINED).values_list("receiver", flat=True)
        if receivers := [here[uuid] for uuid in kept if uuid in here]:
            sending = send(page, receivers=receivers, mode=Mode(sending.mode), by=sending.sent_by)
    _mark(sending, _MARKS.get(getattr(page, "validity", ""), Mark.NONE), now=now)


def follow_gone(page_id: int, tenant: TenantRef, *, now: datetime) -> None:
    """A text of the current site was taken down or deleted: readers of every copy are told."""
    sending = sending_of(tenant, page_id)
    if sending is not None:
        _mark(sending, Mark.WITHDRAWN, now=now)


def _mark(sending: Sending, what: Mark, *, now: datetime) -> None:
    validity = next((value for value, mark in _MARKS.items() if mark == what), "")
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
