"""A text of the current site as a row that other sites can make a page of."""

import re
from collections.abc import Sequence
from typing import Any

from django.db import models, transaction
from typing_extensions import override
from wagtail.documents.models import AbstractDocument
from wagtail.images.models import AbstractImage
from wagtail.models import Page

from exchange import services as exchange
from exchange.contract import ExchangeError, Mode
from exchange.models import Sending
from jobs.services import enqueue
from registry.contract import TenantRef
from registry.selectors import current_tenant, site_url
from tenants.pages.composing import path_of
from tenants.pages.exporting import page_row, upload_row
from tenants.pages.exporting.fields import Keys
from tenants.pages.models import ColumnPage, TextPage
from tenants.sharing.services.carrying import carry_out

_PAGE_LINK = re.compile(r'linktype="page" href="(?P<path>/[^"]*)"')
OWN = ("source_id", "text_group")  # what belongs to one site's copy
OWN_LISTS = ("relations", "interpretation_duties")  # what the original says of other documents is said once; duties are its site's


class NotSentError(ExchangeError):
    """A text that cannot go to others as it is."""


@transaction.atomic
def send(page: TextPage, *, receivers: Sequence[TenantRef], mode: Mode | None, by: str) -> Sending:
    """Give a live text to other sites, or give them its newest version; what is to go live at once is carried out by a job.

    Without a mode each site keeps the one it has.

    Raises:
        NotSentError: readers of this site do not see it.
        exchange.contract.NoReceiverError: nobody was chosen, or a site that this one may not send to.

    """
    tenant = current_tenant()
    if tenant is None or not page.live or page.get_view_restrictions().exists():
        raise NotSentError("只有已发布、公开的内容可以推送。")
    sending = exchange.send(
        tenant, page_id=page.pk, path=path_of(page), title=page.title, row=row_of(page, tenant), receivers=receivers, mode=mode, by=by
    )
    if sending.deliveries.filter(mode=Mode.AT_ONCE).exists():
        enqueue(carry_out, label=f"推送《{page.title}》", subject=tenant.slug, tenant=tenant, actor=by, payload={"sending": sending.pk})
    return sending


def row_of(page: TextPage, tenant: TenantRef) -> dict[str, Any]:
    """Return what other sites need to make the same page: its fields, the files it uses, what its column is for."""
    names = _Names()
    row = page_row(page, names, {})
    above = ColumnPage.objects.ancestor_of(page).order_by("-depth").values_list("column_type", flat=True).first()
    fields = {name: value for name, value in row["fields"].items() if name not in OWN}
    fields["source"] = fields.get("source") or tenant.name
    if "source_url" in fields:
        fields["source_url"] = fields["source_url"] or site_url(tenant, path_of(page))  # what a county may only relay needs it
    lists = {name: rows for name, rows in row.get("lists", {}).items() if name not in OWN_LISTS}
    return {
        "type": row["type"],
        "title": page.title,
        "search_description": page.search_description,
        "column_type": above or "",
        "fields": _linked(fields, tenant),
        "lists": _linked(lists, tenant),
        "media": names.media,
    }


class _Names(Keys):
    """What pages and files are called outside, asked for one by one: a text leads to few of them."""

    def __init__(self) -> None:
        super().__init__()
        self.media: list[dict[str, Any]] = []

    @override
    def key(self, model: type[models.Model], number: Any) -> Any:
        if number is None:
            return None
        row = model.objects.filter(pk=number).first()  # type: ignore[attr-defined] # every model of a site has it
        if isinstance(row, Page):
            return path_of(row)
        if not isinstance(row, AbstractImage | AbstractDocument):  # lists and words of this site are nobody else's
            return None
        described = upload_row(row)
        if described not in self.media:
            self.media.append(described)
        return described["file"]


def _linked(value: Any, tenant: TenantRef) -> Any:
    """Let links to pages of this site lead here, wherever the text stands."""
    if isinstance(value, str):
        return _PAGE_LINK.sub(lambda match: f'href="{site_url(tenant, match["path"])}"', value)
    if isinstance(value, dict):
        return {name: _linked(each, tenant) for name, each in value.items()}
    return [_linked(each, tenant) for each in value] if isinstance(value, list) else value
