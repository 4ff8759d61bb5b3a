"""What machines find of a site: its newest texts, all its addresses, what each page is about; and nothing that readers may not see."""

import json
import re
import xml.etree.ElementTree as ET
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.models import PageViewRestriction

from registry.contract import TenantRef
from registry.schemas import in_schema_of
from tenants.pages.models import ColumnPage
from tests.factories.pages import column, publish_article, publish_document
from tests.factories.sites import copied_sites

pytestmark = pytest.mark.usefixtures("database")
ATOM, MAP = "{http://www.w3.org/2005/Atom}", "{http://www.sitemaps.org/schemas/sitemap/0.9}"
HOST = "http://xiaodian.localhost:8000"
MOST_QUERIES = 8


@pytest.fixture
def site() -> TenantRef:
    (tenant,) = copied_sites("xiaodian", identifier="1401050000")
    with in_schema_of(tenant), transaction.atomic():
        publish_document("停车管理办法", slug="parking", doc_no="小政发〔2026〕3号", issuer="小店区人民政府", validity="repealed")
        publish_article("<要闻>", slug="news")
        publish_article("草稿", slug="draft").unpublish()
        hidden = publish_document("内部通知", slug="hidden")
        PageViewRestriction.objects.create(page=hidden, restriction_type="login")
    return tenant


@pytest.fixture
def reader() -> Client:
    return Client(headers={"host": "xiaodian.localhost"})


def entries(reader: Client, path: str) -> list[tuple[str, str]]:
    feed = ET.fromstring(reader.get(path).content)  # noqa: S314 - our own answer
    return [(entry.findtext(f"{ATOM}title", ""), entry.find(f"{ATOM}link").attrib["href"]) for entry in feed.iter(f"{ATOM}entry")]  # type: ignore[union-attr]


def described(reader: Client, path: str) -> dict[str, dict[str, Any]]:
    blocks = re.findall(r'<script type="application/ld\+json">(.*?)</script>', reader.get(path).content.decode())
    return {facts["@type"]: facts for facts in map(json.loads, blocks)}


def addresses(reader: Client) -> list[str]:
    index = ET.fromstring(reader.get("/sitemap.xml").content)  # noqa: S314 - our own answer
    files = [where.text or "" for where in index.iter(f"{MAP}loc")]
    assert files == ["http://xiaodian.localhost/sitemap-pages.xml"]
    listed = ET.fromstring(reader.get("/sitemap-pages.xml").content)  # noqa: S314 - our own answer
    return [(where.text or "").removeprefix("http://xiaodian.localhost") for where in listed.iter(f"{MAP}loc")]


def test_a_feed_tells_what_is_new_and_nothing_hidden(site: TenantRef, reader: Client) -> None:
    """S36: what is new can be followed, for the site and for each column."""
    everything = entries(reader, "/feed/")

    assert sorted(everything) == [("<要闻>", f"{HOST}/zwdt/yaowen/news/"), ("停车管理办法", f"{HOST}/zwgk/zcwj/parking/")]
    assert entries(reader, "/feed/zwgk/zcwj/") == [("停车管理办法", f"{HOST}/zwgk/zcwj/parking/")]
    assert entries(reader, "/feed/zwgk/") == entries(reader, "/feed/zwgk/zcwj/")
    assert reader.get("/feed/zwgk/zcwj/parking/").status_code == 404
    assert reader.get("/feed/nothing/").status_code == 404


def test_a_column_readers_may_not_open_has_no_feed(site: TenantRef, reader: Client) -> None:
    with in_schema_of(site), transaction.atomic():
        PageViewRestriction.objects.create(page=column("zcwj"), restriction_type="login")

    assert reader.get("/feed/zwgk/zcwj/").status_code == 404
    assert [title for title, _ in entries(reader, "/feed/")] == ["<要闻>"]


def test_pages_name_the_feeds_one_can_follow(site: TenantRef, reader: Client) -> None:
    link = re.compile(r'<link rel="alternate" type="application/atom\+xml"[^>]*href="([^"]+)"')
    found = {path: link.findall(reader.get(path).content.decode()) for path in ("/", "/zwgk/", "/zwgk/zcwj/parking/")}

    assert found == {"/": ["/feed/"], "/zwgk/": ["/feed/", "/feed/zwgk/"], "/zwgk/zcwj/parking/": ["/feed/", "/feed/zwgk/zcwj/"]}


def test_the_map_lists_all_that_readers_may_see_and_nothing_else(site: TenantRef, reader: Client) -> None:
    listed = addresses(reader)

    with in_schema_of(site):
        columns = [f"/{page.url_path.split('/', 2)[2]}" for page in ColumnPage.objects.live().order_by("path")]
    assert sorted(listed) == sorted(["/", *columns, "/zwdt/yaowen/news/", "/zwgk/zcwj/parking/"])
    assert reader.get("/sitemap-others.xml").status_code == 404
    assert (
        reader.get("/robots.txt").content.decode()
        == f"User-agent: *\nAllow: /search/$\nDisallow: /search/\nDisallow: /api/\nDisallow: /letters/\nSitemap: {HOST}/sitemap.xml\n"
    )


def test_another_sites_texts_are_in_neither(site: TenantRef, reader: Client) -> None:
    (other,) = copied_sites("jinyuan")
    with in_schema_of(other):
        publish_document("晋源办法", slug="jinyuan")

    assert "晋源" not in reader.get("/feed/").content.decode()
    assert "jinyuan" not in reader.get("/sitemap-pages.xml").content.decode()


def test_pages_say_what_they_are_about(site: TenantRef, reader: Client) -> None:
    home, document, news = (described(reader, path) for path in ("/", "/zwgk/zcwj/parking/", "/zwdt/yaowen/news/"))

    assert home["WebSite"]["potentialAction"]["target"]["urlTemplate"] == f"{HOST}/search/?q={{search_term_string}}"
    assert [step["item"] for step in document["BreadcrumbList"]["itemListElement"]] == [
        f"{HOST}/", f"{HOST}/zwgk/", f"{HOST}/zwgk/zcwj/", f"{HOST}/zwgk/zcwj/parking/",
    ]  # fmt: skip
    law = document["Legislation"]
    assert (law["name"], law["legislationIdentifier"], law["legislationLegalForce"]) == (
        "停车管理办法", "小政发〔2026〕3号", "https://schema.org/NotInForce",
    )  # fmt: skip
    assert law["legislationPassedBy"]["name"] == "小店区人民政府"
    assert (news["Article"]["headline"], news["Article"]["url"]) == ("<要闻>", f"{HOST}/zwdt/yaowen/news/")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00", news["Article"]["datePublished"])


@pytest.mark.usefixtures("known_sites")
def test_feeds_and_maps_cost_the_same_however_much_there_is(site: TenantRef, reader: Client) -> None:
    def cost(path: str) -> int:
        with CaptureQueriesContext(connection) as caught:
            assert reader.get(path).status_code == 200
        return len(caught)

    few = {path: cost(path) for path in ("/feed/", "/sitemap-pages.xml", "/sitemap.xml")}
    with in_schema_of(site):
        for number in range(20):
            publish_article(f"要闻{number}", slug=f"a{number}")

    assert {path: cost(path) for path in few} == few
    assert max(few.values()) <= MOST_QUERIES
