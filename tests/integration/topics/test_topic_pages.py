"""Topic pages gather from all sites a site may gather from, and from nowhere else."""

import datetime as dt
from typing import Any
from xml.etree import ElementTree as ET  # our own feed

import pytest
import time_machine
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from registry.contract import TenantRef
from registry.schemas import in_schema_of
from search.models import Projection
from tenants.pages.contract import ColumnType
from tenants.pages.forms import SitePageForm
from tenants.pages.models import ArticlePage, ColumnPage, HomePage
from tenants.topics.models import TopicPage
from tests.factories.pages import publish_article, publish_document
from tests.factories.sites import copied_sites

MOST_STATEMENTS = 15


@pytest.fixture(scope="module")
def sites(module_database: None) -> dict[str, TenantRef]:
    taiyuan, xiaodian, yingze = copied_sites("taiyuan", "xiaodian", "yingze")
    with in_schema_of(taiyuan):
        publish_document("全市稳就业若干措施", slug="city", topics=["wenjiuye"])
        publish_article("全市就业形势发布", slug="city-news", topics=["liuwen"])
        publish_article("与专题无关的消息", slug="other")
        _topic_page("六稳专题", "liuwen")
    with in_schema_of(xiaodian):
        publish_article("小店区新增就业完成任务", slug="own", topics=["wenjiuye", "bao-jiuye"])
        _topic_page("六稳专题", "liuwen")
    with in_schema_of(yingze):
        publish_article("迎泽区稳外贸进展", slug="yingze", topics=["wenwaimao"])
    return {site.slug: site for site in (taiyuan, xiaodian, yingze)}


def _topic_page(title: str, topic: str) -> TopicPage:
    with transaction.atomic():
        column = ColumnPage.objects.filter(slug="zt").first()
        if column is None:
            column = HomePage.objects.get().add_child(instance=ColumnPage(title="专题专栏", slug="zt", column_type=ColumnType.TOPICS))
        page = column.add_child(instance=TopicPage(title=title, slug=topic, topic=topic, summary="样例说明。", live=False))
        page.save_revision().publish()
    found: TopicPage = TopicPage.objects.get(pk=page.pk)
    return found


def _shown(site: TenantRef, path: str = "/zt/liuwen/") -> Any:
    response = Client(headers={"host": site.primary_domain}).get(path)
    assert response.status_code == 200, response.content.decode()[:600]
    return response


def _listed(response: Any) -> dict[str, list[tuple[str, str]]]:
    sections = response.context_data["sections"]
    return {section["title"]: [(item["title"], item["site"]) for item in section["items"]] for section in sections}


def test_the_portal_gathers_from_all_sites_policy_first(sites: dict[str, TenantRef]) -> None:
    """S1, S4: policy and results stand together, from all sites of the city, each with its site."""
    response = _shown(sites["taiyuan"])

    assert _listed(response) == {
        "政策举措": [("全市稳就业若干措施", "")],
        "进展成效": [("迎泽区稳外贸进展", "迎泽区"), ("小店区新增就业完成任务", "小店区"), ("全市就业形势发布", "")],
    }
    assert list(_listed(response)) == ["政策举措", "进展成效"]
    assert f'href="http://{sites["xiaodian"].primary_domain}:8000/zwdt/yaowen/own/"' in response.content.decode()


def test_a_county_gathers_its_own_and_the_citys_and_no_other_countys(sites: dict[str, TenantRef]) -> None:
    """S1: a county's page shows its own and the city's texts."""
    assert _listed(_shown(sites["xiaodian"])) == {
        "政策举措": [("全市稳就业若干措施", "太原市")],
        "进展成效": [("小店区新增就业完成任务", ""), ("全市就业形势发布", "太原市")],
    }


def test_the_feed_holds_the_same_texts_newest_first(sites: dict[str, TenantRef]) -> None:
    """S3: a topic has a feed."""
    response = _shown(sites["xiaodian"], "/zt/liuwen/?format=atom")

    entries = ET.fromstring(response.content).findall("{http://www.w3.org/2005/Atom}entry")  # noqa: S314 - our own
    assert response.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert [entry.findtext("{http://www.w3.org/2005/Atom}title") for entry in entries] == [
        "小店区新增就业完成任务",
        "全市就业形势发布",
        "全市稳就业若干措施",
    ]


