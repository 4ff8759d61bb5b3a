"""Guides and what they rest on: the organ that does it, the documents that order it, linked where the sites have them."""

import io
import json
import re
from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from library.selectors import cited_documents
from registry.contract import TenantRef
from registry.schemas import in_schema_of
from search.contract import Validity
from tenants.organs.models import OrganPage
from tenants.organs.services import hand_over
from tenants.pages.models import DocumentPage
from tenants.services.contract import Element
from tenants.services.importing import import_services
from tenants.services.models import ServicePage
from tests.conftest import empty_database
from tests.factories import guides
from tests.factories.library import document
from tests.factories.organs import clear_texts, organ
from tests.factories.pages import column
from tests.factories.sites import copied_sites

MOST_QUERIES = 15
Sites = tuple[TenantRef, TenantRef]


@pytest.fixture(scope="module")
def opened(module_database: None) -> Sites:
    empty_database()
    portal, here = copied_sites("taiyuan", "xiaodian")
    return portal, here


@pytest.fixture
def sites(opened: Sites) -> Iterator[Sites]:
    yield opened
    for site in opened:
        with in_schema_of(site), transaction.atomic():
            clear_texts()


def get(site: TenantRef, path: str) -> str:
    answer = Client(headers={"host": site.primary_domain}).get(path)
    assert answer.status_code == 200, path
    return str(answer.content.decode())


def organ_cell(html: str) -> str:
    found = re.search(r'rowheader">办理机构</th><td role="cell">(.*?)</td>', html)
    return found[1] if found else ""


def basis(html: str) -> list[str]:
    part = html.partition('id="basis-title"')[2].partition("</section>")[0]
    return [line.strip() for line in re.findall(r'<p class="guide-line">(.*?)</p>', part, re.DOTALL)]


def test_a_guide_links_the_organ_that_was_chosen_or_has_the_name(sites: Sites) -> None:
    """S21: 办理机构 leads to the organ's page; without one the words stay."""
    _, here = sites
    with in_schema_of(here):
        office = organ("小店区审批局", slug="spj")
        guides.publish_guide("企业开办", slug="chosen", organ_name="审批局窗口", organ=office)
        guides.publish_guide("食品经营", slug="named", organ_name="小店区审批局")
        guides.publish_guide("别处办理", slug="words", organ_name="某省级机关")

    cells = [organ_cell(get(here, f"/bsfw/{slug}/")) for slug in ("chosen", "named", "words")]
    listed = get(here, "/zwgk/jgzn/spj/").partition(">办事指南<")[2].partition("</section>")[0]

    address = '<a href="http://xiaodian.localhost:8000/zwgk/jgzn/spj/">'
    assert cells == [f"{address}审批局窗口</a>", f"{address}小店区审批局</a>", "某省级机关"]
    assert sorted(re.findall(r'href="(/bsfw/[a-z]+/)"', listed)) == ["/bsfw/chosen/", "/bsfw/named/"]


def test_two_organs_of_a_name_and_one_that_is_not_public_are_not_linked(sites: Sites) -> None:
    _, here = sites
    with in_schema_of(here):
        office = organ("小店区审批局", slug="spj")
        organ("小店区大厅", slug="one")
        organ("小店区大厅", slug="two")
        guides.publish_guide("企业开办", slug="chosen", organ_name="", organ=office)
        guides.publish_guide("食品经营", slug="twice", organ_name="小店区大厅")
        with transaction.atomic():
            office.unpublish()
        kept = ServicePage.objects.get(slug="chosen")
        missing = kept.missing_elements

    assert organ_cell(get(here, "/bsfw/chosen/")) == "小店区审批局"
    assert organ_cell(get(here, "/bsfw/twice/")) == "小店区大厅"
    assert (kept.organ_name, Element.ORGAN in missing) == ("小店区审批局", False)


def test_a_deleted_organ_hands_its_guides_over_or_leaves_the_words(sites: Sites) -> None:
    _, here = sites
    with in_schema_of(here):
        old, new, other = (organ(title, slug=slug) for title, slug in (("旧局", "old"), ("新局", "new"), ("另一局", "other")))
        guides.publish_guide("企业开办", slug="given", organ_name="", organ=old)
        guides.publish_guide("食品经营", slug="left", organ_name="", organ=other)
        hand_over(old, to=new)
        with transaction.atomic():
            OrganPage.objects.get(pk=other.pk).delete()
        given, left = (ServicePage.objects.get(slug=slug) for slug in ("given", "left"))

    assert given.organ_id == new.pk
    assert (left.organ_id, left.organ_name) == (None, "另一局")


