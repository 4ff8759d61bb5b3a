"""Interpretations and answers travel with their site's rows, and a site made after another begins with what was public alone."""

import datetime as dt
from collections import defaultdict
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction

from library.contract import Member
from library.models import Relation
from registry.schemas import in_schema_of
from registry.selectors import tenant_by_slug
from tenants.interpretations import restoring
from tenants.interpretations.models import InterpretationPage, PublicIssue, ResponsePage
from tenants.pages import exporting
from tests.factories.interpretations import answer, duty, explain, issue, moment
from tests.factories.pages import publish_document
from tests.factories.sites import open_sites

pytestmark = pytest.mark.usefixtures("database")
NO_PAPERS = ("--override-officer", "示例", "--override-reason", "测试用站点，没有真实备案")
NEW = ("--name", "太原市迎泽区人民政府", "--short-name", "迎泽区", "--city", "taiyuan", "--region", "140106", *NO_PAPERS)
LINK = {"channel": "weibo", "link": "https://weibo.com/a", "published_on": dt.date(2026, 1, 5)}


def fill() -> None:
    document = publish_document("停车办法", doc_no="小政发〔2026〕3号")
    duty(document, organ="甲局")
    explain("图解", document, kinds=["text", "questions"], questions=(("收费吗？", "不收。"),), channels=(LINK,), benefits="免费。")
    draft = explain("内部草稿", document, slug="draft")
    with transaction.atomic():
        draft.unpublish()
    answer(issue("内部舆情", noticed_at=moment("2026-01-05 08:00")), "通报", focus="为什么？")


def told(page: InterpretationPage) -> tuple[Any, ...]:
    rows = [row.document.doc_no for row in page.interpreted.all()]
    questions = [(row.question, row.answer) for row in page.questions.all()]
    return page.title, page.kinds, page.benefits, rows, questions, [(row.channel, row.published_on) for row in page.channels.all()]


def test_rows_carry_everything_but_staffs_record_into_another_site() -> None:
    """The export names page types of all rooms; what came back says the same, to readers and to the library."""
    here, there = open_sites("xiaodian", "yingze")
    with in_schema_of(here):
        fill()
        before = told(InterpretationPage.objects.get(title="图解"))
        rows: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        for name, row in exporting.export_site(here):
            rows[name].append(row)

    assert exporting.check_rows(rows) == []
    assert "内部舆情" not in str(dict(rows))
    with in_schema_of(there), transaction.atomic():
        exporting.import_site(there, rows)
        assert restoring.relate_site(there) == 0  # search does not know the document yet
        from_rows = told(InterpretationPage.objects.get(title="图解"))
        assert (ResponsePage.objects.get().focus, ResponsePage.objects.get().issue, PublicIssue.objects.count()) == ("为什么？", None, 0)
    assert from_rows == before == (
        "图解", ["text", "questions"], "免费。", ["小政发〔2026〕3号"], [("收费吗？", "不收。")], [("weibo", dt.date(2026, 1, 5))],
    )  # fmt: skip


def test_a_site_made_after_another_has_its_public_interpretations_and_says_so() -> None:
    """Drafts, plans and the record of issues stay behind; what is explained is said of the new site's own documents."""
    open_sites("xiaodian")
    with in_schema_of(tenant_by_slug("xiaodian")):
        fill()

    call_command("site", "clone", "yingze", "--source", "xiaodian", "--with-content", *NEW, "--json")

    there = tenant_by_slug("yingze")
    with in_schema_of(there):
        page = InterpretationPage.objects.get()
        assert (page.title, page.interpreted.get().document.interpretation_duties.count()) == ("图解", 0)
        assert (ResponsePage.objects.get().issue, PublicIssue.objects.count()) == (None, 0)
        said = Relation.objects.said_by(Member(there.uuid, page.pk)).get()
        assert said.target == Member(there.uuid, page.interpreted.get().document_id)
