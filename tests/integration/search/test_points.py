"""The points a search page is judged by (搜不到、搜不全、搜不准、体验差), by what a reader sees; the table says which test shows which.

| point | what | test |
|---|---|---|
| 1 | query kept in box and title, count, time | `test_the_query_stays_and_is_counted` |
| 2 | without JavaScript, an address that can be shared | `test_every_choice_is_in_the_address` |
| 5 | tabs with counts, empty ones say 0 | `test_tabs_follow_the_columns` |
| 6 | filters, chips, counts | `test_each_filter_keeps_what_it_promises`, `test_chips_let_go_one_by_one_and_all_at_once` |
| 7 | order by relevance or date | `test_order` |
| 8 | one text, all its sites, always a site and a date | `test_reposts_are_folded_and_named` |
| 9 | attachments | `tests/integration/media/test_files_are_found.py` |
| 10 | number, index number, issuer, validity | `test_numbers_are_found_and_facts_are_shown` |
| 11 | service cards first | `test_service_cards_come_first_for_those_who_want_to_get_something_done` |
| 13 | traditional, full width | `test_other_ways_of_writing` |
| 15 | nothing asked: help | `test_nothing_asked_is_helped` |
| 16 | nothing found: why, and what next | `test_nothing_found_says_whether_choices_caused_it` |
| 17 | marks never break characters | `test_marks_break_no_characters` |
| 18 | a saved search as a feed | `tests/integration/search/test_feed_and_feedback.py` |
| 20 | the scope is remembered | `test_the_scope_is_remembered_without_saying_who` |
| 21 | withdrawn is gone | `test_what_is_withdrawn_is_gone_from_the_page` |
| 22 | was it useful | `tests/integration/search/test_feed_and_feedback.py` |
| 23 | without the engine | `test_without_the_engine_tabs_and_filters_still_hold` |
| 25 | large text, contrast | `tests/journeys/test_gallery_axe.py` |
"""

import datetime as dt
import html
import re
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client

from registry.schemas import in_schema_of
from registry.selectors import tenant_by_slug
from search import selectors
from search.contract import Category, Tab, Validity
from tests.conftest import empty_database
from tests.factories.documents import document, publish, withdraw
from tests.factories.pages import publish_article, publish_document
from tests.factories.sites import copied_sites

pytestmark = [pytest.mark.elasticsearch, pytest.mark.usefixtures("_city")]
CHINA = ZoneInfo("Asia/Shanghai")
PORTAL, COUNTY = "taiyuan.localhost", "xiaodian.localhost"
REPOST: dict[str, Any] = {
    "title": "公共停车场收费标准的通知",
    "doc_nos": ("并政发〔2024〕3号",),
    "issuer": "太原市发展和改革委员会、太原市财政局",
}


@pytest.fixture(scope="module")
def _city(module_index: Any) -> Any:
    """A portal and a county with texts in columns of several types, and documents handed over directly."""
    empty_database()
    portal, xiaodian = copied_sites("taiyuan", "xiaodian")
    with in_schema_of(xiaodian):
        publish_document("停车管理办法", slug="doc", doc_no="小政发〔2026〕3号", index_no="11140105/2026-00003")
        for number, column in enumerate(("zcjd", "bsfw", "yaowen", "tzgg", "zhinan")):
            publish_article(f"停车文章{number}", "<p>停车泊位登记怎么办理。</p>", slug=f"a{number}", parent=column, summary="登记须知")
    publish(
        *(document(site, 900_001, **REPOST, path=f"/{site.slug}/", published_at=day(2024, 3, 1)) for site in (portal, xiaodian)),
        document(
            portal,
            900_002,
            title="停车场条例",
            body="第一条 👨‍👩‍👧 停车\u0301场“<收费>”&🚗停车。",
            category=Category.LOCAL_REGULATION,
            tab=Tab.POLICY,
            validity=Validity.REPEALED,
            published_at=day(2001, 12, 31),
            path="/t/",
        ),
    )
    call_command("relay", "run", "--once", verbosity=0)
    module_index.refresh()


@pytest.fixture(autouse=True)
def _closed_breaker() -> None:
    selectors.breaker.close()


def day(*date: int) -> dt.datetime:
    return dt.datetime(*date, 12, tzinfo=CHINA)  # type: ignore[arg-type, misc] # three numbers


def get(host: str = PORTAL, path: str = "/search/", **query: str) -> Any:
    return Client(headers={"host": host}).get(path, query)