def test_an_import_that_names_another_organ_takes_the_link_away(sites: Sites) -> None:
    _, here = sites
    line = {"事项编码": "A-1", "事项名称": "企业开办"}
    with in_schema_of(here):
        office = organ("小店区审批局", slug="spj")
        guides.publish_guide("企业开办", slug="guide", code="A-1", organ_name="小店区审批局", organ=office)
        same = import_services(column("bsfw"), [(2, line | {"办理机构": "小店区审批局"})], by=None, publish=True)
        other = import_services(column("bsfw"), [(2, line | {"办理机构": "市审批局"})], by=None, publish=True)
        page = ServicePage.objects.get(slug="guide")

    assert (same.unchanged, other.changed) == (1, 1)
    assert (page.organ_id, page.organ_name) == (None, "市审批局")


def test_the_legal_basis_leads_to_the_document_at_its_article_with_its_standing(sites: Sites) -> None:
    """S16, S21: a repealed basis says so on the guide; what the library has not stays words."""
    portal, here = sites
    document(portal, "中华人民共和国样例法", slug="law", category="law")
    document(portal, "样例条例", slug="old", validity="repealed")
    document(here, "样例办法", slug="own", validity="amended")
    document(portal, "样例办法", slug="own")
    lines = ["《样例法》第十二条", "依据《样例条例》第三条、《样例法》第一条", "《样例办法》", "《没有的法》第一条", "三定规定"]
    with in_schema_of(here):
        guides.publish_guide("企业开办", slug="guide", basis="\n".join(lines))

    shown = basis(get(here, "/bsfw/guide/"))

    city = "http://taiyuan.localhost:8000/zwgk/zcwj"
    assert shown == [
        f'<a href="{city}/law/#art-12">《样例法》</a>第十二条',
        f'依据<a href="{city}/old/#art-3">《样例条例》</a>第三条、《样例法》第一条<span class="validity validity-repealed">废止</span>',
        '<a href="http://xiaodian.localhost:8000/zwgk/zcwj/own/">《样例办法》</a><span class="validity validity-amended">已修改</span>',
        "《没有的法》第一条",
        "三定规定",
    ]


def test_a_withdrawn_document_is_words_again(sites: Sites) -> None:
    portal, here = sites
    member = document(portal, "样例条例", slug="old")
    (found,) = cited_documents(["《样例条例》"], site=here)
    with in_schema_of(portal), transaction.atomic():
        DocumentPage.objects.get(pk=member.page).unpublish()

    (gone,) = cited_documents(["《样例条例》"], site=here)

    assert found.partner is not None
    assert (found.partner.title, found.partner.validity) == ("样例条例", Validity.IN_FORCE)
    assert (gone.partner, gone.url, gone.name) == (None, "", "样例条例")


def test_the_check_names_guides_whose_basis_holds_no_more(sites: Sites) -> None:
    portal, here = sites
    document(portal, "样例条例", slug="old", validity="repealed")
    with in_schema_of(here):
        guides.publish_guide("企业开办", slug="guide", basis="《样例条例》第三条\n《没有的法》")
        guides.publish_guide("食品经营", slug="fine", basis="《没有的法》")
    out, err = io.StringIO(), io.StringIO()

    call_command("service", "check", "--site", "xiaodian", "--json", stdout=out, stderr=err)

    said = json.loads(out.getvalue())
    assert said["outdated"] == [{"path": "/bsfw/guide/", "title": "企业开办", "basis": "样例条例", "validity": "repealed"}]
    assert said["incomplete"] == []
    assert "/bsfw/guide/ 企业开办: 设定依据《样例条例》废止" in err.getvalue()


@pytest.mark.usefixtures("known_sites")
def test_links_cost_one_statement_for_the_organ_and_all_documents(sites: Sites) -> None:
    portal, here = sites
    for number in range(6):
        document(portal, f"条例{number}", slug=f"d{number}")
    with in_schema_of(here):
        organ("小店区审批局", slug="spj")
        guides.publish_guide("多链接", slug="many", organ_name="小店区审批局", basis="\n".join(f"《条例{number}》" for number in range(6)))

    with CaptureQueriesContext(connection) as queries:
        html = get(here, "/bsfw/many/")

    statements = [query["sql"] for query in queries]
    assert len(re.findall(r">《条例\d》</a>", html)) == 6
    assert '<a href="http://xiaodian.localhost:8000/zwgk/jgzn/spj/">小店区审批局</a>' in html
    assert sum('"search_projection"' in sql for sql in statements) == 1
    assert len(statements) <= MOST_QUERIES
