"""Consultations and opinions of the current site."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone

from intake.contract import Purpose
from intake.services import open_form
from library.selectors import find_document
from registry.contract import TenantRef
from tenants.consultations import services
from tenants.consultations.models import ConsultationHearing, ConsultationOutcome, ConsultationPage, Opinion
from tests.factories.pages import column

WHOLE = {"organ": "示例区交通局", "note": "为什么起草。\n主要内容。", "phone": "0351-0000000", "kind": "decision"}


def consult(
    title: str = "停车办法公开征求意见",
    *,
    slug: str = "zj",
    begins: int = -5,
    ends: int = 30,
    outcomes: tuple[tuple[str, str, str], ...] = (),
    hearings: tuple[dict[str, Any], ...] = (),
    parent: str = "yjzj",
    final_reference: str = "",
    **fields: Any,
) -> ConsultationPage:
    """Publish a consultation in the current site that begins and ends so many days from today."""
    today = timezone.localdate()
    period = {"starts_on": today + dt.timedelta(days=begins), "ends_on": today + dt.timedelta(days=ends)}
    body = {"body": [("paragraph", "<p>第一条 为了便民，制定本办法。</p>")]}
    page = ConsultationPage(title=title, slug=slug, live=False, **{**WHOLE, **period, **body, **fields})
    if final_reference:
        page.final_reference, page.final_target = final_reference, find_document(final_reference, city_slug="taiyuan").key
    page.outcomes = [
        ConsultationOutcome(opinion=opinion, adoption=adoption, reason=reason, sort_order=place)
        for place, (opinion, adoption, reason) in enumerate(outcomes)
    ]
    page.hearings = [ConsultationHearing(**row, sort_order=place) for place, row in enumerate(hearings)]
    with transaction.atomic():
        column(parent).add_child(instance=page)
        page.save_revision().publish()
    found: ConsultationPage = ConsultationPage.objects.get(pk=page.pk)  # publishing worked on another copy
    return found


def opinion(page: ConsultationPage, tenant: TenantRef, text: str = "建议延长免费时间。", **said: str) -> Opinion:
    """Send an opinion now."""
    token = open_form(tenant, Purpose.COMMENT)
    return services.receive(page, tenant, token=token, text=text, sender="", now=timezone.now(), **said)


def past_opinion(page: ConsultationPage, text: str = "建议延长免费时间。", **fields: Any) -> Opinion:
    """Keep an opinion on a consultation that is over, as if it had come in time."""
    number = f"20260101{Opinion.objects.count():06}"
    made: Opinion = Opinion.objects.create(consultation=page, text=text, number=number, **{"received_at": timezone.now(), **fields})
    return made
