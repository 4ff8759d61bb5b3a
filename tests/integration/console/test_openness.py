"""The city's figure of openness: the worst site first, each entry with its place, and the same as a table."""

import csv
import datetime as dt
import io
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from catalogues.models import Standing
from memberships.contract import PlatformRole
from registry.contract import TenantRef
from registry.schemas import in_schema_of
from tests.factories.console import officer, text_of
from tests.factories.pages import publish_document
from tests.factories.sites import copied_sites

NOW = timezone.now()


@pytest.fixture(scope="module")
def sites(module_database: None) -> list[TenantRef]:
    return copied_sites("xiaodian", "yingze", "qingxu")


@pytest.fixture(scope="module")
def auditor(sites: list[TenantRef]) -> Client:
    """The auditor's browser: the figure is shown to all officers."""
    return officer(PlatformRole.AUDIT)


@pytest.fixture(autouse=True)
def _nothing_measured(sites: list[TenantRef]) -> None:
    Standing.objects.all().delete()


def _row(code: str, title: str, **changes: Any) -> dict[str, Any]:
    row = {"code": code, "title": title, "severity": 5, "words": "正常", "is_fulfilled": True, "is_late": False, "count": 3}
    return row | {"url": f"/zfxxgk/tree/?item={code}"} | changes


def _standing(site: TenantRef, *rows: dict[str, Any], at: dt.datetime = NOW) -> None:
    filled = sum(row["is_fulfilled"] for row in rows)
    late = sum(row["is_late"] for row in rows)
    facts = {"columns": 9, "blank": 2, "overdue": 1, "due_soon": 0, "entries": len(rows), "fulfilled": filled, "late": late}
    Standing.objects.create(tenant_uuid=site.uuid, measured_at=at, rows=list(rows), **facts)


def test_the_worst_comes_first_and_every_figure_is_exact(sites: list[TenantRef], auditor: Client) -> None:
    xiaodian, yingze, _ = sites
    blank = _row("20-2", "机关职能", is_fulfilled=False, words="空白", count=0, severity=1)
    late = _row("20-1", "行政法规", is_late=True, words="逾期 3 天", severity=2)
    _standing(xiaodian, late, _row("20-2", "机关职能"), at=NOW - dt.timedelta(hours=30))
    _standing(yingze, blank, _row("20-1", "行政法规"))

    words = text_of(auditor.get("/console/openness/"))
    detail = auditor.get("/console/openness/of/yingze/")

    assert "合计4项，已落实3项，逾期1项。" in words
    assert "1个站点还没有统计过。" in words
    assert "1个站点的数字超过26小时" in words
    places = [words.index(name) for name in ("太原市清徐县人民政府", "太原市迎泽区人民政府", "太原市小店区人民政府")]
    assert places == sorted(places)
    assert "太原市迎泽区人民政府 县（市、区）门户 1/2（50%） 1 0 2 1" in words
    assert "2/2（100%） 0 1 2 1" in words
    assert "机关职能 20-2 1/2 0 行政法规 20-1 0/2 1" in words
    assert f'href="http://{yingze.primary_domain}:8000/zfxxgk/tree/?item=20-2"' in detail.content.decode()
    assert "机关职能 20-2 空白 0 查看" in text_of(detail)
    assert "行政法规 20-1 正常 3 查看" in text_of(detail)
    assert auditor.get("/console/openness/of/nowhere/").status_code == 404


def test_of_unequal_lists_the_smaller_share_is_the_worse(sites: list[TenantRef], auditor: Client) -> None:
    xiaodian, yingze, qingxu = sites
    missing = {"is_fulfilled": False, "words": "空白", "count": 0}
    _standing(
        xiaodian, _row("20-1", "行政法规", **missing), _row("20-2", "机关职能", **missing), *(_row(f"21-{n}", "其他") for n in range(6))
    )
    _standing(yingze, _row("20-1", "行政法规", **missing))
    _standing(qingxu, _row("20-1", "行政法规"))

    words = text_of(auditor.get("/console/openness/"))

    shares = [words.index(share) for share in ("0/1（0%）", "6/8（75%）", "1/1（100%）")]
    assert shares == sorted(shares)


def test_the_table_has_a_line_for_each_site_and_entry_and_no_formula(sites: list[TenantRef], auditor: Client) -> None:
    _standing(sites[1], _row("20-1", "=1+1", is_fulfilled=False, words="空白", count=0, url=""))

    sent = auditor.get("/console/openness/export.csv")
    lines = list(csv.reader(io.StringIO(sent.content.decode("utf-8-sig"))))

    assert sent.headers["Content-Disposition"] == f'attachment; filename="openness-{timezone.localdate():%Y%m%d}.csv"'
    assert [line[:9] for line in lines] == [
        ["站点", "标识", "编码", "事项", "状态", "条数", "已落实", "逾期", "网址"],
        ["太原市迎泽区人民政府", "yingze", "20-1", "'=1+1", "空白", "0", "否", "否", ""],
    ]


def test_what_the_nightly_verb_measures_is_what_the_page_shows(sites: list[TenantRef], auditor: Client) -> None:
    with in_schema_of(sites[0]):
        publish_document("办法", slug="measured-1")
    call_command("openness", "measure", "--site", "xiaodian", "--yes", stdout=io.StringIO(), stderr=io.StringIO())

    kept = Standing.objects.get()
    detail = auditor.get("/console/openness/of/xiaodian/")

    filled = [row["title"] for row in kept.rows if row["is_fulfilled"]]
    assert [row["severity"] for row in kept.rows] == sorted(row["severity"] for row in kept.rows)
    assert f"{len(kept.rows)}项中已落实{len(filled)}项，逾期{sum(row['is_late'] for row in kept.rows)}项。" in text_of(detail)
    assert len(filled) == 1
    site = Client(headers={"host": sites[0].primary_domain})
    done = next(row for row in kept.rows if row["is_fulfilled"])
    page = site.get(done["url"])
    assert (page.status_code, "办法" in page.content.decode()) == (200, True)
