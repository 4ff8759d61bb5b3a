"""Texts that sites took over by hand (转载): what becomes of the original is shown there, signed there, and seen by the issuer."""

import datetime as dt
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone
from docx import Document
from pypdf import PdfReader
from wagtail.models import Page

from exchange import services as exchange
from exchange.contract import Mark
from exchange.models import Delivery, Relay, Sending
from exchange.selectors import count_unsigned
from memberships.contract import Role
from observability.models import AuditEntry
from registry.contract import TenantRef
from registry.schemas import in_schema_of
from search.models import Projection
from tenants.documents.services import settle
from tenants.pages.models import DocumentPage
from tests.factories.pages import publish_article, publish_document
from tests.factories.people import person, signed_in
from tests.factories.sites import copied_sites

pytestmark = pytest.mark.usefixtures("database")
Sites = tuple[TenantRef, TenantRef, TenantRef]
NUMBERED = {"doc_no": "并政发〔2026〕3号", "issuer": "太原市人民政府", "validity": "in_force"}


@pytest.fixture
def sites() -> Sites:
    portal, here, there = copied_sites("taiyuan", "xiaodian", "yingze")
    return portal, here, there


def at(site: TenantRef, make: Callable[..., Any], *args: Any, **fields: Any) -> Any:
    with in_schema_of(site):
        return make(*args, **fields)


def change(site: TenantRef, page: Any, **facts: Any) -> None:
    with in_schema_of(site), transaction.atomic():
        page = type(page).objects.get(pk=page.pk)
        for name, value in facts.items():
            setattr(page, name, value)
        page.save_revision().publish()


def unpublish(site: TenantRef, page: Any) -> None:
    with in_schema_of(site), transaction.atomic():
        Page.objects.get(pk=page.pk).specific.unpublish()


def read(site: TenantRef, path: str) -> str:
    answer = Client(headers={"host": site.primary_domain}).get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


def marks() -> list[tuple[str, str]]:
    return list(Relay.objects.order_by("pk").values_list("mark", "seen_by"))


def test_a_repealed_original_is_flagged_where_it_was_taken_over_by_hand_and_nothing_else_changes(sites: Sites) -> None:
    """S16: the same number and title elsewhere is the same document; its page says so, links to the original, and stays as it was."""
    portal, here, there = sites
    original = at(portal, publish_document, "停车管理办法", "第一条 原文。", **NUMBERED)
    copy = at(here, publish_document, "停车管理办法", "第一条 原文。（转载）", slug="copy", **NUMBERED)
    draft = at(there, publish_document, "停车管理办法", slug="draft", **NUMBERED)
    unpublish(there, draft)
    stranger = at(there, publish_document, "停车管理办法", slug="own", **NUMBERED | {"doc_no": "迎政发〔2026〕3号", "issuer": there.name})
    before = at(here, DocumentPage.objects.values().get, pk=copy.pk)
    assert "原文已废止" not in read(here, "/zwgk/zcwj/copy/")

    change(portal, original, validity="repealed")

    html = read(here, "/zwgk/zcwj/copy/")
    assert "<strong>原文已废止</strong>" in html
    assert '<span class="validity validity-repealed">原文已废止</span>' in html  # not 现行有效 above it
    assert "现行有效" not in html
    assert '本文转载自<a href="http://taiyuan.localhost:8000/zwgk/zcwj/text/">太原市人民政府</a>。' in html
    assert at(here, DocumentPage.objects.values().get, pk=copy.pk) == before
    assert list(Relay.objects.values_list("sender", "page_id", "receiver", "copy_id", "mark")) == [
        (portal.uuid, original.pk, here.uuid, copy.pk, "repealed")
    ]  # neither the draft nor the county's own document of the same title
    assert "原文已" not in read(there, "/zwgk/zcwj/own/")
    assert (count_unsigned(here), count_unsigned(there), count_unsigned(portal)) == (1, 0, 0)
    assert (Sending.objects.count(), Delivery.objects.count()) == (0, 0)
    assert at(there, DocumentPage.objects.get, pk=stranger.pk).validity == "in_force"


