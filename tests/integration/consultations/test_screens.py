"""What staff see: how consultations stand, the opinions with masked names, who may open one, what is late, what is not deleted."""

import csv
import datetime as dt
import io
import re
from collections.abc import Iterator
from typing import Any

import openpyxl
import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Page

from memberships.contract import Role
from observability.models import AuditEntry
from registry.contract import TenantRef
from registry.schemas import in_schema_of
from tenants.consultations.contract import Status
from tenants.consultations.models import ConsultationPage, Opinion
from tenants.consultations.selectors.standings import Standing, Year, figures, standings
from tests.conftest import empty_database
from tests.factories.consultations import consult, opinion, past_opinion
from tests.factories.interpretations import moment
from tests.factories.pages import column
from tests.factories.people import person, signed_in
from tests.factories.sites import copied_sites

ROLES = (Role.ADMINISTRATOR, Role.EDITOR, Role.REVIEWER, Role.AUDITOR)
TODAY = dt.date(2026, 7, 1)
Sites = tuple[TenantRef, TenantRef]


@pytest.fixture(scope="module")
def sites(module_database: Any) -> Sites:
    empty_database()
    here, there = copied_sites("xiaodian", "yingze")
    for role in ROLES:
        person(role.value, roles={role: [here]})
    person("elsewhere", roles={Role.EDITOR: [there]})
    return here, there


@pytest.fixture(autouse=True)
def _nothing(sites: Sites) -> Iterator[None]:
    yield
    for site in sites:
        with in_schema_of(site), transaction.atomic():
            for page in Page.objects.filter(depth__gt=2).exclude(content_type__model="columnpage"):
                page.specific.delete()


def client(site: TenantRef, who: Role | str) -> Client:
    return signed_in(site, str(who), raise_request_exception=False)


def get(site: TenantRef, path: str, who: Role = Role.EDITOR) -> str:
    response = client(site, who).get(f"/admin/{path}")
    assert response.status_code == 200, path
    return response.content.decode()


def ended(title: str, slug: str, ends_on: dt.date, *, answered: str = "", **fields: Any) -> ConsultationPage:
    """Publish a consultation that ran for forty days until a day."""
    page = consult(title, slug=slug, begins=-60, ends=-20, **fields)
    facts = {"starts_on": ends_on - dt.timedelta(days=40), "ends_on": ends_on, "answered_at": moment(answered) if answered else None}
    ConsultationPage.objects.filter(pk=page.pk).update(**facts)
    return page


def test_all_roles_read_opinions_and_strangers_none(sites: Sites) -> None:
    """S13: the opinions are read by the site's own people; who sent them is masked for all, and auditors cannot open it."""
    here, there = sites
    with in_schema_of(here):
        page = consult()
        kept = opinion(page, here, "建议<b>延长</b>", name="样例甲", contact="13800000000")
    paths = ("hearing/", f"hearing/{page.pk}/opinions/", f"hearing/opinions/{kept.pk}/")

    for role in ROLES:
        assert [client(here, role).get(f"/admin/{path}").status_code for path in paths] == [200] * 3, role
    stranger = Client(headers={"host": here.editor_domain}, raise_request_exception=False)
    assert {stranger.get(f"/admin/{path}").status_code for path in paths} <= {302, 403}
    assert [client(there, "elsewhere").get(f"/admin/{path}").status_code for path in paths] == [200, 404, 404]
    shown = get(here, paths[1]) + get(here, paths[2])
    assert "建议&lt;b&gt;延长&lt;/b&gt;" in shown
    assert "样**" in shown
    assert "1********00" in shown
    assert "样例甲" not in shown
    assert "13800000000" not in shown
    assert "查看姓名和联系方式" not in get(here, paths[2], Role.AUDITOR)


def test_opening_a_contact_is_recorded(sites: Sites) -> None:
    here, _ = sites
    with in_schema_of(here):
        kept = opinion(consult(), here, name="样例甲", contact="13800000000")
    path = f"/admin/hearing/opinions/{kept.pk}/"
    before = AuditEntry.objects.filter(action="opinion.contact.opened").count()

    refused = client(here, Role.AUDITOR).post(path)
    opened = client(here, Role.EDITOR).post(path)

    assert refused.status_code in (302, 403)
    assert "13800000000" in opened.content.decode()
    entries = AuditEntry.objects.filter(action="opinion.contact.opened")
    assert entries.count() == before + 1
    entry = entries.latest("pk")
    assert (entry.actor, entry.subject, entry.tenant_uuid) == (Role.EDITOR.value, kept.number, here.uuid)


