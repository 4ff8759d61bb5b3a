"""Organs, their directory, the leaders and the power lists as a reader gets them, and how many queries they cost."""

import datetime as dt
import io
from collections.abc import Iterator
from typing import Any

import openpyxl
import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from registry.contract import TenantRef
from registry.schemas import in_schema_of
from tenants.organs import composing
from tenants.organs.contract import OrganList
from tenants.organs.models import PowerListPage
from tenants.pages.contract import Item
from tests.factories.organs import COMPLETE, clear_texts, item, organ, power_list, publish_items
from tests.factories.pages import publish_article
from tests.factories.sites import copied_sites

MOST_QUERIES = 15
LEADERS = (
    {"name": "样例甲", "post": "局长", "division": "主持全面工作。", "resume": "示例简历。"},
    {"name": "样例乙", "post": "副局长"},
)
UNITS = ({"name": "基础教育科", "duty": "管理义务教育。", "phone": "0351-6660009"},)


@pytest.fixture(scope="module")
def opened(module_database: None) -> TenantRef:
    (tenant,) = copied_sites("xiaodian")
    return tenant


@pytest.fixture
def site(opened: TenantRef) -> Iterator[TenantRef]:
    """Return the module's site; what a test put into it is removed."""
    with in_schema_of(opened):
        yield opened
        with in_schema_of(opened), transaction.atomic():
            clear_texts()


@pytest.fixture
def reader() -> Client:
    return Client(headers={"host": "xiaodian.localhost"})


def context(reader: Client, path: str) -> dict[str, Any]:
    response = reader.get(path)
    assert response.status_code == 200, path
    return dict(response.context_data or {})


def test_an_organ_shows_what_the_law_asks_for(site: TenantRef, reader: Client) -> None:
    """S9: duties, inner units, address, hours, phone, leaders with their division of work; who was filed stays inside."""
    organ("示例区教育局", slug="jyj", leaders=LEADERS, units=UNITS, **COMPLETE)

    html = reader.get("/zwgk/jgzn/jyj/").content.decode()

    for shown in ("管理全区基础教育。", "示例路2号", "工作日 8:30—12:00", "0351-6660001", "0351-6660002", "jyj@example.gov.cn", "局长"):
        assert shown in html
    for shown in ("主持全面工作。", "基础教育科", "管理义务教育。", "0351-6660009", "办公室"):
        assert shown in html
    assert '<meta name="ColumnType" content="机构职能">' in html
    assert "备〔2026〕12号" not in html


def test_the_directory_is_grouped_and_in_order(site: TenantRef, reader: Client) -> None:
    """S10: the directory makes itself from the organs: by kind, then by number; drafts are left out."""
    organ("乙局", slug="b", kind="department", position=20)
    organ("丙镇", slug="c", kind="township")
    organ("甲局", slug="a", kind="department", position=10)
    organ("区政府", slug="g", kind="government")
    with transaction.atomic():
        organ("丁局", slug="d", kind="department", position=5).unpublish()
    publish_article("机构改革说明", parent="jgzn", slug="gg")

    shown = context(reader, "/zwgk/jgzn/")

    assert [(group["title"], [one["title"] for one in group["organs"]]) for group in shown["groups"]] == [
        ("政府", ["区政府"]),
        ("政府部门", ["甲局", "乙局"]),
        ("乡镇街道", ["丙镇"]),
    ]
    assert shown["total"] == 4
    assert [text.title for text in shown["texts"]] == ["机构改革说明"]


def test_the_leaders_are_shown_organ_by_organ(site: TenantRef, reader: Client) -> None:
    """S9: 负责人信息 gathers all leaders; an organ without any is left out."""
    speeches = publish_article("讲话", parent="ldxx", slug="jh")
    organ("教育局", slug="jyj", leaders=({"name": "样例甲", "post": "局长", "speeches": speeches.page_ptr},))
    organ("区政府", slug="qzf", kind="government", leaders=({"name": "样例丙", "post": "区长"}, {"name": "样例丁", "post": "副区长"}))
    organ("民政局", slug="mzj")

    shown = context(reader, "/zwgk/ldxx/")

    assert [(group["title"], [one["name"] for one in group["leaders"]]) for group in shown["groups"]] == [
        ("区政府", ["样例丙", "样例丁"]),
        ("教育局", ["样例甲"]),
    ]
    assert shown["groups"][1]["leaders"][0]["speeches_url"] == "/zwgk/ldxx/jh/"


