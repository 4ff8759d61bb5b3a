"""Pages as a reader gets them: status, words, tags, and how many queries they cost."""

import json
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from registry.contract import TenantRef
from registry.schemas import in_schema_of
from tests.factories.pages import column, publish_article, publish_document
from tests.factories.sites import copied_sites, open_sites

pytestmark = [pytest.mark.long, pytest.mark.usefixtures("database")]
PAGES = (
    *("/", "/zwgk/zcwj/", "/zwgk/zcwj/text/", "/zwdt/yaowen/a/", "/zwdt/yaowen/b/", "/zfxxgk/", "/search/", "/wenjianku/", "/site-map/"),
    "/nothing/",
)
MOST_QUERIES = 12  # with `SET search_path`; twice a second 1 more asks for the registry's version, and 15 is the limit


@pytest.fixture
def site() -> TenantRef:
    (tenant,) = copied_sites("xiaodian", identifier="1401050000", icp="晋ICP备00000000号（示例）")
    return tenant


@pytest.fixture
def reader() -> Client:
    return Client(headers={"host": "xiaodian.localhost"})


def tags_of(html: str) -> dict[str, str]:
    return dict(re.findall(r'<meta name="(\w+)" content="([^"]*)">', html))


def fill(tenant: TenantRef, count: int, *, start: int = 0) -> None:
    with in_schema_of(tenant):
        for number in range(start, start + count):
            publish_document(f"办法第{number}号", slug=f"t{number}", doc_no=f"小政发〔2026〕{number}号")
            publish_article(f"要闻{number}", slug=f"a{number}")


def test_a_document_shows_its_facts_text_and_tags(site: TenantRef, reader: Client) -> None:
    with in_schema_of(site):
        publish_document(
            "停车管理办法",
            "第一条　为了便民。\n第二条　停车有序。",
            doc_no="小政发〔2026〕3号",
            issuer="小店区人民政府",
            validity="in_force",
        )

    response = reader.get("/zwgk/zcwj/text/")

    html = response.content.decode()
    assert response.status_code == 200
    assert re.search(r'<th scope="row"[^>]*>发文字号</th><td[^>]*>小政发〔2026〕3号', html)
    assert "现行有效" in html
    assert 'id="art-2"' in html
    tags = tags_of(html)
    assert (tags["SiteName"], tags["SiteDomain"], tags["SiteIDCode"]) == ("太原市小店区人民政府", "xiaodian.localhost", "1401050000")
    assert (tags["ColumnName"], tags["ColumnType"], tags["ArticleTitle"]) == ("政策文件", "政策文件", "停车管理办法")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d", tags["PubDate"])
    assert tags["ContentSource"]
    assert '<link rel="canonical" href="http://xiaodian.localhost:8000/zwgk/zcwj/text/">' in html


def test_every_page_has_one_description_its_own_where_it_has_words(site: TenantRef, reader: Client) -> None:
    """S34: Description is there once on every sort of page, derived from the text where nobody wrote a summary, the same for machines."""
    with in_schema_of(site):
        publish_document("停车管理办法", "第一条　为了便民，制定本办法。\n第二条　停车有序。")
        publish_article("要闻", "<p>会议<b>部署</b>供热。其余。</p>", slug="a")
        publish_article("有摘要", slug="b", summary="编辑写的摘要。")

    def described(address: str) -> str:
        html = reader.get(address).content.decode()
        (found,) = re.findall(r'<meta name="Description" content="([^"]*)">', html)
        for block in re.findall(r'<script type="application/ld\+json">(.*?)</script>', html):
            data = json.loads(block)
            assert data.get("description", found) == found, address
            assert ("description" in data) == (data["@type"] in ("WebSite", "Article", "Legislation")), address
        return str(found)

    whole = "太原市小店区人民政府网站，提供政府信息公开、政策文件、办事服务和信息检索。"
    said = {address: described(address) for address in PAGES}
    assert said == {
        "/": whole,
        "/zwgk/zcwj/": "规范性文件、工作报告与其他政策文件。",
        "/zwgk/zcwj/text/": "第一条 为了便民，制定本办法。第二条 停车有序。",
        "/zwdt/yaowen/a/": "会议部署供热。其余。",
        "/zwdt/yaowen/b/": "编辑写的摘要。",
        "/zfxxgk/": said["/zfxxgk/"],
        "/search/": "太原市小店区人民政府信息检索：查找政策文件、办事指南、新闻公告和政府信息。",
        "/wenjianku/": "太原市小店区人民政府文件库：规章、行政规范性文件、监管规则和标准及其他文件，现行有效的在前。",
        "/site-map/": "太原市小店区人民政府的全部栏目。",
        "/nothing/": whole,
    }
    assert said["/zfxxgk/"]


def test_a_draft_a_withdrawn_text_and_a_wrong_address_are_404(site: TenantRef, reader: Client) -> None:
    with in_schema_of(site):
        page = publish_document("办法")
        type(page).objects.filter(pk=page.pk).update(live=False)

    assert reader.get("/zwgk/zcwj/text/").status_code == 404
    missing = reader.get("/nothing/")
    assert missing.status_code == 404
    assert "太原市小店区人民政府" in missing.content.decode()