def withholdings() -> list[tuple[str, str, dict[str, Any]]]:
    """Return who withheld which opinion, as the trail says; it is never emptied, and numbers come again."""
    return list(AuditEntry.objects.filter(action="opinion.withheld").order_by("pk").values_list("actor", "subject", "detail"))


def test_one_opinion_is_withheld_with_a_reason_and_counts_no_more(sites: Sites) -> None:
    """S13: name and contact go at once, number and receipt stay; lists, files and figures tell one less; the trail says who and why."""
    here, _ = sites
    with in_schema_of(here):
        page = ended("征集", "a", TODAY, feedback="没有采纳。", offline_count=2)
        spam, other = (past_opinion(page, text, name="样例甲", contact="13800000000") for text in ("加微信买房", "建议延长"))
    editor, path, before = client(here, Role.EDITOR), f"/admin/hearing/opinions/{spam.pk}/withhold/", len(withholdings())

    without = editor.post(path, {"reason": " "})
    assert "请写明撤除的理由" in without.content.decode()
    with in_schema_of(here):
        assert Opinion.objects.filter(withheld_at=None, name="样例甲").count() == 2
    answers = [editor.post(path, {"reason": "广告，与征集无关"}) for _ in range(2)]

    assert [(answer.status_code, answer.headers["Location"]) for answer in answers] == [(302, f"/admin/hearing/{page.pk}/opinions/")] * 2
    with in_schema_of(here):
        kept = Opinion.objects.get(pk=spam.pk)
        assert (kept.text, kept.name, kept.contact, kept.withheld_reason) == ("加微信买房", "", "", "广告，与征集无关")
        assert Opinion.objects.values_list("name", "contact", "withheld_at").get(pk=other.pk) == ("样例甲", "13800000000", None)
        assert [row.opinions for row in standings(here, today=TODAY)] == [1]
        assert figures(here, year=TODAY.year, today=TODAY).opinions == 1 + 2
    assert withholdings()[before:] == [("editor", spam.number, {"reason": "广告，与征集无关", "text_erased": False})]
    listed, withheld = get(here, f"hearing/{page.pk}/opinions/"), get(here, f"hearing/{page.pk}/opinions/?withheld=1")
    assert (spam.number in listed, other.number in listed, "另有 1 条已撤除" in listed) == (False, True, True)
    assert (spam.number in withheld, other.number in withheld, "广告，与征集无关" in withheld) == (True, False, True)
    text = editor.get(f"/admin/hearing/{page.pk}/opinions/?format=csv").content.decode()
    assert (spam.number in text, other.number in text) == (False, True)
    reader = Client(headers={"host": here.primary_domain})
    html = reader.get("/hdjl/yjzj/a/").content.decode()
    assert "共收到意见 <strong>3</strong> 条，其中网上 1 条，其他渠道 2 条；另有 1 条网上意见经审核撤除，不计入。" in html
    assert "广告" not in html
    assert spam.number in reader.get(f"/hdjl/yjzj/a/?receipt={spam.number}").content.decode()


def test_the_words_of_an_opinion_go_when_asked_also_later(sites: Sites) -> None:
    here, _ = sites
    with in_schema_of(here):
        kept = past_opinion(ended("征集", "a", TODAY), "某人的病历")
    path, before = f"/admin/hearing/opinions/{kept.pk}/withhold/", len(withholdings())

    client(here, Role.REVIEWER).post(path, {"reason": "重复提交"})
    client(here, Role.REVIEWER).post(path, {"reason": "含他人隐私", "erases_text": "on"})

    with in_schema_of(here):
        assert Opinion.objects.values_list("text", "withheld_reason").get(pk=kept.pk) == ("［内容已删除］", "含他人隐私")
    assert [detail["text_erased"] for _, _, detail in withholdings()[before:]] == [False, True]
    shown = get(here, f"hearing/opinions/{kept.pk}/")
    assert "某人的病历" not in shown
    assert "withhold/" not in shown


def test_only_who_handles_opinions_withholds_one_and_only_of_the_own_site(sites: Sites) -> None:
    here, there = sites
    with in_schema_of(here):
        kept = past_opinion(ended("征集", "a", TODAY), name="样例甲")
    path, why, before = f"/admin/hearing/opinions/{kept.pk}/withhold/", {"reason": "广告"}, len(withholdings())

    stranger = Client(headers={"host": here.editor_domain}, raise_request_exception=False)
    answers = [stranger.post(path, why), client(here, Role.AUDITOR).post(path, why), client(there, "elsewhere").post(path, why)]

    assert [answer.status_code for answer in answers[:2]] == [302, 302]
    assert answers[2].status_code == 404
    assert "withhold/" not in get(here, f"hearing/opinions/{kept.pk}/", Role.AUDITOR)
    with in_schema_of(here):
        assert Opinion.objects.values_list("name", "withheld_at").get(pk=kept.pk) == ("样例甲", None)
    assert len(withholdings()) == before


