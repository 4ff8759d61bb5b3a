"""The page and the API as browsers and programs see them."""

import datetime as dt
import re
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client

from registry.contract import TenantRef
from search.analytics import recording
from search.contract import Category, Tab, Validity
from search.models import SearchRecord
from tests.conftest import empty_database
from tests.factories.documents import document, publish
from tests.factories.sites import copied_sites

pytestmark = [pytest.mark.elasticsearch, pytest.mark.usefixtures("_city")]
CHINA = ZoneInfo("Asia/Shanghai")


@pytest.fixture(scope="module")
def _city(module_index: Any) -> Any:
    """Two sites with thirty notices and a law."""
    empty_database()
    portal, xiaodian = copied_sites("taiyuan", "xiaodian")
    publish(*notices(xiaodian))
    publish(
        document(
            portal,
            900_001,
            title="停车场法",
            body="第一条 停车。",
            category=Category.LAW,
            tab=Tab.POLICY,
            issuer="国务院",
            index_no="000014349/2024-00001",
            validity=Validity.IN_FORCE,
            source_id="law-1",
            doc_nos=("国务院令第188号",),
            published_at=dt.datetime(2024, 1, 2, 8, tzinfo=CHINA),
            path="/zwgk/law/",
        )
    )
    call_command("relay", "run", "--once", verbosity=0)
    module_index.refresh()
    return portal, xiaodian


def notices(site: TenantRef) -> list[Any]:
    when = dt.datetime(2023, 5, 1, tzinfo=CHINA)
    return [
        document(
            site, 900_100 + number, title=f"停车公告第{number}号", body=f"停车内容{number}", published_at=when, path=f"/tzgg/{number}/"
        )
        for number in range(30)
    ]


def get(path: str, host: str = "taiyuan.localhost", **query: str) -> Any:
    return Client(headers={"host": host}).get(path, query)


def test_the_api_answers_as_agreed() -> None:
    response = get("/api/search/", q="国令188号", size="5")

    found = response.json()
    assert list(found) == [
        "query",
        "total",
        "total_relation",
        "took_ms",
        "degraded",
        "correction",
        "partial",
        "promoted",
        "hits",
        "services",
        "facets",
    ]
    assert (found["query"], found["total"], found["total_relation"], found["degraded"]) == ("国令188号", 1, "eq", False)
    (hit,) = found["hits"]
    assert hit["id"].endswith(":page:900001")
    assert hit | {"id": "", "snippet_html": ""} == {
        "id": "",
        "source_id": "law-1",
        "title": "停车场法",
        "title_html": "停车场法",
        "snippet_html": "",
        "url": "http://taiyuan.localhost:8000/zwgk/law/",
        "site": "taiyuan",
        "site_name": "太原市人民政府",
        "summary": "",
        "tab": "policy",
        "kind": "law",
        "doc_no": "国务院令第188号",
        "index_no": "000014349/2024-00001",
        "issuer": "国务院",
        "validity": "in_force",
        "status": None,
        "published_at": "2024-01-02T08:00:00+08:00",
        "article": "",
        "article_url": "",
        "matched_in": ["number"],
        "files": [],
        "card": None,
        "coming": None,
        "copies": [],
    }
    assert found["facets"] == {
        "tab": [{"value": "policy", "label": "政策文件", "count": 1}],
        "region": [{"value": "140100", "label": "太原市", "count": 1}],
        "issuer": [{"value": "国务院", "label": "国务院", "count": 1}],
        "validity": [{"value": "in_force", "label": "现行有效", "count": 1}],
        "file": [],
        "site": [{"value": "taiyuan", "label": "太原市人民政府", "count": 1}],
        "kind": [{"value": "law", "label": "法律", "count": 1}],
        "year": [{"value": 2024, "label": "2024年", "count": 1}],
    }
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.headers["Cache-Control"] == "public, max-age=5"


def test_results_that_hold_a_part_are_called_that_and_counted_as_none() -> None:
    query = "停车公告的电话号码贴在楼下门口旁边"  # nothing holds half of it
    told = "没有内容包含“{}”的全部词语，以下内容包含其中一部分。"
    recording._waiting.clear()

    page = Client(headers={"host": "taiyuan.localhost", "user-agent": "Mozilla/5.0"}).get("/search/", {"q": query}).content.decode()
    recording.flush()

    assert told.format(query) in page
    assert page.count('<li class="hit">') == 10
    assert get("/api/search/", q=query).json()["partial"] is True
    assert SearchRecord.objects.get(text=query).total == 0
    assert "全部词语" not in get("/search/", q="停车公告").content.decode()
    assert get("/api/search/", q="停车公告").json()["partial"] is False


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"size": "51"}, "size"),
        ({"size": "abc"}, "size"),
        ({"page": "0"}, "page"),
        ({"page": "101", "size": "10"}, "page"),
        ({"year": "99"}, "year"),
        ({"kind": "x"}, "kind"),
        ({"sort": "x"}, "sort"),
        ({"scope": "x"}, "scope"),
        ({"site": "x"}, "site"),
        ({"x": "1"}, "x"),
    ],
)
def test_the_api_names_what_cannot_be_right(query: dict[str, str], field: str) -> None:
    response = get("/api/search/", **query)

    assert response.status_code == 422
    (error,) = response.json()["errors"]
    assert (list(error), error["field"]) == (["field", "message"], field)
    assert re.search("[一-鿿]", error["message"])


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_the_api_is_for_reading(method: str) -> None:
    assert getattr(Client(headers={"host": "taiyuan.localhost"}), method)("/api/search/").status_code == 405