def test_a_text_outlives_its_column(site: TenantRef, reader: Client) -> None:
    with in_schema_of(site):
        publish_document("停车管理办法")
        column("zcwj").unpublish()

    assert reader.get("/zwgk/zcwj/").status_code == 404
    assert reader.get("/zwgk/zcwj/text/").status_code == 200


def test_a_column_shows_where_it_stands(site: TenantRef, reader: Client) -> None:
    with in_schema_of(site):
        column("zcjd").unpublish()

    context: dict[str, Any] = reader.get("/zwgk/zcwj/").context_data or {}

    assert [(step["title"], step["url"]) for step in context["breadcrumb"]] == [
        ("首页", "/"),
        ("政务公开", "/zwgk/"),
        ("政策文件", "/zwgk/zcwj/"),
    ]
    assert [(link["title"], link["is_current"]) for link in context["siblings"]] == [
        ("政策文件", True),
        ("法律法规", False),
        ("机构职能", False),
        ("领导信息", False),
        ("权责清单", False),
    ]
    assert context["children"] == []


def test_a_long_column_has_pages_years_and_a_plain_end(site: TenantRef, reader: Client) -> None:
    fill(site, 23)

    first, second, beyond = (reader.get(f"/zwgk/zcwj/{query}") for query in ("", "?page=2", "?page=9"))

    assert first.content.decode().count("/zwgk/zcwj/t") == 20
    assert second.content.decode().count("/zwgk/zcwj/t") == 3
    assert beyond.status_code == 404
    assert "?page=2" in beyond.content.decode()
    assert reader.get("/zwgk/zcwj/?page=x").status_code == 200
    assert reader.get("/zwgk/zcwj/?year=1999").content.decode().count("/zwgk/zcwj/t") == 20  # an unknown year filters nothing


@pytest.mark.parametrize("path", ["/", "/zwgk/", "/zwgk/zcwj/", "/zwgk/zcwj/t0/", "/zwdt/yaowen/a0/", "/site-map/"])
@pytest.mark.usefixtures("known_sites")
def test_pages_cost_few_queries_however_many_texts_there_are(site: TenantRef, reader: Client, path: str) -> None:
    fill(site, 3)
    reader.get(path)  # caches that live for hours
    with CaptureQueriesContext(connection) as few:
        assert reader.get(path).status_code == 200
    fill(site, 25, start=3)

    with CaptureQueriesContext(connection) as many:
        assert reader.get(path).status_code == 200

    assert len(many) <= MOST_QUERIES, [query["sql"][:120] for query in many.captured_queries]
    assert len(many) == len(few)


def test_the_home_page_lists_columns_openness_and_the_citys_sites(site: TenantRef, reader: Client) -> None:
    open_sites("taiyuan", "yingze")
    fill(site, 2)

    html = reader.get("/").content.decode()

    assert "要闻1" in html
    assert "办法第1号" in html
    for entry in ("政府信息公开指南", "政府信息公开制度", "法定主动公开内容", "政府信息公开年报", "依申请公开"):
        assert entry in html
    assert "http://yingze.localhost:8000/" in html
    assert "1401050000" in html
    assert "晋ICP备00000000号（示例）" in html


def test_the_public_host_knows_no_editor_and_the_editor_host_no_pages(site: TenantRef, reader: Client) -> None:
    editor = Client(headers={"host": "xiaodian.manage.localhost"})

    assert reader.get("/admin/").status_code == 404
    assert reader.get("/admin/login/").status_code == 404
    assert reader.get("/enter/").status_code == 404
    assert editor.get("/zwgk/").status_code == 404
    assert editor.get("/search/").status_code == 404


def test_the_sitewide_headers(site: TenantRef, reader: Client) -> None:
    response = reader.get("/")

    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'self'" in response.headers["Content-Security-Policy"]
    assert "unsafe-inline" not in response.headers["Content-Security-Policy"]
    assert response.headers["X-Request-ID"]


def test_another_sites_media_is_404(site: TenantRef, reader: Client, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = str(tmp_path)
    for schema in ("s_xiaodian", "s_yingze"):
        (tmp_path / schema / "images").mkdir(parents=True)
        (tmp_path / schema / "images" / "a.png").write_bytes(schema.encode())
    (tmp_path / "s_xiaodian" / "documents").mkdir()
    (tmp_path / "s_xiaodian" / "documents" / "a.pdf").write_bytes(b"x")

    own = reader.get("/media/s_xiaodian/images/a.png")

    assert b"".join(own.streaming_content) == b"s_xiaodian"  # type: ignore[attr-defined] # a file response
    for path in (
        "s_yingze/images/a.png",
        "s_xiaodian/../s_yingze/images/a.png",
        "s_xiaodian/images/../../s_yingze/images/a.png",
        "s_xiaodian/documents/a.pdf",
    ):
        assert reader.get(f"/media/{path}").status_code == 404, path