def search(host: str = PORTAL, **query: str) -> dict[str, Any]:
    found: dict[str, Any] = get(host, **query).context["search"]
    return found


def titles(host: str = PORTAL, **query: str) -> list[str]:
    return [re.sub("<[^>]+>", "", hit["title_html"]) for hit in search(host, **query)["hits"]]


def test_the_query_stays_and_is_counted() -> None:
    text = get(q="停车场条例").content.decode()

    assert "<title>停车场条例 - 搜索 - 太原市人民政府</title>" in text
    assert 'name="q" type="search" class="search-input" value="停车场条例"' in text
    assert re.search(r"找到 <strong>\d+</strong> 条结果<span class=\"results-time\">用时 \d+ 毫秒", text)


def test_every_choice_is_in_the_address() -> None:
    text = get(COUNTY, q="停车", scope="city").content.decode()

    links = [html.unescape(link) for link in re.findall(r'href="(/search/\?[^"]*)"', text)]
    assert len(links) > 20
    assert all("scope=" in link and "q=" in link for link in links)


def test_tabs_follow_the_columns() -> None:
    tabs = {tab["label"]: tab for tab in search(COUNTY, q="停车")["tabs"]}

    assert {label: tab["count"] for label, tab in tabs.items()} == {
        "全部": 7,
        "政策文件": 1,
        "政策解读": 1,
        "办事服务": 1,
        "新闻动态": 2,
        "互动交流": 0,
        "信息公开": 1,
    }
    chosen = Client(headers={"host": COUNTY}).get(tabs["新闻动态"]["url"]).context["search"]
    assert (chosen["total"], [tab["label"] for tab in chosen["tabs"] if tab["is_current"]]) == (2, ["新闻动态"])
    assert [tab["count"] for tab in chosen["tabs"]] == [7, 1, 1, 1, 2, 0, 1]


def test_each_filter_keeps_what_it_promises() -> None:
    found = search(q="停车")

    client = Client(headers={"host": PORTAL})
    followed = 0
    for facet in found["facets"]:
        for value in [*facet["values"], *facet["more"]]:
            assert client.get(value["url"]).context["search"]["total"] == value["count"], value
            followed += 1
    assert {facet["name"] for facet in found["facets"]} == {"site", "region", "issuer", "kind", "year", "validity"}
    assert followed >= 10
    assert titles(q="停车", date_from="2001-12-31", date_to="2001-12-31") == ["停车场条例"]
    assert titles(q="停车", date_from="2002-01-01", date_to="2024-02-29") == []
    assert "停车文章0" in titles(COUNTY, q="停车泊位登记")
    assert titles(COUNTY, q="停车泊位登记", **{"in": "title"}) == []
    assert titles(q="停车", issuer="太原市财政局") == [REPOST["title"]]


def test_chips_let_go_one_by_one_and_all_at_once() -> None:
    found = search(q="停车", validity="repealed", year="2001", date_from="2001-01-01")

    assert [chip["label"] for chip in found["chips"]] == ["2001年", "2001-01-01 起", "废止"]
    client = Client(headers={"host": PORTAL})
    left = client.get(found["chips"][0]["url"]).context["search"]
    assert [chip["label"] for chip in left["chips"]] == ["2001-01-01 起", "废止"]
    assert client.get(found["widen_url"]).context["search"]["chips"] == []


def test_order() -> None:
    assert titles(q="停车", sort="date", tab="policy")[-1] == "停车场条例"
    assert titles(q="停车场条例")[0] == "停车场条例"


def test_reposts_are_folded_and_named() -> None:
    (hit,) = [hit for hit in search(q="公共停车场收费标准")["hits"] if "收费标准" in hit["title_html"]]

    assert (hit["site_name"], hit["date"], hit["copies"]) == ("太原市人民政府", dt.date(2024, 3, 1), 1)
    assert hit["copies_sites"] == [{"name": "太原市小店区人民政府", "url": "http://xiaodian.localhost:8000/xiaodian/"}]


@pytest.mark.parametrize(
    "query", ["小政发〔2026〕3号", "小政发[2026]第3号", "11140105/2026-00003", "１１１４０１０５／２０２６－００００３"]
)
def test_numbers_are_found_and_facts_are_shown(query: str) -> None:
    hit = search(q=query)["hits"][0]

    assert (hit["doc_no"], hit["index_no"], hit["matches"][0]) == ("小政发〔2026〕3号", "11140105/2026-00003", "文号")
    assert search(q="停车场条例")["hits"][0]["validity"] == {"code": "repealed", "label": "废止"}