def test_a_column_of_topics_shows_cards_with_the_day_of_the_newest_text(sites: dict[str, TenantRef]) -> None:
    newest = Projection.objects.get(title="迎泽区稳外贸进展").published_at

    cards = _shown(sites["taiyuan"], "/zt/").context_data["cards"]

    assert cards == [{"title": "六稳专题", "url": "/zt/liuwen/", "summary": "样例说明。", "date": newest}]


def test_a_text_names_its_topics_and_leads_to_all_texts_under_them(sites: dict[str, TenantRef]) -> None:
    page = _shown(sites["xiaodian"], "/zwdt/yaowen/own/").content.decode()

    assert '<a href="/search/?topic=wenjiuye&amp;scope=city&amp;sort=date">稳就业</a>' in page
    assert '<a href="/search/?topic=bao-jiuye&amp;scope=city&amp;sort=date">保居民就业</a>' in page
    assert "专题</span>" not in _shown(sites["taiyuan"], "/zwdt/yaowen/other/").content.decode()


@pytest.mark.usefixtures("known_sites")
def test_more_texts_cost_no_more_statements_and_there_are_at_most_fifteen(sites: dict[str, TenantRef]) -> None:
    _shown(sites["xiaodian"])
    with CaptureQueriesContext(connection) as few:
        _shown(sites["xiaodian"])
    with in_schema_of(sites["xiaodian"]):
        pages = [publish_article(f"新增就业第{number}期", slug=f"more-{number}", topics=["wenjiuye"]) for number in range(12)]

    _shown(sites["xiaodian"])  # the directory of sites is asked for again after half a second
    with CaptureQueriesContext(connection) as many:
        listed = _listed(_shown(sites["xiaodian"]))

    assert len(listed["进展成效"]) == 8  # as many as the page says
    assert len(many) == len(few) <= MOST_STATEMENTS
    with in_schema_of(sites["xiaodian"]), transaction.atomic():
        for page in pages:
            page.delete()


def test_a_withdrawn_text_leaves_every_topic_page_at_once(sites: dict[str, TenantRef]) -> None:
    with in_schema_of(sites["yingze"]), transaction.atomic():
        page = ArticlePage.objects.get(slug="yingze")
        page.unpublish()

    assert ("迎泽区稳外贸进展", "迎泽区") not in _listed(_shown(sites["taiyuan"]))["进展成效"]

    with in_schema_of(sites["yingze"]), transaction.atomic():
        page.save_revision().publish()


def test_a_text_whose_newest_version_is_not_in_force_yet_is_followed_by_the_one_that_is(sites: dict[str, TenantRef]) -> None:
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    editions = {"2015": {"version_date": "2015-01-01"}, "2020": {"version_date": "2020-01-01"}}
    editions["2026"] = {"version_date": str(timezone.localdate()), "effective_date": str(tomorrow)}
    with in_schema_of(sites["yingze"]):
        pages = [
            publish_document("稳岗补贴办法", slug=year, topics=["wenjiuye"], text_group="steady", subtitle=year, **facts)
            for year, facts in editions.items()
        ]

    def shown() -> list[tuple[str, str]]:
        (section,) = (each for each in _shown(sites["taiyuan"]).context_data["sections"] if each["title"] == "政策举措")
        return [(item["url"].split("/")[-2], (item["validity"] or {}).get("label", "")) for item in section["items"]]

    assert shown() == [("2026", "尚未施行"), ("2020", ""), ("city", "")]
    with time_machine.travel(dt.datetime.combine(tomorrow, dt.time(12), timezone.get_current_timezone())):
        assert [slug for slug, _ in shown()] == ["2026", "city"]
    with in_schema_of(sites["yingze"]), transaction.atomic():
        for page in pages:
            page.delete()


def test_the_editor_offers_the_citys_topics_and_keeps_a_retired_one(sites: dict[str, TenantRef]) -> None:
    with in_schema_of(sites["xiaodian"]):
        page = ArticlePage.objects.get(slug="own")
        form_class = ArticlePage.get_edit_handler().get_form_class()
        form = form_class(instance=page, parent_page=page.get_parent())
        topic_form = TopicPage.get_edit_handler().get_form_class()(instance=TopicPage(), parent_page=page.get_parent())

    assert issubclass(form_class, SitePageForm)
    assert ("wenjiuye", "稳就业") in form.fields["topics"].choices
    assert 'name="topics" value="wenjiuye"' in str(form["topics"])
    assert str(form["topics"]).count("checked") == 2
    assert ("liuwen", "六稳") in topic_form.fields["topic"].choices
