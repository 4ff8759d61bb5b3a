"""Consultations as a citizen gets them: the draft, the form, the receipt, what became of opinions; what belongs to one site stays there."""

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import Page

from registry.contract import TenantRef
from registry.schemas import in_schema_of
from rules.contract import Key
from rules.models import Rule
from search.models import Projection
from tenants.consultations import services
from tenants.consultations.models import ConsultationPage, Opinion
from tests.conftest import empty_database
from tests.factories.consultations import consult, opinion, past_opinion
from tests.factories.interpretations import explain
from tests.factories.pages import publish_article, publish_document
from tests.factories.sites import copied_sites

MOST_QUERIES = 15
BESIDES = ("SET search_path", "SELECT number FROM public.registry_directoryversion")  # one switch of schemas is counted
PATH = "/hdjl/yjzj/zj/"
OUTCOMES = (("延长免费时间", "adopted", "改为三十分钟。"), ("取消收费", "declined", "停车资源紧张，需要调节。"))
Sites = tuple[TenantRef, TenantRef, TenantRef]


@pytest.fixture(scope="module")
def sites(module_database: Any) -> Sites:
    empty_database()
    portal, here, there = copied_sites("taiyuan", "xiaodian", "yingze")
    return portal, here, there


@pytest.fixture(autouse=True)
def _no_texts(sites: Sites, settings: Any, tmp_path: Path) -> Iterator[None]:
    settings.MEDIA_ROOT = str(tmp_path)
    yield
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM public.search_requestcount")
    for site in sites:
        with in_schema_of(site), transaction.atomic():
            for page in Page.objects.filter(depth__gt=2).exclude(content_type__model="columnpage"):
                page.specific.delete()


def reader(site: TenantRef, **options: Any) -> Client:
    return Client(headers={"host": site.primary_domain}, **options)


def get(site: TenantRef, path: str = PATH) -> str:
    response = reader(site).get(path)
    assert response.status_code == 200, path
    return response.content.decode()


def form_of(html: str) -> tuple[str, dict[str, str]]:
    """Return where the form of a page is sent to, and the fields nobody fills in."""
    action = re.search(r'<form action="(/yijian/\d+/)#opinion" method="post"', html)
    assert action
    hidden = dict(re.findall(r'<input type="hidden" name="(token|csrfmiddlewaretoken)" value="([^"]+)"', html))
    return action[1], hidden


def opinions(site: TenantRef) -> list[tuple[str, str, str]]:
    with in_schema_of(site):
        return list(Opinion.objects.order_by("pk").values_list("text", "name", "contact"))