def test_head_is_answered() -> None:
    assert Client(headers={"host": "taiyuan.localhost"}).head("/api/search/", {"q": "停车"}).status_code == 200


@pytest.mark.parametrize(("host", "total"), [("taiyuan.localhost", 31), ("platform.localhost", 31), ("xiaodian.localhost", 30)])
def test_where_a_search_looks_first(host: str, total: int) -> None:
    assert get("/api/search/", host, q="停车").json()["total"] == total


def test_the_page_shows_hits_facets_and_choices() -> None:
    response = get("/search/", "xiaodian.localhost", q="停车", scope="city")

    search = response.context["search"]
    assert (response.status_code, search["total"], len(search["hits"]), search["errors"]) == (200, 31, 10, [])
    assert [(facet["name"], [(value["label"], value["count"]) for value in facet["values"]]) for facet in search["facets"]] == [
        ("site", [("太原市小店区人民政府", 30), ("太原市人民政府", 1)]),
        ("region", [("小店区", 30), ("太原市", 1)]),
        ("issuer", [("国务院", 1)]),
        ("kind", [("政策文件", 30), ("法律", 1)]),
        ("year", [("2024年", 1), ("2023年", 30)]),
        ("validity", [("现行有效", 1)]),
    ]
    assert [(scope["label"], scope["is_current"]) for scope in search["scopes"]] == [("全市（太原市）", True), ("本站", False)]
    assert response.context["pagination"]["pages"] == 4
    html = response.content.decode()
    assert "<mark>停车</mark>" in html
    assert 'href="/search/?q=%E5%81%9C%E8%BD%A6&amp;scope=city&amp;kind=law"' in html
    assert response.headers["Cache-Control"] == "no-cache"


def test_a_choice_can_be_followed_and_let_go() -> None:
    first = get("/search/", q="停车")
    law = next(value["url"] for facet in first.context["search"]["facets"] for value in facet["values"] if value["label"] == "法律")

    chosen = get(law)
    (chip,) = chosen.context["search"]["chips"]
    assert (chosen.context["search"]["total"], chip["label"]) == (1, "法律")
    assert get(chip["url"]).context["search"]["total"] == 31


def test_a_page_beyond_the_last_says_so_and_shows_the_last() -> None:
    response = get("/search/", q="停车", page="9")

    assert response.status_code == 404
    assert response.context["search"]["errors"] == ["没有第 9 页，结果只到第 4 页。"]
    assert len(response.context["search"]["hits"]) == 1
    assert response.context["pagination"]["number"] == 4


def test_wrong_choices_are_named_above_sane_results() -> None:
    response = get("/search/", q="停车", size="500", sort="title", utm_source="wechat")

    search = response.context["search"]
    assert response.status_code == 200
    assert len(search["errors"]) == 2
    assert len(search["hits"]) == 10
    assert search["errors"][1] in response.content.decode()


def test_nothing_asked_shows_help_and_what_is_new() -> None:
    response = get("/search/")

    assert response.context["search"]["hits"][0]["url"] == "http://taiyuan.localhost:8000/zwgk/law/"
    assert "怎样搜得更准" in response.content.decode()


def test_nothing_found_says_what_to_do() -> None:
    response = get("/search/", "xiaodian.localhost", q="量子引力", kind="law")

    assert "没有找到与“量子引力”相关的内容" in get("/search/", "xiaodian.localhost", q="量子引力").content.decode()
    assert "在已选条件下没有找到与“量子引力”相关的内容" in response.content.decode()
    assert response.context["search"]["advice"][:2] == [
        "改搜“全市”，市政府、各县（市、区）和各部门一起查。",
        "检查有没有错别字，或换一种说法。",
    ]


def test_markup_in_a_query_stays_text() -> None:
    html = get("/search/", q="<script>alert(1)</script>停车").content.decode()

    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;停车" in html


def test_without_the_engine_the_page_still_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "ELASTICSEARCH_URL", "http://127.0.0.1:9")

    page, api = get("/search/", q="停车公告"), get("/api/search/", q="停车公告").json()

    assert (page.status_code, page.context["search"]["total"], page.context["search"]["degraded"]) == (200, 30, True)
    assert "搜索服务正在恢复" in page.content.decode()
    assert (api["degraded"], api["total"], len(api["hits"])) == (True, 30, 10)
    assert "9200" not in page.content.decode()