def test_the_database_keeps_no_person_with_a_withheld_opinion_and_asks_why(sites: Sites) -> None:
    here, _ = sites
    with in_schema_of(here):
        kept = past_opinion(ended("征集", "a", TODAY), name="样例甲")
        for facts in ({"withheld_reason": "广告"}, {"name": ""}, {"withheld_reason": "广告", "name": "", "contact": "1"}):
            with pytest.raises(IntegrityError, match="consultations_withheld"), transaction.atomic():
                Opinion.objects.filter(pk=kept.pk).update(withheld_at=timezone.now(), **facts)


def test_opinions_are_taken_along_as_files_without_people_or_formulas(sites: Sites) -> None:
    """S13: both files hold the same rows, the oldest first; nothing in them is taken for a formula."""
    here, _ = sites
    with in_schema_of(here):
        page = ended("征集", "a", TODAY)
        past_opinion(page, "=1+1", name="样例甲", contact="13800000000", received_at=moment("2026-06-01 09:05"))
        past_opinion(page, "第二条", received_at=moment("2026-06-02 09:05"))
    path = f"/admin/hearing/{page.pk}/opinions/"

    text = client(here, Role.AUDITOR).get(f"{path}?format=csv").content.decode()
    book = openpyxl.load_workbook(io.BytesIO(client(here, Role.AUDITOR).get(f"{path}?format=xlsx").content))

    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert rows == [
        ["编号", "收到时间", "意见内容", "姓名或单位", "联系方式"],
        ["20260101000000", "2026-06-01 09:05", "'=1+1", "样**", "1********00"],
        ["20260101000001", "2026-06-02 09:05", "第二条", "", ""],
    ]
    cells = [[cell or "" for cell in row] for row in book.worksheets[0].iter_rows(values_only=True)]
    assert cells == [rows[0], [*rows[1][:2], "=1+1", *rows[1][3:]], rows[2]]
    assert book.worksheets[0]["C2"].data_type == "s"


def test_standings_say_when_answers_are_due_and_late(sites: Sites) -> None:
    """S13: thirty working days after the end; late ones first; one that was answered late says by how much; exact days."""
    here, there = sites
    with in_schema_of(here):
        past_opinion(ended("逾期", "late", dt.date(2026, 5, 8)))
        soon = ended("将到期", "soon", dt.date(2026, 5, 22), offline_count=2)
        past_opinion(soon)
        past_opinion(soon, "又一条")
        ended("晚答", "slow", dt.date(2026, 3, 6), answered="2026-04-21 09:00", feedback="无。")
        consult("在征集", slug="open", begins=-5, ends=30)
        ConsultationPage.objects.filter(slug="open").update(starts_on=TODAY, ends_on=dt.date(2026, 7, 31))
        found = standings(here, today=TODAY)
        year = figures(here, year=2026, today=TODAY)
    with in_schema_of(there):
        assert standings(there, today=TODAY) == []

    def told(row: Standing) -> tuple[Any, ...]:
        return row.title, row.status, row.opinions, row.due_on, row.late_by, row.is_overdue, row.is_soon, row.text

    assert [told(row) for row in found] == [
        ("逾期", Status.CLOSED, 1, dt.date(2026, 6, 18), 8, True, False, "已逾期8个工作日"),
        ("将到期", Status.CLOSED, 2, dt.date(2026, 7, 6), 0, False, True, "应于2026-07-06前反馈"),
        ("在征集", Status.OPEN, 0, dt.date(2026, 9, 11), 0, False, False, "应于2026-09-11前反馈"),
        ("晚答", Status.ANSWERED, 0, dt.date(2026, 4, 20), 1, False, False, "2026-04-21反馈，逾期1个工作日"),
    ]
    assert year == Year(2026, 4, 5, 1, 6)


def test_the_start_page_reminds_of_late_answers_and_the_menu_leads_there(sites: Sites) -> None:
    """S13: what is late stands on the start page until it is answered; nothing of it where all is answered."""
    here, _ = sites
    assert "等待反馈的意见征集" not in get(here, "")
    with in_schema_of(here):
        page = ended("久等的征集", "late", timezone.localdate() - dt.timedelta(days=90))

    start, screen = get(here, ""), get(here, "hearing/")

    assert "等待反馈的意见征集" in start
    assert "逾期未反馈 1 个。" in start
    assert reverse("consultation-standings", urlconf="config.urls.editor") in start
    assert re.search(r'<span class="hearing-bad">已逾期\d+个工作日</span>', screen)
    with in_schema_of(here), transaction.atomic():
        page = ConsultationPage.objects.get(pk=page.pk)
        page.feedback = "没有收到意见。"
        page.save_revision().publish()
    assert "等待反馈的意见征集" not in get(here, "")


