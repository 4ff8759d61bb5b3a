"""A text of another site becomes a page of this one, with the files it uses."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from io import BytesIO
from pathlib import PurePosixPath
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import models, transaction
from django.utils import timezone
from typing_extensions import override
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail.utils.file import hash_filelike

from exchange import services as exchange
from exchange.contract import DeliveryState, ExchangeError, Mode
from exchange.models import Delivery, Sending
from jobs.contract import Job
from jobs.services import job
from registry.contract import TenantRef
from registry.schemas import in_schema_of
from registry.selectors import directory
from tenants.pages.blocks import plain_text
from tenants.pages.contract import ColumnType
from tenants.pages.exporting import fill_own, model_of, upload_from
from tenants.pages.exporting.fields import Keys
from tenants.pages.models import ColumnPage, TextPage

FACTS = ("doc_no", "issuer", "signed_date", "effective_date", "validity", "source", "summary")
MOST_LINES = 40


class NoColumnError(ExchangeError):
    """The receiving site has no column for such a text."""


def columns_for(row: Mapping[str, Any]) -> list[ColumnPage]:
    """Return the columns a text may stand in here, those for the same kind of content first, of them those on the home page."""
    columns = list(ColumnPage.objects.live().order_by("path"))
    return sorted(columns, key=lambda column: (column.column_type != row["column_type"], not column.is_on_home))


def facts_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what somebody who decides about a text must see of it: its kind, what is special of it, its words."""
    model, fields = model_of(row["type"]), row["fields"]
    names = [each for each in FACTS if model is not None and each in fields and fields[each]]
    shown = {str(model._meta.get_field(name).verbose_name): _label(model, name, fields[name]) for name in names} if model else {}
    body = model._meta.get_field("body") if model else None
    lines = plain_text(body.to_python(json.dumps(fields.get("body") or []))).splitlines() if isinstance(body, StreamField) else []
    kind = str(model._meta.verbose_name) if model else row["type"]
    return {"kind": kind, "fields": shown, "lines": lines[:MOST_LINES], "more": max(0, len(lines) - MOST_LINES), "files": len(row["media"])}


def _label(model: type[Page], name: str, value: Any) -> str:
    return str(dict(model._meta.get_field(name).flatchoices).get(value, value))


@transaction.atomic
def carry(delivery: Delivery, *, column: int | None = None, by: str, now: datetime) -> Page:
    """Publish the newest version of a text at its receiving site; without a column, in one for the same kind of content.

    Raises:
        NoColumnError: the site has none.
        exchange.contract.DecidedError: it is there already.
        ExchangeError: it cannot be made here; the message says why.

    """
    row = exchange.open_delivery(delivery)
    known, content = directory().by_uuid, row.sending.row
    receiver, sender = known.get(row.receiver), known.get(row.sending.sender)
    if receiver is None or sender is None or not receiver.is_writable:
        raise ExchangeError("发出网站或接收网站已不存在，或者不能修改。")
    files = _files_of(sender, content["media"])
    with in_schema_of(receiver):
        page = _page(row, content, column)
        try:
            fill_own(page, content, _Numbers(content["media"], files))
            page.title, page.search_description = row.sending.title, content["search_description"]
            page.save()
            page.save_revision().publish()
        except (LookupError, ValueError, ValidationError) as error:
            raise ExchangeError(f"这份内容不能在本站生成：{'；'.join(getattr(error, 'messages', [str(error)]))}") from error
    exchange.note_carried(row, page_id=page.pk, by=by, now=now)
    return page


def _page(row: Delivery, content: Mapping[str, Any], column: int | None) -> Page:
    """Return the page a text stands on here, or a new one in its column."""
    kept = Page.objects.filter(pk=row.page_id).first() if row.page_id else None
    if kept is not None:
        return kept.specific
    columns = columns_for(content)
    parent = next((each for each in columns if each.pk == column), None) if column else next(iter(columns), None)
    if parent is None or (column is None and parent.column_type != content["column_type"]):
        label = ColumnType(content["column_type"]).label if content["column_type"] else "相应"
        raise NoColumnError(f"本站没有“{label}”类栏目，请先新建，或由接收网站选择栏目。")
    page = (model_of(content["type"]) or Page)(title=row.sending.title, slug=f"ts{row.sending_id}", live=False)
    if not isinstance(page, TextPage):
        raise ExchangeError(f"不认识的内容类型：{content['type']}。")
    return parent.add_child(instance=page)


def _files_of(sender: TenantRef, media: Sequence[Mapping[str, Any]]) -> dict[str, bytes]:
    """Return the content of the files a text uses, by the name they travel under."""
    found = {}
    with in_schema_of(sender):
        for each in media:
            try:
                with default_storage.open(each["file"].removeprefix("media/")) as file:
                    found[each["file"]] = file.read()
            except OSError as error:
                raise ExchangeError(f"发出网站的文件《{each['fields'].get('title', each['file'])}》已不存在。") from error
    return found


class _Numbers(Keys):
    """What the files of a text are here: one with the same content is used, others are made; pages of the sender's have no number."""

    def __init__(self, media: Sequence[Mapping[str, Any]], files: Mapping[str, bytes]) -> None:
        super().__init__()
        self._media, self._files = {each["file"]: each for each in media}, files

    @override
    def number(self, model: type[models.Model], key: Any) -> Any:
        if key is None or issubclass(model, Page) or key not in self._media:
            return None
        upload = upload_from(self._media[key], ContentFile(self._files[key], name=PurePosixPath(key).name))
        upload.file_hash = hash_filelike(BytesIO(self._files[key]))
        same = type(upload).objects.filter(file_hash=upload.file_hash, title=upload.title).first()
        if same is not None:
            return same.pk
        upload.save()
        return upload.pk


@job
def carry_out(told: Job, payload: Mapping[str, Any]) -> dict[str, int]:
    """Publish a text at every site that takes what it is sent; a site that cannot says why, the others have it."""
    sending = Sending.objects.get(pk=payload["sending"])
    counts = {"carried": 0, "failed": 0}
    at_once = sending.deliveries.filter(mode=Mode.AT_ONCE, version__lt=sending.version)
    for delivery in at_once.exclude(state=DeliveryState.DECLINED).order_by("pk"):
        try:
            carry(delivery, by=told.actor, now=timezone.now())
            counts["carried"] += 1
        except ExchangeError as error:
            exchange.note_failed(delivery, str(error))
            counts["failed"] += 1
    return counts