def test_an_opinion_is_sent_without_scripts_and_has_a_number(sites: Sites) -> None:
    """S12, S13: a county's draft is open to comment; the citizen keeps a number, the opinion is read by staff alone."""
    _, here, there = sites
    with in_schema_of(here):
        consult("北营街道停车方案公开征求意见", organ="小店区北营街道办事处", kind="other")
    citizen = reader(here, enforce_csrf_checks=True)
    shown = citizen.get(PATH)
    action, hidden = form_of(shown.content.decode())

    sent = citizen.post(action, {**hidden, "text": " 建议延长免费时间。 ", "name": "样例甲", "contact": "13800000000", "homepage": ""})

    assert (sent.status_code, sent.headers["Location"].split("?")[0]) == (302, PATH)
    with in_schema_of(here):
        kept = Opinion.objects.get()
    assert (kept.text, kept.name, kept.contact) == ("建议延长免费时间。", "样例甲", "13800000000")
    assert re.fullmatch(rf"{timezone.localdate():%Y%m%d}\d{{6,}}", kept.number)
    assert sent.headers["Location"] == f"{PATH}?receipt={kept.number}#receipt"
    receipt = citizen.get(sent.headers["Location"].removesuffix("#receipt"))
    assert f'<strong class="receipt-number">{kept.number}</strong>' in receipt.content.decode()
    assert "截止后 30 个工作日内在本页公布意见采纳情况" in receipt.content.decode()
    for response in (shown, receipt):
        assert response.headers["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
    for html in (get(here), receipt.content.decode(), get(here, "/hdjl/yjzj/"), get(here, f"{PATH}?receipt=20260101000001")):
        assert "建议延长免费时间" not in html
        assert "13800000000" not in html
        assert "样例甲" not in html
    assert "receipt-number" not in get(here, f"{PATH}?receipt=20260101000001")
    assert opinions(there) == []


def test_nothing_is_taken_without_the_token_of_the_form(sites: Sites) -> None:
    _, here, _ = sites
    with in_schema_of(here):
        consult()
    citizen = reader(here, enforce_csrf_checks=True)
    action, hidden = form_of(citizen.get(PATH).content.decode())

    assert citizen.post(action, {"token": hidden["token"], "text": "意见"}).status_code == 403
    assert opinions(here) == []


def test_sent_twice_is_kept_once(sites: Sites) -> None:
    """S13: a double click, or a reload, is one opinion with one number; other words from the same form are another."""
    _, here, _ = sites
    with in_schema_of(here):
        consult()
    citizen = reader(here)
    action, hidden = form_of(citizen.get(PATH).content.decode())
    said = {**hidden, "text": "意见", "name": "", "contact": ""}

    first, second, other = (citizen.post(action, fields) for fields in (said, said, {**said, "text": "另一条意见"}))

    assert first.headers["Location"] == second.headers["Location"]
    number = re.search(r"receipt=(\d+)#", first.headers["Location"])
    assert number
    assert f"这张表单已经提交过，编号 {number[1]}。这次改动还没有提交" in other.content.decode()
    assert "\n另一条意见</textarea>" in other.content.decode()
    assert [text for text, _, _ in opinions(here)] == ["意见"]
    again = form_of(other.content.decode())[1]["token"]
    assert citizen.post(action, {**said, "text": "另一条意见", "token": again}).status_code == 302
    assert [text for text, _, _ in opinions(here)] == ["意见", "另一条意见"]


@pytest.mark.parametrize(
    ("change", "words", "field"),
    [
        ({"text": "  "}, "请填写您的意见。", "text"),
        ({"text": "长" * 5001}, "意见最多 5000 字，现在有 5001 字。请精简或分几次提交。", "text"),
        ({"name": "名" * 41}, "姓名或单位最多 40 字，现在有 41 字。", "name"),
        ({"contact": "1" * 101}, "联系方式最多 100 字，现在有 101 字。", "contact"),
        ({"homepage": "http://spam.example"}, "这一栏请留空，不要填写；如果是浏览器自动填写的，请删去后再提交。", "homepage"),
        ({"token": "x"}, "页面打开得太久，没有提交成功。您填写的内容都在，请再提交一次。", ""),
        ({"token": ""}, "页面打开得太久，没有提交成功。您填写的内容都在，请再提交一次。", ""),
    ],
)
def test_what_is_wrong_is_said_beside_the_field_and_nothing_is_lost(sites: Sites, change: dict[str, str], words: str, field: str) -> None:
    _, here, _ = sites
    with in_schema_of(here):
        consult()
    citizen = reader(here)
    action, hidden = form_of(citizen.get(PATH).content.decode())
    said = {**hidden, "text": "<b>第三条</b>\n建议修改", "name": "样例甲", "contact": "a@example.cn", "homepage": ""}

    response = citizen.post(action, {**said, **change})

    html = response.content.decode()
    assert response.status_code == 422
    assert "no-store" in response.headers["Cache-Control"]
    assert (f'<a href="#{field}">{words}</a>' if field else f"<li>{words}</li>") in html
    shown = {**said, **change}
    typed = shown["text"].replace("<", "&lt;").replace(">", "&gt;")
    assert f"\n{typed}</textarea>" in html
    assert f'value="{shown["name"]}"' in html
    assert f'value="{shown["contact"]}"' in html
    assert html.count('class="field-error"') == bool(field)
    assert opinions(here) == []
    again = form_of(html)[1]["token"]
    assert (again == hidden["token"]) is (field != "")
    assert citizen.post(action, {**said, "token": again}).status_code == 302


@pytest.mark.parametrize(
    ("period", "online", "words"),
    [
        ({"begins": 1, "ends": 31}, True, "征集还没有开始，请在征集时间内再提交。"),
        ({"begins": -40, "ends": -1}, True, "征集已经截止，不再收取意见。"),
        ({}, False, "本次征集不在网上收取意见，请用下面的方式提出。"),
    ],
)
def test_an_opinion_at_the_wrong_time_is_refused_and_given_back(
    sites: Sites,
    period: dict[str, int],
    online: bool,  # noqa: FBT001 - a case of the table
    words: str,
) -> None:
    _, here, _ = sites
    with in_schema_of(here):
        page = consult(**period, is_online=online)  # type: ignore[arg-type] # days and a flag
    assert "opinion-form" not in get(here)

    response = reader(here).post(f"/yijian/{page.pk}/", {"token": "0" * 32, "text": "写了很久的意见"})

    html = response.content.decode()
    assert response.status_code == 409
    assert words in html
    assert '<p class="consultation-typed">写了很久的意见</p>' in html
    assert opinions(here) == []
    with in_schema_of(here), pytest.raises(services.NotOpenError):
        opinion(page, here)


def test_one_address_sends_six_a_minute(sites: Sites, settings: Any) -> None:
    """Counted for opinions alone: what the same address says of a search takes nothing from it."""
    settings.FORMS_PER_MINUTE = 6
    _, here, _ = sites
    with in_schema_of(here):
        consult()
    citizen = reader(here)
    forms = [form_of(citizen.get(PATH).content.decode()) for _ in range(7)]
    answers = [citizen.post(action, {**hidden, "text": f"意见{number}"}) for number, (action, hidden) in enumerate(forms)]

    assert [response.status_code for response in answers] == [302] * 6 + [429]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60
    assert "提交过于频繁，请一分钟后再试；您填写的内容都在。" in answers[-1].content.decode()
    assert "\n意见6</textarea>" in answers[-1].content.decode()
    assert len(opinions(here)) == 6
    assert reader(here).post("/search/feedback/", {"q": "停车", "scope": "city", "total": "1", "useful": "yes"}).status_code == 200


def test_one_telephone_is_left_so_often_a_day(sites: Sites, settings: Any) -> None:
    settings.FORMS_PER_PHONE = 1
    _, here, _ = sites
    with in_schema_of(here):
        consult()
    citizen = reader(here)

    def send(**said: str) -> Any:
        action, hidden = form_of(citizen.get(PATH).content.decode())
        return citizen.post(action, {**hidden, **said})

    answers = [send(text=f"意见{number}", contact="139 0000 0000") for number in range(2)]

    assert [answer.status_code for answer in answers] == [302, 429]
    html = answers[1].content.decode()
    assert "填写的电话号码一天内已提交 1 件，这一件没有保存。" in html
    assert "\n意见1</textarea>" in html
    assert [send(text="意见2", contact="a@example.cn").status_code, send(text="意见3").status_code] == [302, 302]
    assert [text for text, _, _ in opinions(here)] == ["意见0", "意见2", "意见3"]


def test_another_sites_consultation_and_what_is_not_public_take_nothing(sites: Sites) -> None:
    _, here, there = sites
    with in_schema_of(here), transaction.atomic():
        page, draft = consult(), consult("草稿", slug="draft")
        draft.unpublish()

    answers = [reader(there).post(f"/yijian/{page.pk}/", {"text": "意见"}), reader(here).post(f"/yijian/{draft.pk}/", {"text": "意见"})]

    assert [response.status_code for response in answers] == [404, 404]
    assert reader(here).get(f"/yijian/{page.pk}/").headers["Location"] == PATH
    assert opinions(here) == opinions(there) == []


def test_the_page_says_what_the_law_wants(sites: Sites) -> None:
    """S13: draft, explanation, period, every way to comment, the meeting with who takes part; the page without a form may be cached."""
    _, here, _ = sites
    at = dt.datetime(2026, 12, 1, 9, 0, tzinfo=timezone.get_current_timezone())
    meeting = {"title": "听证会", "held_at": at, "place": "样例会议室", "participants": "居民代表五人，抽签产生。", "materials": "草案。"}
    with in_schema_of(here):
        draft = publish_document("停车办法（征求意见稿）")
        page = consult(
            begins=0,
            ends=20,
            short_reason="汛期临近。",
            email="a@example.cn",
            address="示例路1号",
            hearings=(meeting,),
            draft_document=draft,
        )

    response = reader(here).get(PATH)
    html = response.content.decode()

    assert '<span class="consultation-status consultation-open">征集中</span><span>还有 20 天截止</span>' in html
    assert f"<dt>征集时间</dt><dd>{page.starts_on} 至 {page.ends_on}，共 21 天</dd>" in html
    assert "<dt>起草单位</dt><dd>示例区交通局</dd>" in html
    assert "<strong>缩短征集期限的理由：</strong>汛期临近。" in html
    assert '<a href="/zwgk/zcwj/text/">停车办法（征求意见稿）</a>' in html
    assert '<meta name="Description" content="为什么起草。 主要内容。">' in html
    for label, value in (("通信地址", "示例路1号"), ("电子邮箱", "a@example.cn"), ("联系电话", "0351-0000000")):
        assert f"<dt>{label}</dt><dd>{value}</dd>" in html
    assert "<dd>2026-12-01 09:00</dd>" in html
    assert "居民代表五人，抽签产生。" in html
    assert "征集截止后 12 个月内删除" in html
    assert re.findall(r'<p class="stage-label">(.*?)<span>(.*?)</span>', html) == [
        ("公开征求意见", "征集中"), ("公布意见采纳情况", "尚未公布"), ("公布正式文件", "尚未公布"), ("政策解读", "尚未公布"),
    ]  # fmt: skip
    assert "意见采纳情况</h2>" not in html
    with in_schema_of(here):
        ConsultationPage.objects.filter(pk=page.pk).update(is_online=False)
    assert "Cache-Control" not in reader(here).get(PATH).headers


def test_the_way_from_draft_to_interpretation_is_open(sites: Sites) -> None:
    """S13, S14: opinions and what became of them, the decision and what explains it; the document names its draft, a draft none."""
    portal, here, _ = sites
    with in_schema_of(portal):
        document = publish_document("停车办法", doc_no="并政发〔2026〕9号", slug="banfa")
        explain("停车办法解读", document)
    with in_schema_of(here):
        page = consult(begins=-60, ends=-20, outcomes=OUTCOMES, feedback="总体情况。", offline_count=3, final_reference="并政发〔2026〕9号")
        past_opinion(page)
        past_opinion(page, "另一条")

    html = get(here)

    assert '<span class="consultation-status consultation-answered">已反馈</span>' in html
    assert "共收到意见 <strong>5</strong> 条，其中网上 2 条，其他渠道 3 条。" in html
    section = re.search(r'<ol class="outcomes">.*?</ol>', html, re.DOTALL)
    assert section
    assert re.findall(r'<span class="form-tag">(.*?)</span>', section[0]) == ["采纳", "未采纳"]
    assert "说明：停车资源紧张，需要调节。" in section[0]
    assert re.findall(r'<p class="stage-label">(.*?)<span>(.*?)</span>', html) == [
        ("公开征求意见", "已完成"), ("公布意见采纳情况", "已完成"), ("公布正式文件", "已完成"), ("政策解读", "已完成"),
    ]  # fmt: skip
    assert '">停车办法</a><span class="doc-no">（并政发〔2026〕9号）</span>' in html
    assert '">停车办法解读</a>' in html
    assert "建议延长免费时间" not in html  # the citizen's own words stay with staff
    back = get(portal, "/zwgk/zcwj/banfa/")
    relations = re.search(r'<section class="document-relations".*?</section>', back, re.DOTALL)
    assert relations
    assert "<dt>征求意见稿</dt>" in relations[0]
    assert f'{PATH}">停车办法公开征求意见</a>' in relations[0]
    with in_schema_of(here), transaction.atomic():
        ConsultationPage.objects.get().unpublish()
    assert "征求意见稿" not in get(portal, "/zwgk/zcwj/banfa/")


def test_a_decision_published_again_is_tied_again(sites: Sites) -> None:
    """S14: whichever is public first, they are tied in the end, and no longer when the consultation is deleted."""
    _, here, _ = sites
    with in_schema_of(here), transaction.atomic():
        document = publish_document("停车办法")
        consult(begins=-60, ends=-20, final_reference="停车办法")
        document.unpublish()
    assert "公布正式文件<span>尚未公布" in get(here)
    with in_schema_of(here), transaction.atomic():
        document.save_revision().publish()
    assert "公布正式文件<span>已完成" in get(here)
    assert "征求意见稿" in get(here, "/zwgk/zcwj/text/")
    with in_schema_of(here), transaction.atomic():
        ConsultationPage.objects.get().delete()

    assert "征求意见稿" not in get(here, "/zwgk/zcwj/text/")


def test_when_it_was_answered_is_noted_once(sites: Sites) -> None:
    """S13: at the first publication of the answer; a later version keeps it, a version without an answer takes it away."""
    _, here, _ = sites
    with in_schema_of(here), transaction.atomic():
        page = consult(begins=-60, ends=-20)
        assert page.answered_at is None
        page.feedback = "没有收到意见。"
        page.save_revision()
        assert ConsultationPage.objects.get().answered_at is None
        page.get_latest_revision().publish()
        noted = ConsultationPage.objects.get().answered_at
        again = ConsultationPage.objects.get()
        again.summary = "改一个字"
        again.save_revision().publish()
        kept = ConsultationPage.objects.get()
        assert noted is not None
        assert (kept.answered_at, kept.summary) == (noted, "改一个字")
        kept.feedback = ""
        kept.save_revision().publish()
        assert ConsultationPage.objects.get().answered_at is None


@pytest.mark.parametrize(
    ("kind", "market", "days", "basis"),
    [
        ("decision", False, 29, "重大行政决策程序暂行条例（国令第713号）第十五条"),
        ("rule", False, 29, "规章制定程序条例第十五条"),
        ("normative", True, 29, "优化营商环境条例第六十二条"),
        ("other", True, 0, "优化营商环境条例第六十二条"),
    ],
)
def test_a_shorter_period_needs_a_reason(sites: Sites, kind: str, market: bool, days: int, basis: str) -> None:  # noqa: FBT001 - a case
    """S13: thirty days, the first not counted; shorter only with a reason, which is public."""
    _, here, _ = sites
    first = dt.date(2026, 7, 1)
    page = ConsultationPage(title="办法", slug="x", kind=kind, affects_market=market, starts_on=first)
    with in_schema_of(here):
        page.ends_on = first + dt.timedelta(days=days)
        refused = page.lacks_reason()
        assert page.missing_elements()[-1].startswith("缩短期限的理由")
        page.short_reason = "汛期临近。"
        assert (page.lacks_reason(), [line for line in page.missing_elements() if line.startswith("缩短")]) == ("", [])
        page.short_reason, page.ends_on = "", dt.date(2026, 7, 31)
        assert page.lacks_reason() == ""

    assert refused == f"征集期限一般不少于30日（{basis}），最早到2026-07-31截止。如需缩短，请在此写明理由并公开。"


def test_what_is_only_practice_is_a_warning_and_other_matters_have_no_rule(sites: Sites) -> None:
    _, here, _ = sites
    first = dt.date(2026, 7, 1)
    with in_schema_of(here):
        practice = ConsultationPage(title="办法", slug="x", kind="normative", starts_on=first, ends_on=first, is_online=False)
        other = ConsultationPage(title="办法", slug="x", kind="other", starts_on=first, ends_on=first, note="说明", organ="甲局")

        assert (practice.lacks_reason(), other.lacks_reason()) == ("", "")
        assert practice.missing_elements() == [
            "起草单位", "起草说明", "征求意见稿：正文、附件或已发布的文件", "提意见的方式：网上、信函、电子邮件或电话",
            "缩短期限的理由：征集期限一般不少于30日（规范性文件公开征求意见：地方做法，作默认值，可按省、市、站点另设，待核实），最早到2026-07-31截止。",
        ]  # fmt: skip
        assert other.missing_elements() == ["征求意见稿：正文、附件或已发布的文件"]


def test_a_city_may_ask_for_more_days(sites: Sites) -> None:
    """S13: the number is a dated row of its place; before its day the old one counts."""
    _, here, _ = sites
    row = {"key": Key.CONSULTATION_DECISION, "unit": "days", "basis": "样例市规定", "mark": "law", "scope": "city", "scope_code": "140100"}
    made = Rule.objects.create(value=45, valid_from=dt.date(2026, 7, 2), **row)
    with in_schema_of(here):
        page = ConsultationPage(title="办法", slug="x", starts_on=dt.date(2026, 7, 1), ends_on=dt.date(2026, 7, 31))
        assert page.lacks_reason() == ""
        page.starts_on = dt.date(2026, 7, 2)
        assert page.lacks_reason().startswith("征集期限一般不少于45日（样例市规定），最早到2026-08-16截止。")
    made.delete()


def test_the_database_refuses_what_cannot_be(sites: Sites) -> None:
    _, here, _ = sites
    with in_schema_of(here):
        page = consult(outcomes=OUTCOMES)
        for changes, name in (
            ({"ends_on": dt.date(2020, 1, 1)}, "consultations_ends_after_it_starts"),
            ({"kind": "nothing"}, "consultations_kind_known"),
        ):
            with pytest.raises(IntegrityError, match=name), transaction.atomic():
                ConsultationPage.objects.filter(pk=page.pk).update(**changes)
        with pytest.raises(IntegrityError, match="consultations_declined_with_reason"), transaction.atomic():
            page.outcomes.filter(adoption="declined").update(reason="")
        page.ends_on = dt.date(2020, 1, 1)
        with pytest.raises(ValidationError, match="截止日期早于开始日期"):
            page.clean()
        declined = page.outcomes.get(adoption="declined")
        declined.reason = " "
        with pytest.raises(ValidationError, match="未采纳的意见请写明理由"):
            declined.clean()


def test_the_column_lists_by_status_and_takes_other_texts_too(sites: Sites) -> None:
    """S12: one list of what runs, what waits for an answer and what was answered, with days left; exact counts, exact absence."""
    _, here, _ = sites
    with in_schema_of(here):
        consult("正在征集", slug="a", begins=-40, ends=0)
        consult("将要征集", slug="b", begins=2, ends=40)
        consult("等待反馈", slug="c", begins=-60, ends=-1)
        consult("已经反馈", slug="d", begins=-60, ends=-1, feedback="没有收到意见。")
        publish_article("征集公告", parent="yjzj", slug="notice")

    html, chosen = get(here, "/hdjl/yjzj/"), get(here, "/hdjl/yjzj/?status=closed")

    assert re.findall(r'\?status=(\w+)"[^>]*>(.*?)<span class="count">(\d+)</span>', html) == [
        ("upcoming", "未开始", "1"), ("open", "征集中", "1"), ("closed", "已结束", "1"), ("answered", "已反馈", "1"),
    ]  # fmt: skip
    rows = re.findall(r'<a class="row-title" href="[^"]*">(.*?)</a>', html)
    assert sorted(rows) == sorted(["正在征集", "将要征集", "等待反馈", "已经反馈", "征集公告"])
    assert "今天截止" in html
    assert re.findall(r'<a class="row-title" href="[^"]*">(.*?)</a>', chosen) == ["等待反馈"]
    assert "本栏目没有这种状态的征集" not in get(here, "/hdjl/yjzj/?status=nothing")
    assert '<a href="/search/?kind=consultation&amp;scope=city&amp;sort=date">查看太原市各网站的意见征集</a>' in html


def test_search_knows_it_as_a_consultation(sites: Sites) -> None:
    """S13: found in 互动交流, narrowed by kind and office, with draft, explanation and answer; no opinion is ever in it."""
    _, here, _ = sites
    with in_schema_of(here):
        page = consult(outcomes=OUTCOMES)
        opinion(page, here, "公民自己的话", name="样例甲", contact="13800000000")
        row = Projection.objects.get(page_id=page.pk, tenant__uuid=here.uuid)

    assert (row.tab, row.kind, row.issuer) == ("dialogue", "consultation", "示例区交通局")
    assert all(words in row.body for words in ("为什么起草。", "第一条 为了便民", "取消收费", "停车资源紧张"))
    assert "公民自己的话" not in row.body


def test_a_result_says_how_it_stands_on_the_day_it_is_read(sites: Sites, settings: Any) -> None:
    """S13: 未开始, 征集中 until when, 已结束, 已反馈, told by the clock, by PostgreSQL alone too; other texts say nothing of the sort."""
    _, here, _ = sites
    settings.ELASTICSEARCH_URL = "http://127.0.0.1:9"
    first, last = dt.date(2026, 7, 1), dt.date(2026, 7, 31)
    with in_schema_of(here):
        page = consult("加装电梯征求意见", starts_on=first, ends_on=last)
        publish_article("加装电梯的消息", slug="news")

    def told(day: dt.date) -> tuple[Any, ...]:
        with time_machine.travel(dt.datetime.combine(day, dt.time(0, 5), timezone.get_current_timezone()), tick=False):
            found = reader(here).get("/api/search/?q=加装电梯&scope=site").json()
            html = get(here, "/search/?q=加装电梯&scope=site")
        assert found["degraded"] is True
        assert {hit["title"]: hit["card"] for hit in found["hits"]} == {"加装电梯征求意见": None, "加装电梯的消息": None}
        status = {hit["title"]: hit["status"] for hit in found["hits"]}
        assert status["加装电梯的消息"] is None
        return tuple(status["加装电梯征求意见"].values()), re.findall(r'consultation-status consultation-\w+">(.*?)</span>(.*?)</li>', html)

    before = ("upcoming", "未开始", "2026-07-01 开始"), [("未开始", " 2026-07-01 开始")]
    during = ("open", "征集中", "2026-07-31 截止"), [("征集中", " 2026-07-31 截止")]
    assert [told(first - dt.timedelta(days=1)), told(first), told(last)] == [before, during, during]
    assert told(last + dt.timedelta(days=1)) == (("closed", "已结束", ""), [("已结束", "")])
    with in_schema_of(here), transaction.atomic():
        page.feedback = "没有收到意见。"
        page.save_revision().publish()
    assert [told(last), told(last + dt.timedelta(days=1))] == [during, (("answered", "已反馈", ""), [("已反馈", "")])]


def test_the_number_of_queries_does_not_grow(sites: Sites) -> None:
    _, here, _ = sites
    meeting = {"held_at": timezone.now(), "place": "样例"}
    with in_schema_of(here):
        document = publish_document("停车办法")
        explain("解读", document)
        draft = publish_document("征求意见稿", slug="draft")
        past: dict[str, Any] = {"begins": -60, "ends": -20, "final_reference": "停车办法", "draft_document": draft}
        few = consult("少", slug="few", outcomes=OUTCOMES[:1], hearings=(meeting,), **past)
        many = consult("多", slug="many", outcomes=OUTCOMES * 30, hearings=(meeting,) * 5, **past)
        past_opinion(few)
        for number in range(40):
            past_opinion(many, f"意见{number}")
        consult("在征集", slug="open")
    client = reader(here)

    counted = {}
    for path in ("few/", "many/", "open/", ""):
        client.get(f"/hdjl/yjzj/{path}")
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/hdjl/yjzj/{path}").status_code == 200
        counted[path] = len([1 for query in queries if not query["sql"].startswith(BESIDES)]) + 1

    assert counted["few/"] == counted["many/"]
    assert max(counted.values()) <= MOST_QUERIES, counted


def test_names_and_contacts_go_when_their_time_is_over(sites: Sites) -> None:
    """S13: twelve months after the end they are erased, the opinions stay; a second time nothing is left to do."""
    _, here, _ = sites
    today = dt.date(2026, 11, 26)
    with in_schema_of(here):
        pages = [consult(f"征集{number}", slug=f"p{number}", begins=-60, ends=-20) for number in range(2)]
        for page, ends_on in zip(pages, (dt.date(2025, 11, 25), dt.date(2025, 11, 26)), strict=True):
            ConsultationPage.objects.filter(pk=page.pk).update(starts_on=dt.date(2025, 10, 1), ends_on=ends_on)
            past_opinion(page, "意见", name="样例甲", contact="13800000000")

        assert services.erase_contacts(here, today=today, is_dry_run=True) == 1
        assert Opinion.objects.filter(contact="").count() == 0
        assert services.erase_contacts(here, today=today) == 1
        assert services.erase_contacts(here, today=today) == 0
        kept = list(Opinion.objects.order_by("consultation_id").values_list("text", "name", "contact"))

    assert kept == [("意见", "", ""), ("意见", "样例甲", "13800000000")]
