"""A letter from the form to the answer: taken once, handled in time, handed to a county and back, published without a name."""

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import User
from intake import services as intake
from intake.contract import Purpose
from intake.models import Receipt
from memberships.contract import Role
from observability.models import AuditEntry
from registry.contract import TenantRef
from registry.schemas import in_schema_of
from search.models import Projection
from tenants.letters import selectors, services
from tenants.letters.contract import (
    Decision,
    LetterKind,
    LetterState,
    MissingReasonError,
    NoReceiverError,
    NotAgreedError,
    NotOursError,
    Written,
    WrongStateError,
    masked_contact,
    masked_name,
)
from tenants.letters.models import AnswerPage, Letter
from tenants.pages import exporting
from tenants.pages.exporting.records import record_models
from tenants.pages.models import ColumnPage
from tests.factories.people import person, signed_in
from tests.factories.sites import copied_sites

pytestmark = pytest.mark.usefixtures("module_database")
MONDAY = dt.datetime(2026, 11, 23, 2, tzinfo=dt.UTC)  # ten o'clock in China
PHONE, CARD, WRITER = "13812345678", "140105199001011234", "样例甲"
SAID = {
    "kind": "complaint",
    "subject": "路灯不亮",
    "text": f"小区门口的路灯三天不亮了。我是{WRITER}，电话 {PHONE}，证件 {CARD}。",
    "organ": "",
    "writer": WRITER,
    "contact": PHONE,
    "may_publish": "yes",
}
SECRETS = (PHONE, CARD, WRITER)
Sites = tuple[TenantRef, TenantRef, TenantRef]


@pytest.fixture(scope="module")
def sites(module_database: None) -> Sites:
    portal, here, there = copied_sites("taiyuan", "xiaodian", "yingze")
    person("bianji", roles={Role.EDITOR: [portal, here]})
    person("shenhe", roles={Role.REVIEWER: [portal, here]})
    person("shenji", roles={Role.AUDITOR: [here]})
    return portal, here, there


@pytest.fixture(autouse=True)
def _no_letters(sites: Sites) -> None:
    for site in sites:
        with in_schema_of(site), transaction.atomic():
            Letter.objects.all().delete()
            for page in AnswerPage.objects.all():
                page.delete()
    Receipt.objects.all().delete()


def reader(site: TenantRef, **options: Any) -> Client:
    return Client(headers={"host": site.primary_domain}, **options)


def form_token(client: Client) -> str:
    found = re.search(r'name="token" value="([^"]+)"', client.get("/letters/write/").content.decode())
    assert found
    return found[1]


def post(site: TenantRef, **changes: str) -> tuple[str, str]:
    """Write a letter as a browser does, and return its number and its code."""
    client = reader(site)
    answer = client.post("/letters/write/", SAID | {"token": form_token(client)} | changes)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/letters/receipt/"), answer.content.decode()[:3000]
    shown = client.get("/letters/receipt/").content.decode()
    number, code = re.findall(r"<dd>([0-9A-Z]+)</dd>", shown)[:2]
    return number, code


def letter(site: TenantRef, number: str) -> Letter:
    with in_schema_of(site):
        return Letter.objects.get(number=number)


def asked(site: TenantRef, number: str, code: str) -> tuple[int, str]:
    answer = reader(site).post("/letters/query/", {"number": number, "code": code})
    return answer.status_code, answer.content.decode()


def audit(site: TenantRef) -> list[str]:
    rows = AuditEntry.objects.filter(action__startswith="letter.", tenant_uuid=site.uuid).order_by("pk")
    return list(rows.values_list("action", flat=True))


def written(kind: LetterKind = LetterKind.CONSULT, *, may_publish: bool = True, text: str = "怎样办理居住证？请答复。") -> Written:
    return Written(kind=kind, subject="办证", text=text, writer=WRITER, contact=PHONE, may_publish=may_publish)


def received(site: TenantRef, *, now: dt.datetime | None = None, **changes: Any) -> Letter:
    """Return a letter that came at a time, by the verb."""
    with time_machine.travel(now or MONDAY, tick=False), in_schema_of(site):
        token = intake.open_form(site, Purpose.LETTER)
        issued = services.receive(written(**changes), token=token, tenant=site, sender="", now=now or MONDAY)
        return Letter.objects.get(number=issued.number)


# --- writing and asking ---------------------------------------------------------


