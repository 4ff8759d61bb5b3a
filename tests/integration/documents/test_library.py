"""A document's page: words of other documents, its head, its files; and the list of very many."""

import datetime as dt
import io
import re
from collections.abc import Iterator

import docx
import pypdf
import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.models import Page

from library.contract import RelationKind
from registry.contract import State, TenantRef
from registry.schemas import in_schema_of
from search.contract import DocumentClass, Validity
from search.models import Projection
from tests.conftest import empty_database
from tests.factories import documents
from tests.factories.library import clear, document, say
from tests.factories.sites import copied_sites, put_into

MOST_QUERIES = 15
Sites = tuple[TenantRef, TenantRef, TenantRef]


@pytest.fixture(scope="module")
def opened(module_database: None) -> Sites:
    empty_database()
    portal, here, there = copied_sites("taiyuan", "xiaodian", "yingze")
    return portal, here, there


@pytest.fixture
def sites(opened: Sites) -> Iterator[Sites]:
    yield opened
    put_into(State.LIVE, *opened)
    clear(*opened)
    Projection.objects.all().delete()


def get(site: TenantRef, address: str) -> str:
    answer = Client(headers={"host": site.primary_domain}).get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return str(answer.content.decode())


def listed(site: TenantRef, query: str = "") -> list[str]:
    return re.findall(r'<a class="row-title" href="[^"]*">([^<]*)</a>', get(site, f"/wenjianku/{query}"))


@pytest.mark.usefixtures("known_sites")
def test_ten_thousand_documents_cost_no_more_statements_than_ten(sites: Sites) -> None:
    portal, here, _ = sites
    with transaction.atomic():
        documents.publish(*(documents.document(here, 100 + number, **_facts(number)) for number in range(10)))
    get(portal, "/wenjianku/")

    with CaptureQueriesContext(connection) as few:
        listed(portal)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO search_projection (id, tenant_id, page_id, revision, state, source_id, title, page_kind, kind, path, doc_nos, "
            'issuer, place, "group", latest, published_at, year, validity, body, summary, content_hash, title_terms, body_terms, '
            "document_class, subject, signed_date) "
            "SELECT 'x:page:' || n, tenant_id, 1000 + n, 1, 'live', '', title || n, page_kind, kind, path, doc_nos, issuer || n %% 50, "
            "place, 'g' || n, latest, published_at, year, validity, '', '', '', '', '', document_class, subject, signed_date "
            "FROM search_projection, generate_series(1, 9990) n WHERE page_id = 100 AND tenant_id = %s",
            [here.id],
        )
    with CaptureQueriesContext(connection) as many:
        html = get(portal, "/wenjianku/?page=500")

    assert "共 10,000 份" in html
    assert len(listed(portal, "?page=500")) == 20
    assert len(many) == len(few) <= MOST_QUERIES
    assert Client(headers={"host": portal.primary_domain}).get("/wenjianku/?page=501").status_code == 404


def _facts(number: int) -> dict[str, object]:
    return {
        "title": f"通知{number}",
        "document_class": DocumentClass.NORMATIVE,
        "validity": Validity.IN_FORCE,
        "subject": "02",
        "issuer": "小店区人民政府",
        "signed_date": dt.date(2026, 1, 1),
        "path": f"/{number}/",
    }


@pytest.mark.usefixtures("known_sites")
def test_a_document_says_what_others_did_to_it_and_links_there_while_it_can(sites: Sites) -> None:
    """S16: 被…废止 on the document itself, linked; without a link once the other is gone."""
    portal, here, _ = sites
    new = document(portal, "停车管理办法", slug="new", doc_no="并政发〔2026〕1号")
    old = document(here, "停车暂行办法", slug="old")
    say(portal, new, (RelationKind.REPEALS, old))

    with CaptureQueriesContext(connection) as queries:
        before = get(here, "/zwgk/zcwj/old/")
    said = re.sub(r"\s+", "", before)
    other = get(portal, "/zwgk/zcwj/new/")
    with in_schema_of(portal), transaction.atomic():
        Page.objects.get(slug="new").specific.unpublish()
    after = re.sub(r"\s+", "", get(here, "/zwgk/zcwj/old/"))

    link = '<ahref="http://taiyuan.localhost:8000/zwgk/zcwj/new/">《停车管理办法》</a>'
    assert f"本文件被{link}（并政发〔2026〕1号）废止。" in said
    assert '<span class="validity validity-repealed">废止</span>' in before
    assert re.search(r'废止下列文件</dt>\s*<dd><a href="http://xiaodian\.localhost:8000/zwgk/zcwj/old/">停车暂行办法</a>', other)
    assert "本文件被《停车管理办法》废止。" in after
    assert len(queries) <= MOST_QUERIES
    assert "taiyuan.localhost:8000/zwgk/zcwj/new" not in after