def test_service_cards_come_first_for_those_who_want_to_get_something_done() -> None:
    response = get(COUNTY, q="停车泊位登记怎么办理")

    (card,) = response.context["search"]["services"]
    assert (card["url"], card["summary"]) == ("http://xiaodian.localhost:8000/bsfw/a1/", "登记须知")
    assert card["url"] not in [hit["url"] for hit in response.context["search"]["hits"]]
    text = response.content.decode()
    assert text.index("services-title") < text.index('class="hits"')
    assert search(COUNTY, q="停车泊位")["services"] == []
    assert search(COUNTY, q="停车泊位登记怎么办理", tab="news")["services"] == []


def test_other_ways_of_writing() -> None:
    assert titles(q="停車場條例")[0] == titles(q="tingchechangtiaoli")[0] == "停车场条例"
    assert search(q="tingchechangtiaoli")["hits"][0]["matches"] == ["拼音"]


def test_nothing_asked_is_helped() -> None:
    response = get()

    assert (response.status_code, response.context["search"]["hits"] != []) == (200, True)
    assert "怎样搜得更准" in response.content.decode()


def test_nothing_found_says_whether_choices_caused_it() -> None:
    narrowed, plain = get(q="停车场条例", year="1999"), get(q="量子引力")

    text = narrowed.content.decode()
    assert "在已选条件下没有找到与“停车场条例”相关的内容" in text
    total = narrowed.context["search"]["total_without_filters"]
    assert total > 0
    assert f"去掉条件后有 {total} 条结果" in text
    again = Client(headers={"host": PORTAL}).get(narrowed.context["search"]["widen_url"])
    assert again.context["search"]["total"] == total
    assert "没有找到与“量子引力”相关的内容" in plain.content.decode()
    assert "已选条件" not in plain.content.decode()


def test_marks_break_no_characters() -> None:
    (hit,) = [hit for hit in search(q="停车场条例")["hits"] if "条例" in hit["title_html"]]

    words = html.unescape(re.sub("</?mark>", "", hit["snippet_html"]))
    assert words == "第一条 👨👩👧 停车\u0301场“<收费>”&🚗停车。"
    assert "<收费>" not in hit["snippet_html"]


def test_the_scope_is_remembered_without_saying_who() -> None:
    client = Client(headers={"host": COUNTY})
    assert client.get("/search/", {"q": "停车"}).context["search"]["scope"] == "site"
    assert "search-scope" not in client.cookies

    client.get("/search/", {"q": "停车", "scope": "city"})

    cookie = client.cookies["search-scope"]
    assert (cookie.value, cookie["path"], cookie["samesite"], cookie["httponly"]) == ("city", "/search/", "Lax", True)
    assert client.get("/search/", {"q": "停车"}).context["search"]["scope"] == "city"
    assert client.get("/search/", {"q": "停车", "scope": "site"}).context["search"]["scope"] == "site"
    client.cookies["search-scope"] = "everything"
    assert client.get("/search/", {"q": "停车"}).context["search"]["scope"] == "site"
    assert client.get("/api/search/", {"q": "停车"}).json()["total"] == 7  # programs are not remembered


def test_what_is_withdrawn_is_gone_from_the_page(module_index: Any) -> None:
    portal = tenant_by_slug("taiyuan")
    publish(document(portal, 900_003, title="临时停车通告", path="/gone/"))
    call_command("relay", "run", "--once", verbosity=0)
    module_index.refresh()
    assert titles(q="临时停车通告")[0] == "临时停车通告"

    withdraw(portal, 900_003)

    assert "临时停车通告" not in titles(q="临时停车通告")


def test_without_the_engine_tabs_and_filters_still_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "ELASTICSEARCH_URL", "http://127.0.0.1:9")

    response = get(COUNTY, q="停车")
    found = response.context["search"]

    assert (response.status_code, found["degraded"]) == (200, True)
    assert "搜索服务正在恢复" in response.content.decode()
    assert [tab["count"] for tab in found["tabs"]] == [7, 1, 1, 1, 2, 0, 1]
    assert search(q="停车", issuer="太原市财政局")["total"] == 1
    assert titles(q="停车", date_to="2001-12-31") == ["停车场条例"]
    assert titles(q="停车", region="140105", tab="service") == ["停车文章1"]
    assert titles(COUNTY, q="停车泊位登记", **{"in": "title"}) == []
    assert [card["url"] for card in search(COUNTY, q="停车泊位登记怎么办理")["services"]] == ["http://xiaodian.localhost:8000/bsfw/a1/"]