def test_a_letter_is_written_once_and_its_writer_follows_it_with_number_and_code(sites: Sites) -> None:
    """S19, S21: a letter needs no sign-on and no script; number and code lead to where it stands."""
    _, here, there = sites

    number, code = post(here)

    row = letter(here, number)
    assert (row.kind, row.subject, row.writer, row.contact, row.may_publish, row.state) == (
        *("complaint", "路灯不亮", WRITER, PHONE, True),
        "waiting",
    )
    assert code not in str(vars(row))
    assert re.fullmatch(r"[0-9a-f]{64}", row.code_hash)
    status, told = asked(here, number, code)
    assert status == 200
    assert "待受理" in told
    assert not any(secret in told for secret in SECRETS)
    wrong = [asked(here, number, "ABCD2345"), asked(here, "20261126999999", code), asked(there, number, code)]
    assert [status for status, _ in wrong] == [422, 422, 422]
    assert all("编号或查询码不对，请核对后再查。" in page for _, page in wrong)
    assert wrong[0][1].replace(number, "").count("<li>") == wrong[1][1].replace("20261126999999", "").count("<li>")


def test_the_receipt_is_shown_once_and_to_nobody_else(sites: Sites) -> None:
    client = reader(sites[1])
    client.post("/letters/write/", SAID | {"token": form_token(client)})

    first, second, other = client.get("/letters/receipt/"), client.get("/letters/receipt/"), reader(sites[1]).get("/letters/receipt/")

    assert "来信已收到" in first.content.decode()
    assert first.headers["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
    assert ["回执已经显示过" in each.content.decode() for each in (second, other)] == [True, True]


def test_a_form_sent_twice_makes_one_letter_and_says_the_same_number(sites: Sites) -> None:
    client = reader(sites[1])
    said = SAID | {"token": form_token(client)}

    shown = []
    for _ in range(2):
        client.post("/letters/write/", said)
        shown.append(re.findall(r"<dd>([0-9A-Z]+)</dd>", client.get("/letters/receipt/").content.decode())[:2])

    assert shown[0] == shown[1]
    with in_schema_of(sites[1]):
        assert Letter.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("subject", "", "请填写标题。"),
        ("subject", "长" * 61, "最多 60 个字，现有 61 个字。"),
        ("text", "太短", "内容太短，请至少写 10 个字，说明事情的经过和您的诉求。"),
        ("kind", "other", "请从给出的选项中选择。"),
        ("contact", "12ab", "请填写 11 位手机号、带区号的固定电话，或电子邮箱。"),
        ("contact", "a@b", "电子邮箱写得不对，请检查。"),
        ("may_publish", "", "请选择是否同意公开。"),
        ("organ", "没有的单位", "请从给出的选项中选择。"),
        ("homepage", "https://example.org", "这一栏请留空，不要填写；如果是浏览器自动填写的，请删去后再提交。"),
        ("token", "made up", "页面打开得太久，没有提交成功。您填写的内容都在，请再提交一次。"),
    ],
)
def test_what_is_not_taken_is_shown_beside_its_field_and_nothing_is_lost(sites: Sites, field: str, value: str, message: str) -> None:
    client = reader(sites[1])

    answer = client.post("/letters/write/", SAID | {"token": form_token(client), field: value})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert message in page
    assert f"小区门口的路灯三天不亮了。我是{WRITER}" in page or field == "text"
    assert f'value="{WRITER}"' in page
    with in_schema_of(sites[1]):
        assert Letter.objects.count() == 0
    assert Receipt.objects.count() == 0
    if field == "token":  # the form that is shown again can be sent
        found = re.search(r'name="token" value="([^"]+)"', page)
        assert found
        assert client.post("/letters/write/", SAID | {"token": found[1]}).status_code == 302


def test_a_telephone_is_left_so_often_a_day_and_nothing_is_lost(sites: Sites, settings: Any) -> None:
    settings.FORMS_PER_PHONE = 1
    client = reader(sites[1])
    said = SAID | {"contact": "0351 7000000"}

    answers = [client.post("/letters/write/", said | {"token": form_token(client)}) for _ in range(2)]
    by_mail = client.post("/letters/write/", SAID | {"token": form_token(client), "contact": "a@example.cn"})

    assert [answer.status_code for answer in (*answers, by_mail)] == [302, 429, 302]
    assert "填写的电话号码一天内已提交 1 件，这一件没有保存。" in answers[1].content.decode()
    assert f"我是{WRITER}" in answers[1].content.decode()
    with in_schema_of(sites[1]):
        assert sorted(Letter.objects.values_list("contact", flat=True)) == ["03517000000", "a@example.cn"]