def test_a_corrected_validity_takes_the_flag_away_again(sites: Sites) -> None:
    portal, here, _ = sites
    original = at(portal, publish_document, "停车管理办法", **NUMBERED)
    at(here, publish_document, "停车管理办法", slug="copy", **NUMBERED)
    change(portal, original, validity="repealed")
    assert exchange.acknowledge(Relay.objects.get(), by="lisi", now=timezone.now())
    assert marks() == [("repealed", "lisi")]

    change(portal, original, validity="in_force")

    assert "原文已" not in read(here, "/zwgk/zcwj/copy/")
    assert marks() == [("", "lisi")]
    assert count_unsigned(here) == 1  # that it is in force again is news too
    assert AuditEntry.objects.filter(action="exchange.marked").count() == 2
    change(portal, original, validity="in_force")
    assert AuditEntry.objects.filter(action="exchange.marked").count() == 2  # a second time changes nothing


def test_a_document_that_another_one_repeals_is_flagged_where_it_was_taken_over(sites: Sites) -> None:
    """S16: nobody edits the old document; the new one's relation or the calendar ends it."""
    portal, here, _ = sites
    original = at(portal, publish_document, "停车管理办法", **NUMBERED, valid_until=timezone.localdate())
    at(here, publish_document, "停车管理办法", slug="copy", **NUMBERED)
    tomorrow = timezone.localdate() + dt.timedelta(days=1)

    assert settle(portal, page=original.pk, today=tomorrow)

    assert "<strong>原文已失效</strong>" in read(here, "/zwgk/zcwj/copy/")
    assert marks() == [("expired", "")]


@pytest.mark.parametrize("evidence", [{"source": "太原市人民政府网站"}, {"source": "太原市人民政府"}])
def test_an_article_that_names_its_source_is_flagged_when_that_is_taken_down(sites: Sites, evidence: dict[str, str]) -> None:
    portal, here, there = sites
    original = at(portal, publish_article, "全市停水通知", "<p>正文。</p>")
    at(here, publish_article, "全市停水通知", "<p>正文，有删节。</p>", slug="copy", **evidence)
    at(there, publish_article, "全市停水通知", "<p>迎泽区的通知。</p>", slug="own", source="太原日报")

    unpublish(portal, original)

    assert "<strong>原文已撤下</strong>" in read(here, "/zwdt/yaowen/copy/")
    assert "本文转载自太原市人民政府。" in read(here, "/zwdt/yaowen/copy/")  # without a link to what is gone
    assert "原文已" not in read(there, "/zwdt/yaowen/own/")
    change(portal, original)
    assert "原文已" not in read(here, "/zwdt/yaowen/copy/")


def test_a_link_to_the_original_is_evidence_whatever_the_copy_is_called(sites: Sites) -> None:
    portal, here, _ = sites
    original = at(portal, publish_document, "停车管理办法", **NUMBERED)
    address = f"http://{portal.primary_domain}:8000/zwgk/zcwj/text/"
    copy = at(here, publish_document, "转发市政府停车管理办法", slug="copy", issuer="太原市人民政府", source_url=address)

    with in_schema_of(portal), transaction.atomic():
        Page.objects.get(pk=original.pk).specific.delete()

    assert "<strong>原文已撤下</strong>" in read(here, "/zwgk/zcwj/copy/")
    change(here, copy, source_url="", title="小店区停车管理办法", issuer=here.name)
    assert Relay.objects.count() == 0  # it is nobody's copy any more
    assert "原文已撤下" not in read(here, "/zwgk/zcwj/copy/")


def test_word_and_pdf_of_a_copy_say_what_became_of_the_original(sites: Sites) -> None:
    portal, here, _ = sites
    original = at(portal, publish_document, "停车管理办法", "第一条 原文。", **NUMBERED, document_class="normative")
    copy = at(here, publish_document, "停车管理办法", "第一条 原文。", slug="copy", **NUMBERED, document_class="normative")
    assert "原文已" not in "".join(papers(here, copy))

    change(portal, original, validity="repealed")

    said = f"原文已废止（{timezone.localdate():%Y年%-m月%-d日}）。本文转载自太原市人民政府。"
    assert [said in text for text in papers(here, copy)] == [True, True]
    assert [("转载自" in text, "本文件目前的有效性：废止" in text) for text in papers(portal, original)] == [(False, True)] * 2
    unpublish(portal, original)
    assert ["原文已撤下" in text for text in papers(here, copy)] == [True, True]


