"""The library's page: exact lists of a site and of a city, narrowed down, counted."""

import datetime as dt
import re

import pytest
from django.db import transaction
from django.test import Client
from wagtail.models import Page

from registry.contract import State, TenantRef
from registry.schemas import in_schema_of
from tenants.pages.models import DocumentPage
from tests.conftest import empty_database
from tests.factories.library import document
from tests.factories.sites import copied_sites, put_into

Sites = tuple[TenantRef, TenantRef, TenantRef]


def get(site: TenantRef, address: str) -> str:
    answer = Client(headers={"host": site.primary_domain}).get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return str(answer.content.decode())


def listed(site: TenantRef, query: str = "") -> list[str]:
    return re.findall(r'<a class="row-title" href="[^"]*">([^<]*)</a>', get(site, f"/wenjianku/{query}"))


@pytest.fixture(scope="module")
def filled(module_database: None) -> Sites:
    empty_database()
    portal, here, there = copied_sites("taiyuan", "xiaodian", "yingze")
    normative = {"document_class": "normative", "issuer": "太原市人民政府", "subject": "10"}
    document(portal, "停车管理办法", slug="parking", signed_date=dt.date(2025, 5, 1), **normative)
    document(portal, "绿化规章", slug="green", document_class="rule", issuer="太原市人民政府", signed_date=dt.date(2026, 1, 1))
    document(
        here,
        "食品监管标准",
        slug="food",
        document_class="market",
        issuer="小店区市场监督管理局",
        signed_date=dt.date(2026, 2, 1),
        subject="0201",
        combined_class="0102",
    )
    document(here, "旧的通知", slug="old", validity="repealed", signed_date=dt.date(2026, 3, 1), subject="02")
    document(there, "迎泽的意见", slug="yingze", validity="expired", signed_date=dt.date(2020, 3, 1), issuer="迎泽区人民政府；迎泽区财政局")
    document(there, "一部法律", slug="law", category="law")
    for site, slug in ((here, "copy"), (there, "copy")):  # both relay the city's text
        document(site, "停车管理办法", slug=slug, text_group="parking", signed_date=dt.date(2025, 5, 1), **normative)
    with in_schema_of(portal), transaction.atomic():
        page = Page.objects.get(slug="parking").specific
        page.text_group = "parking"
        page.save_revision().publish()
    return portal, here, there


def test_a_site_lists_its_own_and_the_city_lists_all_each_text_once(filled: Sites) -> None:
    """S15, S20: one library over all sites, those in force first; laws are in none."""
    portal, here, there = filled

    assert listed(here) == ["食品监管标准", "停车管理办法", "旧的通知"]
    assert listed(there) == ["停车管理办法", "迎泽的意见"]
    everything = ["食品监管标准", "绿化规章", "停车管理办法", "旧的通知", "迎泽的意见"]
    assert listed(portal) == everything
    assert listed(here, "?scope=city") == everything
    assert listed(portal, "?scope=site") == ["绿化规章", "停车管理办法"]
    leading = re.findall(r'href="([^"]*)">停车管理办法<', get(there, "/wenjianku/?scope=city"))
    assert leading == ["http://taiyuan.localhost:8000/zwgk/zcwj/parking/"]


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("class=rule", ["绿化规章"]),
        ("class=market", ["食品监管标准"]),
        ("subject=10", ["停车管理办法"]),
        ("subject=02", ["食品监管标准", "旧的通知"]),
        ("subject=0201", ["食品监管标准"]),
        ("subject=020", []),
        ("combined=01", ["食品监管标准"]),
        ("combined=0102&subject=0201", ["食品监管标准"]),
        ("combined=0102&subject=10", []),
        ("year=2026", ["食品监管标准", "绿化规章", "旧的通知"]),
        ("issuer=迎泽区财政局", ["迎泽的意见"]),
        ("validity=in_force", ["食品监管标准", "绿化规章", "停车管理办法"]),
        ("validity=over", ["旧的通知", "迎泽的意见"]),
        ("class=rule&year=2025", []),
        ("class=rule&validity=nonsense&year=x", []),
        ("year=99999&page=x", ["食品监管标准", "绿化规章", "停车管理办法", "旧的通知", "迎泽的意见"]),
    ],
)
def test_the_list_is_narrowed_down(filled: Sites, query: str, titles: list[str]) -> None:
    assert listed(filled[0], f"?{query}") == titles