def test_an_address_writes_and_asks_so_often_a_minute_and_loses_nothing(sites: Sites, settings: Any) -> None:
    settings.FORMS_PER_MINUTE = 1
    client = reader(sites[1], REMOTE_ADDR="192.0.2.77")
    token = form_token(client)

    with time_machine.travel(timezone.now(), tick=False):
        answers = [client.post("/letters/write/", SAID | {"token": token, "subject": ""}) for _ in range(2)]
        tries = [client.post("/letters/query/", {"number": "20261126000001", "code": "X"}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [422, 429]
    assert [answer.status_code for answer in tries] == [422, 429]
    assert int(answers[1].headers["Retry-After"]) > 0
    assert f"我是{WRITER}" in answers[1].content.decode()


def test_no_letter_is_taken_without_the_forms_token_against_forgery(sites: Sites) -> None:
    client = reader(sites[1], enforce_csrf_checks=True)

    assert client.post("/letters/write/", SAID | {"token": form_token(client)}).status_code == 403
    assert client.post("/letters/query/", {"number": "1", "code": "2"}).status_code == 403
    with in_schema_of(sites[1]):
        assert Letter.objects.count() == 0


def test_the_forms_ask_little_of_the_database(sites: Sites, known_sites: None, django_assert_max_num_queries: Any) -> None:
    client = reader(sites[1])
    number, code = post(sites[1])
    client.get("/letters/write/")
    calls: tuple[Callable[[], Any], ...] = (
        lambda: client.get("/letters/write/"),
        lambda: client.get("/letters/receipt/"),
        lambda: client.get("/letters/query/"),
        lambda: client.post("/letters/query/", {"number": number, "code": code}),
    )

    for call in calls:
        with django_assert_max_num_queries(15):
            assert call().status_code == 200


def test_a_site_without_a_column_for_letters_takes_none(sites: Sites) -> None:
    with in_schema_of(sites[2]):
        column = ColumnPage.objects.get(slug="lx")
        with transaction.atomic():
            column.unpublish()
    client = reader(sites[2])

    answers = [client.get("/letters/write/").status_code, client.post("/letters/write/", SAID).status_code]

    assert answers == [404, 404]
    assert client.get("/letters/query/").status_code == 200
    with in_schema_of(sites[2]), transaction.atomic():
        assert Letter.objects.count() == 0
        column.get_latest_revision_as_object().save_revision().publish()


# --- handling -------------------------------------------------------------------


def test_deadlines_are_working_days_by_kind_and_the_latest_come_first(sites: Sites) -> None:
    """S21: a question within 5 working days, all else within 15, nothing longer than three months."""
    _, here, _ = sites
    question = received(here)
    complaint = received(here, kind=LetterKind.COMPLAINT)
    old = received(here, now=dt.datetime(2026, 9, 30, 2, tzinfo=dt.UTC))  # a holiday follows

    found = [(each.due_on, each.limit_on) for each in (question, complaint, old)]

    assert found == [
        (dt.date(2026, 11, 30), dt.date(2027, 2, 23)),
        (dt.date(2026, 12, 14), dt.date(2027, 2, 23)),
        (dt.date(2026, 10, 13), dt.date(2026, 12, 30)),
    ]
    with in_schema_of(here):
        rows = list(selectors.listed())
        left = selectors.left_of(rows, on=dt.date(2026, 12, 1))
        assert [row.number for row in rows] == [old.number, question.number, complaint.number]
        assert [left[row.pk].words for row in rows] == ["超期 35 个工作日", "超期 1 个工作日", "剩 9 个工作日"]
        assert selectors.left_of([old], on=dt.date(2026, 12, 31))[old.pk].words == "超过最长期限"
        assert selectors.count_overdue(on=dt.date(2026, 12, 1)) == 2
        services.reply(old, "请到窗口办理。", organ="样例局", tenant=here, by="bianji", now=MONDAY)
        services.assign(question, "样例局", tenant=here, by="bianji", now=MONDAY)
        assert [row.number for row in selectors.listed()] == [question.number, complaint.number, old.number]
        assert [(each.name, each.received, each.answered, each.late) for each in selectors.by_unit(on=dt.date(2026, 12, 1))] == [
            ("样例局", 2, 1, 1),
            ("未分办", 1, 0, 0),
        ]


def test_each_step_is_audited_and_says_nothing_of_what_was_written(sites: Sites) -> None:
    _, here, _ = sites
    row = received(here, text=SAID["text"])
    who: dict[str, Any] = {"tenant": here, "by": "bianji"}
    before = len(audit(here))

    with in_schema_of(here):
        services.accept(row, now=MONDAY, **who)
        services.assign(row, "样例局", now=MONDAY, **who)
        services.reply(row, "已经修好。", now=MONDAY, **who)
        with pytest.raises(WrongStateError, match="已答复"):
            services.refuse(row, "重复", **who)
        row.refresh_from_db()

    assert (row.state, row.organ_name, row.reply, row.answered_at) == ("answered", "样例局", "已经修好。", MONDAY)
    assert audit(here)[before:] == ["letter.accepted", "letter.assigned", "letter.answered"]
    last = AuditEntry.objects.filter(action="letter.answered", subject=row.number).get()
    assert (last.actor, last.detail) == ("bianji", {"state": {"before": "working", "after": "answered"}, "organ": "样例局"})
    told = str(list(AuditEntry.objects.filter(subject=row.number).values()))
    assert not any(word in told for word in (*SECRETS, "路灯", "修好"))


def test_a_letter_is_refused_only_with_a_reason_that_its_writer_reads(sites: Sites) -> None:
    _, here, _ = sites
    number, code = post(here)

    with in_schema_of(here):
        with pytest.raises(MissingReasonError):
            services.refuse(Letter.objects.get(), " ", tenant=here, by="shenhe")
        assert Letter.objects.get().state == "waiting"
        services.refuse(Letter.objects.get(), "属于信访事项，请向信访部门提出。", tenant=here, by="shenhe")
        with pytest.raises(IntegrityError, match="letters_refused_says_why"), transaction.atomic():
            Letter.objects.update(reason="")

    told = asked(here, number, code)[1]
    assert "不予受理" in told
    assert "属于信访事项，请向信访部门提出。" in told


# --- from site to site ----------------------------------------------------------


def test_the_city_hands_a_letter_over_the_county_answers_and_the_writer_asks_the_city(sites: Sites) -> None:
    """S19: one number across sites; what the county answers is read where the letter was sent."""
    portal, here, there = sites
    number, code = post(portal)

    with in_schema_of(portal):
        services.hand_over(Letter.objects.get(), to=here, tenant=portal, by="shenhe")
    waiting = asked(portal, number, code)[1]
    with in_schema_of(here):
        row = Letter.objects.get()
        assert (row.number, row.state, row.origin, row.text, row.due_on) == (
            *(number, "waiting", portal.uuid, SAID["text"]),
            letter(portal, number).due_on,
        )
        services.assign(row, "小店区样例局", tenant=here, by="bianji", now=MONDAY)
        services.reply(row, "区里已经修好。", tenant=here, by="bianji", now=timezone.now())

    assert "已转办" in waiting
    assert here.name in waiting
    status, told = asked(portal, number, code)
    assert status == 200
    assert all(words in told for words in ("已答复", "区里已经修好。", "小店区样例局", number))
    assert asked(here, number, code)[0] == 200
    assert asked(there, number, code)[0] == 422
    with in_schema_of(there):
        assert Letter.objects.count() == 0
    with in_schema_of(portal), pytest.raises(NotOursError, match="由其他网站答复"):
        services.decide(Letter.objects.get(), Decision.PUBLISH, "有普遍性", tenant=portal, by=User.objects.get(username="shenhe"))


def test_a_letter_that_a_county_gives_back_waits_at_the_city_and_leaves_nothing_there(sites: Sites) -> None:
    portal, here, _ = sites
    number, _ = post(portal)
    with in_schema_of(portal):
        services.hand_over(Letter.objects.get(), to=here, tenant=portal, by="shenhe")

    with in_schema_of(here):
        services.hand_back(Letter.objects.get(), "不属于本区", tenant=here, by="shenhe")
        assert Letter.objects.count() == 0

    row = letter(portal, number)
    assert (row.state, row.handler, row.reason) == ("waiting", None, "小店区退回：不属于本区")
    with in_schema_of(portal):
        services.hand_over(row, to=here, tenant=portal, by="shenhe")  # and again
    assert letter(here, number).state == "waiting"


def test_a_letter_given_back_that_a_restored_backup_brings_again_can_be_handed_over_again(sites: Sites) -> None:
    portal, here, _ = sites
    post(portal)
    with in_schema_of(portal):
        services.hand_over(Letter.objects.get(), to=here, tenant=portal, by="shenhe")
    with in_schema_of(here):
        kept = Letter.objects.get()
        services.hand_back(Letter.objects.get(), "不属于本区", tenant=here, by="shenhe")
        kept.save(force_insert=True)

    with in_schema_of(portal):
        services.hand_over(Letter.objects.get(), to=here, tenant=portal, by="shenhe")

    with in_schema_of(here):
        assert list(Letter.objects.values_list("state", "origin")) == [("waiting", portal.uuid)]


def test_only_the_city_hands_letters_over_and_only_to_its_own_sites(sites: Sites) -> None:
    portal, here, there = sites
    own = received(here)
    at_city = received(portal)

    with in_schema_of(here), pytest.raises(NoReceiverError):
        services.hand_over(own, to=there, tenant=here, by="shenhe")
    with in_schema_of(portal), pytest.raises(NoReceiverError):
        services.hand_over(at_city, to=portal, tenant=portal, by="shenhe")

    assert [letter(here, own.number).state, letter(portal, at_city.number).state] == ["waiting", "waiting"]
    with in_schema_of(there):
        assert Letter.objects.count() == 0


# --- the answer for all ---------------------------------------------------------


def test_a_published_answer_names_nobody_anywhere(sites: Sites) -> None:
    """S21: question and answer are found by all, without the writer's name, number or card."""
    _, here, _ = sites
    number, _ = post(here)
    reply = f"{WRITER}您好：路灯已经修好，我们已致电{PHONE}。咨询电话 0351-7654321。"

    with in_schema_of(here):
        shenhe = User.objects.get(username="shenhe")
        services.reply(Letter.objects.get(), reply, organ="样例局", tenant=here, by="bianji", now=timezone.now())
        page = services.decide(Letter.objects.get(), Decision.PUBLISH, "有普遍性", tenant=here, by=shenhe)
        assert page is not None
        assert (page.live, page.workflow_in_progress) == (False, True)
        assert page.question == "小区门口的路灯三天不亮了。我是［姓名］，电话 ［号码］，证件 ［号码］。"
        assert page.answer == "［姓名］您好：路灯已经修好，我们已致电［号码］。咨询电话 0351-7654321。"
    assert reader(here).get("/hdjl/lx/").content.decode().count("路灯不亮") == 0
    with in_schema_of(here), transaction.atomic():
        page.get_latest_revision().publish()
        path = AnswerPage.objects.get().get_url_parts()[2] or ""
        row = Projection.objects.get(tenant_id=here.id, page_id=page.pk)
    client = reader(here)
    pages = [client.get(f"/hdjl/lx/{page.slug}/"), client.get("/hdjl/lx/"), client.get("/feed/"), client.get("/sitemap.xml")]

    assert [each.status_code for each in pages] == [200] * 4
    texts = [each.content.decode() for each in pages]
    today = timezone.localdate()
    assert all(words in texts[0] for words in ("路灯已经修好", "样例局", str(today), "0351-7654321"))
    assert "路灯不亮" in texts[1]
    assert (row.tab, row.issuer) == ("dialogue", "样例局")
    assert "路灯已经修好" in row.body
    with in_schema_of(here):
        travels = str(list(exporting.export_site(here)))
    assert "路灯已经修好" in travels
    everything = "".join([*texts, str(vars(row)), path, travels])
    assert not any(secret in everything for secret in (*SECRETS, number))
    assert "letters.letter" not in [model._meta.label_lower for model in record_models()]


def test_who_did_not_agree_is_published_by_no_way(sites: Sites) -> None:
    _, here, _ = sites
    row = received(here, may_publish=False)

    with in_schema_of(here):
        shenhe = User.objects.get(username="shenhe")
        services.reply(row, "请到窗口办理。", organ="样例局", tenant=here, by="bianji", now=MONDAY)
        with pytest.raises(NotAgreedError):
            services.decide(row, Decision.PUBLISH, "有普遍性", tenant=here, by=shenhe)
        with pytest.raises(MissingReasonError):
            services.decide(row, Decision.KEEP, "", tenant=here, by=shenhe)
        with pytest.raises(IntegrityError, match="letters_published_was_agreed"), transaction.atomic():
            Letter.objects.update(decision="publish", decision_reason="x")
        services.decide(row, Decision.KEEP, "写信人不同意", tenant=here, by=shenhe)
        row.refresh_from_db()
        assert (row.decision, row.decision_reason, row.answer_page) == ("keep", "写信人不同意", None)
        assert AnswerPage.objects.count() == 0


def test_the_column_counts_by_month_and_kind_and_asks_no_more_for_many(
    sites: Sites, known_sites: None, django_assert_max_num_queries: Any
) -> None:
    """S21: 收到, 答复, 答复率, by kind; 2 of 3 answered are 66 %, not 67 %."""
    _, here, _ = sites
    kinds = (LetterKind.CONSULT, LetterKind.CONSULT, LetterKind.ADVICE)
    rows = [received(here, now=timezone.now() - dt.timedelta(minutes=1), kind=kind) for kind in kinds]
    with in_schema_of(here):
        for row in rows[:2]:
            services.reply(row, "请到窗口办理。", organ="样例局", tenant=here, by="bianji", now=timezone.now())
        (month,) = selectors.monthly(until=timezone.localdate())
    assert (month.received, month.answered, month.rate, list(month.by_kind.values())) == (3, 2, 66, [2, 0, 1])
    client = reader(here)
    client.get("/hdjl/lx/")

    with django_assert_max_num_queries(15) as few:
        page = client.get("/hdjl/lx/").content.decode()
    with in_schema_of(here), transaction.atomic():
        for row in rows[:2]:
            draft = services.decide(row, Decision.PUBLISH, "有普遍性", tenant=here, by=User.objects.get(username="shenhe"))
            assert draft is not None
            draft.get_latest_revision().publish()
    with django_assert_max_num_queries(15) as many:
        assert client.get("/hdjl/lx/").content.decode().count('class="row letter-row"') == 2

    assert f"{timezone.localdate().year}年{timezone.localdate().month}月" in page
    assert "<td>3</td><td>2</td><td>66%</td><td>2</td><td>0</td><td>1</td>" in page
    assert len(many) <= len(few) + 1


# --- staff ----------------------------------------------------------------------


def test_each_role_does_what_it_may_and_lists_name_nobody(sites: Sites) -> None:
    portal, here, _ = sites
    row = received(here, text=SAID["text"])
    address = f"/admin/letters/{row.pk}/"
    bianji, shenhe, shenji = (signed_in(here, name) for name in ("bianji", "shenhe", "shenji"))

    listing = bianji.get("/admin/letters/").content.decode()
    read = [each.get(address).content.decode() for each in (bianji, shenji)]
    refused = [
        shenji.post(address, {"verb": "accept"}).headers["Location"],
        bianji.post(address, {"verb": "refuse", "reason": "x"}).headers["Location"],
        bianji.post(address, {"verb": "made-up"}).headers["Location"],
        signed_in(portal, "bianji").get(address).status_code,
    ]

    assert masked_name(WRITER) in listing
    assert not any(secret in listing for secret in SECRETS)
    assert PHONE in read[0]
    assert masked_contact(PHONE) in read[1]
    assert f"联系方式：{PHONE}" not in read[1]
    assert refused == ["/admin/", "/admin/", "/admin/", 404]
    assert letter(here, row.number).state == "waiting"
    assert bianji.post(address, {"verb": "reply", "organ": "样例局", "reply": "已修好。"}).status_code == 302
    done = shenhe.post(address, {"verb": "decide", "decision": "publish", "reason": "有普遍性"})
    assert (done.status_code, letter(here, row.number).state, letter(here, row.number).decision) == (302, "answered", "publish")
    with in_schema_of(here):
        assert AnswerPage.objects.get().owner.get_username() == "shenhe"


# --- how long -------------------------------------------------------------------


def test_what_was_kept_long_enough_is_taken_out_and_the_figures_stay(sites: Sites) -> None:
    _, here, _ = sites
    row = received(here, text=SAID["text"])
    with in_schema_of(here):
        services.reply(row, f"{WRITER}您好，已修好。", organ="样例局", tenant=here, by="bianji", now=MONDAY)

        assert services.overaged(here, on=dt.date(2029, 11, 23)) == []
        assert services.overaged(here, on=dt.date(2029, 11, 24)) == [row]
        services.erase(row, tenant=here, by="system", now=timezone.now())
        kept = Letter.objects.get()

    assert (kept.subject, kept.text, kept.writer, kept.contact, kept.code_hash, kept.reply) == (
        *("［已按期清除］", "［已按期清除］", "", "", ""),
        "［已按期清除］",
    )
    assert (kept.number, kept.state, kept.kind) == (row.number, LetterState.ANSWERED, LetterKind.CONSULT)
    with in_schema_of(here):
        assert services.overaged(here, on=dt.date(2029, 11, 24)) == []