def papers(site: TenantRef, page: Any) -> tuple[str, str]:
    """Return the words of a document's Word and PDF files, without spaces."""
    client = Client(headers={"host": site.primary_domain})
    word, pdf = (io.BytesIO(client.get(f"/wenjianku/{page.pk}.{kind}").content) for kind in ("docx", "pdf"))
    texts = [paragraph.text for paragraph in Document(word).paragraphs], [sheet.extract_text() for sheet in PdfReader(pdf).pages]
    first, second = ("".join("".join(text).split()) for text in texts)
    return first, second


def test_a_text_taken_over_after_it_was_repealed_is_flagged_from_the_first_moment(sites: Sites) -> None:
    portal, here, _ = sites
    at(portal, publish_document, "停车管理办法", **NUMBERED | {"validity": "repealed"})

    at(here, publish_document, "停车管理办法", slug="copy", **NUMBERED)

    assert "<strong>原文已废止</strong>" in read(here, "/zwgk/zcwj/copy/")


def test_a_copy_taken_down_flags_nobody(sites: Sites) -> None:
    """The portal relays a text of the State, as the county does: neither is the other's original."""
    portal, here, _ = sites
    state = {"doc_no": "国发〔2019〕5号", "issuer": "国务院", "validity": "in_force"}
    page = at(portal, publish_document, "国务院的通知", **state)
    at(here, publish_document, "国务院的通知", slug="copy", **state)

    unpublish(portal, page)

    assert Relay.objects.count() == 0
    assert "原文已撤下" not in read(here, "/zwgk/zcwj/copy/")
    assert Projection.objects.live().filter(title="国务院的通知").count() == 1


def editor(site: TenantRef, role: Role) -> Client:
    return signed_in(site, role.value, raise_request_exception=False)


def test_the_countys_reviewer_is_reminded_signs_and_the_issuer_sees_the_receipt(sites: Sites) -> None:
    portal, here, there = sites
    for role in (Role.REVIEWER, Role.EDITOR):
        person(role.value, roles={role: [portal, here, there]})
    original = at(portal, publish_document, "停车管理办法", **NUMBERED)
    copy = at(here, publish_document, "停车管理办法", slug="copy", **NUMBERED)
    change(portal, original, validity="repealed")
    relay = Relay.objects.get()
    sign = f"/admin/sharing/taken-over/{relay.pk}/"

    assert "1 篇转载内容的原文有变化：" in editor(here, Role.EDITOR).get("/admin/").content.decode()
    assert "转载内容的原文有变化" not in editor(there, Role.EDITOR).get("/admin/").content.decode()
    assert "原文已废止" in editor(here, Role.EDITOR).get(f"/admin/pages/{copy.pk}/edit/").content.decode()
    assert "停车管理办法" in editor(here, Role.EDITOR).get("/admin/sharing/received/").content.decode()
    assert "停车管理办法" not in editor(there, Role.EDITOR).get("/admin/sharing/received/").content.decode()
    assert editor(here, Role.EDITOR).post(sign).status_code in {302, 403}
    assert editor(there, Role.REVIEWER).post(sign).status_code == 404  # another site's
    assert editor(portal, Role.REVIEWER).post(sign).status_code == 404
    assert marks() == [("repealed", "")]
    assert "小店区</a>：未签收" in editor(portal, Role.EDITOR).get("/admin/sharing/sent/").content.decode()

    editor(here, Role.REVIEWER).post(sign)

    assert list(Relay.objects.values_list("seen_mark", "seen_by")) == [(Mark.REPEALED, "reviewer")]
    assert "小店区</a>：reviewer" in editor(portal, Role.EDITOR).get("/admin/sharing/sent/").content.decode()
    assert "转载内容的原文有变化" not in editor(here, Role.EDITOR).get("/admin/").content.decode()