def test_values_are_counted_as_the_other_choices_leave_them(filled: Sites) -> None:
    html = get(filled[0], "/wenjianku/?class=normative")

    counts = re.findall(r'<span class="facet-label">([^<]*)</span><span class="count">(\d+)', html)
    assert counts[:4] == [("规章", "1"), ("行政规范性文件", "1"), ("监管规则和标准", "1"), ("其他文件", "2")]
    assert ("现行有效", "1") in counts
    assert ("废止和失效", "2") not in counts


def test_what_readers_may_not_see_is_in_no_list(filled: Sites) -> None:
    portal, here, _ = filled
    with in_schema_of(portal), transaction.atomic():
        Page.objects.get(slug="green").specific.unpublish()
    put_into(State.SUSPENDED, here)

    seen = listed(portal, "?scope=city")
    put_into(State.LIVE, here)
    with in_schema_of(portal), transaction.atomic():
        Page.objects.get(slug="green").specific.save_revision().publish()

    assert seen == ["停车管理办法", "迎泽的意见"]
    assert len(listed(portal, "?scope=city")) == 5


def test_subjects_are_gone_down_into_by_two_levels(filled: Sites) -> None:
    """S15: 主题分类 in two levels; a class counts its own documents and those of its second level."""

    def subjects(query: str) -> list[tuple[str, str]]:
        part = get(filled[0], f"/wenjianku/{query}").partition('id="facet-subject"')[2].partition("</nav>")[0]
        return re.findall(r'<span class="facet-label">([^<]*)</span><span class="count">(\d+)', part)

    classes = [("综合政务", "2"), ("城乡建设、环境保护", "1")]
    down = [("综合政务", "2"), ("政务公开", "1"), ("城乡建设、环境保护", "1")]
    assert [subjects(query) for query in ("", "?subject=02", "?subject=0201", "?subject=10")] == [classes, down, down, classes]
    assert "主题分类：综合政务 / 政务公开" in get(filled[0], "/wenjianku/?subject=0201")
    assert re.search(r"主题分类</(dt|th)>\s*<(dd|td)[^>]*>综合政务 / 政务公开<", get(filled[1], "/zwgk/zcwj/food/"))


def test_a_document_says_its_combined_class(filled: Sites) -> None:
    html = get(filled[1], "/zwgk/zcwj/food/")

    assert re.search(r"组配分类</(dt|th)>\s*<(dd|td)[^>]*>法规规章和规范性文件 / 行政规范性文件<", html)
    assert "组配分类：法规规章和规范性文件 / 行政规范性文件" in get(filled[0], "/wenjianku/?combined=0102")
    assert "组配分类" not in get(filled[1], "/zwgk/zcwj/old/")


def test_an_editor_chooses_each_class_from_its_own_list(filled: Sites) -> None:
    """A class that is offered no more stays where the document has it."""
    with in_schema_of(filled[1]):
        page = DocumentPage.objects.get(slug="food")
        page.combined_class = "9901"
        form = DocumentPage.get_edit_handler().get_form_class()(instance=page, for_user=None)
        fields = {name: dict(form.fields[name].choices) for name in ("subject", "combined_class")}

    assert fields["combined_class"]["法规规章和规范性文件"][1:] == [("0101", "规章"), ("0102", "行政规范性文件"), ("0103", "其他文件")]
    assert fields["combined_class"]["02"] == "机构职能"
    assert fields["combined_class"]["9901"] == "99 / 9901（已停用）"
    assert fields["subject"]["03"] == "国民经济管理、国有资产监管"


def test_the_openness_platform_leads_to_documents_by_subject(filled: Sites) -> None:
    html = get(filled[1], "/zfxxgk/fdzdgk/").partition('aria-labelledby="openness-subjects"')[2].partition("</section>")[0]

    found = re.findall(r'<a href="([^"]*)">([^<]*)<span class="count">(\d+)', html)
    assert found == [
        ("/wenjianku/?scope=site&amp;subject=02", "综合政务", "2"),
        ("/wenjianku/?scope=site&amp;subject=0201", "政务公开", "1"),
        ("/wenjianku/?scope=site&amp;subject=10", "城乡建设、环境保护", "1"),
    ]
    assert 'aria-labelledby="openness-subjects"' not in get(filled[1], "/zfxxgk/fdzdgk/?catalogue=standard")