def test_a_consultation_with_opinions_is_not_deleted(sites: Sites) -> None:
    """S13: the record of a decision stays, whether the page or its column is to go; one without opinions may be deleted."""
    here, _ = sites
    with in_schema_of(here):
        kept, empty, where = consult(), consult("没有意见", slug="empty"), column("yjzj")
        opinion(kept, here)
    administrator = client(here, Role.ADMINISTRATOR)

    refused = administrator.post(f"/admin/pages/{kept.pk}/delete/", follow=True)
    whole = administrator.post(f"/admin/pages/{where.pk}/delete/", {"choice": "delete", "confirmed": where.title}, follow=True)
    bulk = administrator.post(f"/admin/bulk/wagtailcore/page/delete/?id={kept.pk}", follow=True)
    gone = administrator.post(f"/admin/pages/{empty.pk}/delete/")

    words = "“停车办法公开征求意见”已收到公众意见，是决策过程记录，不能删除。不再公开的，请撤下。"
    assert [words in response.content.decode() for response in (refused, whole, bulk)] == [True] * 3
    assert gone.status_code == 302
    with in_schema_of(here):
        assert list(ConsultationPage.objects.values_list("pk", flat=True)) == [kept.pk]
        assert Opinion.objects.count() == 1
    assert "栏目里的内容" in administrator.get(f"/admin/pages/{where.pk}/delete/").content.decode()  # which may move elsewhere


def test_the_editor_is_told_beside_the_field(sites: Sites) -> None:
    """S13: a short period without a reason is refused by the form, with the day it could end; nothing is kept."""
    here, _ = sites
    with in_schema_of(here):
        parent = column("yjzj")
    reviewer = client(here, Role.REVIEWER)
    path = f"/admin/pages/add/consultations/consultationpage/{parent.pk}/"
    empty = ("subtitle", "short_reason", "note", "address", "email", "phone", "feedback", "final_reference", "summary", "source")
    form = {
        **dict.fromkeys((*empty, "editor_name", "keywords", "draft_document", "seo_title", "search_description", "slug"), ""),
        "title": "停车办法征求意见", "kind": "decision", "organ": "甲局", "starts_on": "2026-07-01", "ends_on": "2026-07-10",
        "is_online": "on", "offline_count": "0", "body-count": "0", "attachments-count": "0", "comment_notifications": "",
        **{f"{name}-{key}": value for name in ("hearings", "outcomes", "comments") for key, value in _management().items()},
        "action-publish": "1",
    }  # fmt: skip

    refused = reviewer.post(path, form)
    wrong = reviewer.post(path, {**form, "ends_on": "2026-06-30", "final_reference": "没有这个文件"})

    assert "最早到2026-07-31截止。如需缩短，请在此写明理由并公开。" in refused.content.decode()
    assert "截止日期早于开始日期，请改正。" in wrong.content.decode()
    with in_schema_of(here):
        assert ConsultationPage.objects.count() == 0

    kept = reviewer.post(path, {**form, "short_reason": "汛期临近。"})

    assert kept.status_code == 302, kept.content.decode()[-3000:]
    with in_schema_of(here):
        page = ConsultationPage.objects.get()
    assert (page.live, page.organ, page.ends_on, page.answered_at) == (True, "甲局", dt.date(2026, 7, 10), None)
    edited = get(here, f"pages/{page.pk}/edit/")
    assert "尚缺 2 项：" in edited
    assert "<li>起草说明</li><li>征求意见稿：正文、附件或已发布的文件</li>" in edited


def _management() -> dict[str, str]:
    return {"TOTAL_FORMS": "0", "INITIAL_FORMS": "0", "MIN_NUM_FORMS": "0", "MAX_NUM_FORMS": "1000"}


def test_contacts_are_erased_by_a_command_that_runs_twice(sites: Sites, capsys: pytest.CaptureFixture[str]) -> None:
    here, _ = sites
    with in_schema_of(here):
        page = ended("旧征集", "old", timezone.localdate() - dt.timedelta(days=800))
        past_opinion(page, name="样例甲", contact="13800000000")

    told = (("--dry-run", "1 contacts would be erased"), ("--yes", "1 contacts erased"), ("--yes", "0 contacts to erase"))
    for option, words in told:
        call_command("consultation", "purge", option)
        assert words in capsys.readouterr().out
    with in_schema_of(here):
        assert list(Opinion.objects.values_list("name", "contact", "text")) == [("", "", "建议延长免费时间。")]
