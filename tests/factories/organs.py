"""Organs and power lists of a site, made inside its schema."""

from typing import Any

from django.db import transaction
from wagtail.models import Page

from tenants.organs.models import InnerUnit, OrganLeader, OrganPage, PowerItem, PowerListPage
from tests.factories.pages import column

COMPLETE: dict[str, Any] = {
    "kind": "department",
    "body": [("paragraph", "<p>管理全区基础教育。</p>")],
    "address": "示例路2号",
    "hours": "工作日 8:30—12:00",
    "phone": "0351-6660001",
    "fax": "0351-6660002",
    "email": "jyj@example.gov.cn",
    "responsible_name": "样例甲",
    "responsible_post": "副局长",
    "filed_on": "2026-03-02",
    "filing_receipt": "备〔2026〕12号",
    "openness_unit": "办公室",
    "staff_count": 2,
}


def organ(
    title: str, *, slug: str, leaders: tuple[dict[str, Any], ...] = (), units: tuple[dict[str, Any], ...] = (), **fields: Any
) -> OrganPage:
    """Publish an organ in the column for organs."""
    page = OrganPage(title=title, slug=slug, live=False, **fields)
    page.leaders = [OrganLeader(sort_order=place, **one) for place, one in enumerate(leaders)]
    page.units = [InnerUnit(sort_order=place, **one) for place, one in enumerate(units)]
    with transaction.atomic():
        column("jgzn").add_child(instance=page)
        page.save_revision().publish()
    published: OrganPage = OrganPage.objects.get(pk=page.pk)
    return published


def power_list(of: OrganPage, *items: dict[str, Any], slug: str = "qzqd", **fields: Any) -> PowerListPage:
    """Publish an organ's power list."""
    of.refresh_from_db()
    page = PowerListPage(title=f"{of.title}权责清单", slug=slug, live=False, **fields)
    with transaction.atomic():
        of.add_child(instance=page)
    return publish_items(page, *items)


def publish_items(page: PowerListPage, *items: dict[str, Any]) -> PowerListPage:
    """Publish a list with these items and no others."""
    page.items = [PowerItem(sort_order=place, **one) for place, one in enumerate(items)]
    with transaction.atomic():
        page.save_revision().publish()
    published: PowerListPage = PowerListPage.objects.get(pk=page.pk)
    return published


def item(code: str = "XK-001", name: str = "民办学校设立许可", kind: str = "permit", **fields: Any) -> dict[str, Any]:
    """Return the fields of an item."""
    return {"code": code, "name": name, "kind": kind} | fields


def clear_texts() -> None:
    """Remove all texts of the current site, and what is kept of them, in the caller's transaction."""
    for page in Page.objects.exclude(content_type__model__in=["columnpage", "homepage"]).filter(depth__gt=2).order_by("-depth"):
        page.specific.delete()