def test_another_rooms_list_stands_on_the_organs_page(site: TenantRef, reader: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(composing, "LISTS", [])
    composing.show_with_organs(OrganList("发布的文件", lambda page, _request: [Item(f"{page.title}的文件", "/f/", None)]))
    composing.show_with_organs(OrganList("办事指南", lambda _page, _request: []))
    organ("教育局", slug="jyj")

    assert [(one["title"], [row.title for row in one["rows"]]) for one in context(reader, "/zwgk/jgzn/jyj/")["lists"]] == [
        ("发布的文件", ["教育局的文件"])
    ]


def test_a_power_list_shows_its_items_version_and_last_check(site: TenantRef, reader: Client) -> None:
    """S8: items with basis, unit, process and supervision; version and date of the last check; a file of all."""
    items = [
        item(basis="《民办教育促进法》第十二条", unit="教育局", process="受理、审查", supervision="追责情形"),
        item("CF-001", "违规办学处罚", "penalty"),
    ]
    power_list(organ("教育局", slug="jyj"), *items, checked_on=dt.date(2026, 3, 31), edition="2026年版")

    shown = context(reader, "/zwgk/jgzn/jyj/qzqd/")

    assert [(one["code"], one["kind"]) for one in shown["items"]] == [("XK-001", "行政许可"), ("CF-001", "行政处罚")]
    assert [fact["label"] for fact in shown["items"][0]["facts"]] == ["设定依据", "实施主体", "办理流程", "责任与监督"]
    assert (shown["version"]["number"], shown["version"]["edition"], shown["checked_on"]) == (1, "2026年版", dt.date(2026, 3, 31))
    assert [one["code"] for one in context(reader, "/zwgk/jgzn/jyj/qzqd/?kind=penalty")["items"]] == ["CF-001"]
    assert [one["code"] for one in context(reader, "/zwgk/jgzn/jyj/qzqd/?q=学校")["items"]] == ["XK-001"]
    assert context(reader, "/zwgk/jgzn/jyj/qzqd/?q=没有")["items"] == []
    assert len(context(reader, "/zwgk/jgzn/jyj/qzqd/?kind=x&page=x&changes=x")["items"]) == 2
    book = openpyxl.load_workbook(io.BytesIO(reader.get("/zwgk/jgzn/jyj/qzqd/?format=xlsx").content))
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    assert rows[0] == ("事项编码", "权力类型", "事项名称", "设定依据", "实施主体", "办理流程", "责任与监督")
    assert rows[1][:3] == ("XK-001", "行政许可", "民办学校设立许可")
    assert reader.get("/zwgk/jgzn/jyj/qzqd/?format=csv").headers["Content-Type"] == "text/csv; charset=utf-8"


def test_readers_see_what_a_version_changed(site: TenantRef, reader: Client) -> None:
    """S8: added, removed and changed by field; a check without a change makes no version."""
    page = power_list(organ("教育局", slug="jyj"), item(), item("CF-001", "违规办学处罚", "penalty"), checked_on=dt.date(2025, 3, 1))
    publish_items(page, item(unit="审批局"), item("FW-001", "入学咨询", "service"))
    page = PowerListPage.objects.get(pk=page.pk)
    page.checked_on = dt.date(2026, 3, 1)
    with transaction.atomic():
        page.save_revision().publish()

    shown = context(reader, "/zwgk/jgzn/jyj/qzqd/?changes=2")

    found = shown["differences"]
    assert (found["number"], found["before"]) == (2, 1)
    assert [one.code for one in found["added"]] == ["FW-001"]
    assert [one.code for one in found["removed"]] == ["CF-001"]
    assert [(one.code, [(field.label, field.before, field.after) for field in one.fields]) for one in found["changed"]] == [
        ("XK-001", [("实施主体", "", "审批局")])
    ]
    assert [(one["number"], one["added"], one["removed"], one["changed"]) for one in shown["versions"]] == [(2, 1, 1, 1), (1, 0, 0, 0)]
    assert shown["versions"][0]["checked_on"] == dt.date(2026, 3, 1)
    for asked in ("1", "3", "x", "99999999999999999999"):
        assert context(reader, f"/zwgk/jgzn/jyj/qzqd/?changes={asked}")["differences"] is None


def test_the_overview_counts_all_lists(site: TenantRef, reader: Client) -> None:
    """S8: the column for power lists shows every organ's list with its numbers."""
    power_list(organ("教育局", slug="jyj", position=2), item(), item("XK-002"), item("FW-001", kind="service"))
    power_list(organ("民政局", slug="mzj", position=1), item("A", kind="penalty"))
    organ("水务局", slug="swj")

    shown = context(reader, "/zwgk/qzqd/")

    assert shown["kinds"] == ["行政许可", "行政处罚", "公共服务"]
    assert [(row["organ"], row["counts"], row["total"]) for row in shown["rows"]] == [("民政局", [0, 1, 0], 1), ("教育局", [2, 0, 1], 3)]
    assert (shown["totals"], shown["total"]) == ([2, 1, 1], 4)


def fill(site: TenantRef, count: int, *, start: int = 0) -> None:
    with in_schema_of(site):
        _fill(count, start)


def _fill(count: int, start: int) -> None:
    for number in range(start, start + count):
        made = organ(f"第{number}局", slug=f"j{number}", leaders=LEADERS, units=UNITS)
        power_list(made, item(), item("B"))


@pytest.mark.parametrize("path", ["/zwgk/jgzn/", "/zwgk/ldxx/", "/zwgk/qzqd/", "/zwgk/jgzn/j0/", "/zwgk/jgzn/j0/qzqd/?changes=2"])
@pytest.mark.usefixtures("known_sites")
def test_pages_cost_few_queries_however_many_organs_there_are(site: TenantRef, reader: Client, path: str) -> None:
    fill(site, 1)
    page = PowerListPage.objects.get()
    publish_items(page, item(unit="甲"), item("C"))
    reader.get(path)
    with CaptureQueriesContext(connection) as few:
        assert reader.get(path).status_code == 200
    fill(site, 4, start=1)
    with in_schema_of(site):
        publish_items(page, *(item(f"C{number}") for number in range(60)))

    with CaptureQueriesContext(connection) as many:
        assert reader.get(path).status_code == 200

    assert len(many) == len(few), [query["sql"][:120] for query in many.captured_queries]
    assert len(many) <= MOST_QUERIES, [query["sql"][:120] for query in many.captured_queries]