def test_a_document_has_its_official_head(sites: Sites) -> None:
    portal, _, _ = sites
    document(portal, "停车通知", slug="notice", document_class="normative", issuer="太原市人民政府", doc_no="并政发〔2026〕1号")
    dates = {"signed_date": dt.date(2026, 3, 1), "effective_date": dt.date(2026, 5, 1)}
    document(portal, "停车规章", slug="rule", document_class="rule", issuer="太原市人民政府", doc_no="令第9号", **dates)

    notice, rule = get(portal, "/zwgk/zcwj/notice/"), get(portal, "/zwgk/zcwj/rule/")

    assert '<p class="letterhead-issuer">太原市人民政府</p>' in notice
    assert '<p class="letterhead-number">并政发〔2026〕1号</p>' in notice
    assert "letterhead" not in rule
    assert "（2026年3月1日太原市人民政府令第9号公布　自2026年5月1日起施行）" in rule


def test_a_document_is_handed_out_as_word_and_pdf_with_all_its_words(sites: Sites) -> None:
    portal, here, _ = sites
    member = document(
        portal, "停车 <管理> & 通知", slug="notice", document_class="normative", issuer="太原市人民政府", doc_no="并政发〔2026〕1号"
    )
    with in_schema_of(portal), transaction.atomic():
        page = Page.objects.get(slug="notice").specific
        page.body = [
            (
                "official_text",
                "各区人民政府：\n第一条　为了方便群众停车，制定本通知。\n第二条　收费〔合理〕，不超过5元/小时。" + "公平" * 900,
            ),
            ("paragraph", "<p>附则<b>说明</b></p>"),
        ]
        page.save_revision().publish()
    reader = Client(headers={"host": portal.primary_domain})

    word = reader.get(f"/wenjianku/{member.page}.docx")
    pdf = reader.get(f"/wenjianku/{member.page}.pdf")

    paragraphs = [paragraph.text for paragraph in docx.Document(io.BytesIO(word.content)).paragraphs]
    assert paragraphs[:3] == ["太原市人民政府", "并政发〔2026〕1号", "停车 <管理> & 通知"]
    assert paragraphs[3:6] == [
        "各区人民政府：",
        "第一条　为了方便群众停车，制定本通知。",
        "第二条　收费〔合理〕，不超过5元/小时。" + "公平" * 900,
    ]
    assert paragraphs[6:] == ["附则说明", "来源：太原市人民政府 http://taiyuan.localhost:8000/zwgk/zcwj/notice/"]
    pages = pypdf.PdfReader(io.BytesIO(pdf.content)).pages
    text = re.sub(r"\s", "", "".join(page.extract_text() for page in pages))
    assert len(pages) == 4
    for words in ("太原市人民政府并政发〔2026〕1号停车<管理>&通知各区人民政府：", "第二条收费〔合理〕，不超过5元/小时。", "—4—"):
        assert words in text
    assert text.count("平") == 900
    assert word.headers["Content-Disposition"].endswith(".docx")
    assert pdf.headers["Content-Type"] == "application/pdf"
    assert Client(headers={"host": here.primary_domain}).get(f"/wenjianku/{member.page}.pdf").status_code == 404
    with in_schema_of(portal), transaction.atomic():
        Page.objects.get(slug="notice").specific.unpublish()
    assert reader.get(f"/wenjianku/{member.page}.pdf").status_code == 404
