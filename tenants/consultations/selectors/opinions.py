"""The opinions on one consultation, as lists and files show them: who sent them is masked."""

from collections.abc import Iterator

from django.db.models import QuerySet
from django.utils import timezone

from tenants.consultations.contract import masked
from tenants.consultations.models import ConsultationPage, Opinion

HEADINGS = ("编号", "收到时间", "意见内容", "姓名或单位", "联系方式")


def opinions_on(page: ConsultationPage) -> "QuerySet[Opinion]":
    """Return the opinions that count, the newest first."""
    return Opinion.objects.filter(consultation=page, withheld_at=None).order_by("-received_at", "-pk")


def withheld_on(page: ConsultationPage) -> "QuerySet[Opinion]":
    """Return the opinions that were withheld, the last one first."""
    return Opinion.objects.filter(consultation=page, withheld_at__isnull=False).order_by("-withheld_at", "-pk")


def row_of(opinion: Opinion) -> tuple[str, str, str, str, str]:
    """Return an opinion as a row, with name and contact masked."""
    at = timezone.localtime(opinion.received_at)
    return opinion.number, f"{at:%Y-%m-%d %H:%M}", opinion.text, masked(opinion.name), masked(opinion.contact)


def rows_on(page: ConsultationPage) -> Iterator[tuple[str, ...]]:
    """Yield the headings and all opinions that count, the oldest first."""
    yield HEADINGS
    for opinion in opinions_on(page).reverse().iterator(chunk_size=500):
        yield row_of(opinion)
