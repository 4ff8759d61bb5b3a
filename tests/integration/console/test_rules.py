"""An officer adds a rule from a day on and takes in a year of working days; what is refused changes nothing."""

import datetime as dt
from collections.abc import Iterator

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from calendars.models import Day, Version
from memberships.contract import PlatformRole
from observability.models import AuditEntry
from registry.contract import TenantRef
from rules.contract import Key, Place
from rules.models import Rule
from rules.selectors import value
from tests.factories.console import ADDRESS, officer, text_of

pytestmark = pytest.mark.usefixtures("database")

TODAY = timezone.localdate()
SOON = TODAY + dt.timedelta(days=10)
ASKED = {
    "key": "site.offline.notice",
    "place": "city:140100",
    "value": "15",
    "unit": "working_days",
    "valid_from": SOON.isoformat(),
    "valid_to": "",
    "basis": "示例办法第三条",
    "mark": "own",
    "note": "本市规定",
}
SURE = {"confirmed": "1"}
HEADER = "date,is_working,name,source,published_on"
YEAR = f"{HEADER}\n2027-01-01,0,元旦,示例通知,2026-11-05\n2027-01-03,1,元旦调休,示例通知,2026-11-05\n"


@pytest.fixture(autouse=True)
def _only_the_first_years(database: None) -> Iterator[None]:
    yield
    Version.objects.filter(year=2027).delete()


@pytest.fixture
def operations() -> Client:
    """The operations administrator's browser."""
    return officer(PlatformRole.OPERATIONS)


def _rows(scope: str) -> list[tuple[int, dt.date, dt.date | None]]:
    found = Rule.objects.filter(key="site.offline.notice", scope=scope).order_by("valid_from")
    return list(found.values_list("value", "valid_from", "valid_to"))


def test_a_rule_is_asked_for_foreseen_added_and_audited(sites: list[TenantRef], operations: Client) -> None:
    site_rule = ASKED | {"place": "tenant:yingze", "valid_from": TODAY.isoformat(), "value": "20"}
    operations.post("/console/rules/add/", site_rule | SURE)
    before = (Rule.objects.count(), AuditEntry.objects.count())

    plan = operations.post("/console/rules/add/", ASKED)

    words = text_of(plan)
    assert plan.status_code == 200
    assert "还没有做任何改动" in words
    assert f"自{SOON}起，“临时下线至少提前多少个工作日申请”为15个工作日。" in words
    assert "在那以前按现有的规则：10个工作日（全国）。" in words
    assert "1个站点从那天起按新规则计算。" in words
    assert "1个站点另有更小范围的规则，不受影响：太原市迎泽区人民政府。" in words
    assert "怎样撤销：" in words
    assert (Rule.objects.count(), AuditEntry.objects.count()) == before
    done = operations.post("/console/rules/add/", ASKED | SURE, follow=True)
    assert f"已记录：自{SOON}起为15个工作日。" in text_of(done)
    assert _rows("city") == [(15, SOON, None)]
    entry = AuditEntry.objects.filter(action="rule.set").latest("pk")
    assert (entry.actor, entry.address, entry.subject) == ("officer-operations", ADDRESS, "site.offline.notice")
    assert "已经是这样，没有需要做的" in text_of(operations.post("/console/rules/add/", ASKED | SURE))
    here = Place.of(region_code="140105", tenant="xiaodian")
    assert [value(Key.OFFLINE_NOTICE, on=day, place=here) for day in (SOON - dt.timedelta(days=1), SOON)] == [10, 15]


def test_a_later_row_ends_the_one_before_it_on_the_day_before(site: TenantRef, operations: Client) -> None:
    operations.post("/console/rules/add/", ASKED | SURE)
    then = SOON + dt.timedelta(days=30)
    later = ASKED | {"value": "12", "valid_from": then.isoformat()}

    words = text_of(operations.post("/console/rules/add/", later))
    operations.post("/console/rules/add/", later | SURE)

    last = then - dt.timedelta(days=1)
    assert f"同一范围原来的规则（15个工作日，自{SOON}）在{last}结束。" in words
    assert _rows("city") == [(15, SOON, last), (12, then, None)]
    history = text_of(operations.get("/console/rules/of/site.offline.notice/"))
    assert ("15个工作日" in history, "12个工作日" in history, "未生效" in history) == (True, True, True)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"unit": "days"}, "这条规则以“工作日”计数，程序按它读数。请换算成这个单位。"),
        ({"valid_from": (TODAY - dt.timedelta(days=1)).isoformat()}, "第一天不能早于今天"),
        ({"valid_from": (SOON - dt.timedelta(days=5)).isoformat()}, f"请把最后一天填到{SOON - dt.timedelta(days=1)}或更早。"),
        ({"value": "16"}, "同一范围在这一天已有另一条规则。规则不改写"),
        ({"valid_from": (SOON + dt.timedelta(days=9)).isoformat(), "valid_to": SOON.isoformat()}, "最后一天不能早于第一天"),
        ({"key": "interpretation.channels", "unit": "percent", "value": "101"}, "百分比为0到100"),
        ({"key": "site.report", "unit": "month_day", "value": "230"}, "每年的某一天写作月日"),
        ({"basis": ""}, "有1处需要更正"),
        ({"place": "city:999900"}, "有1处需要更正"),
    ],
)
def test_what_cannot_be_is_refused_beside_the_field_and_nothing_is_written(
    site: TenantRef, operations: Client, change: dict[str, str], says: str
) -> None:
    operations.post("/console/rules/add/", ASKED | SURE)
    before = (list(Rule.objects.order_by("pk").values()), AuditEntry.objects.count())

    refused = operations.post("/console/rules/add/", ASKED | change | SURE)

    assert refused.status_code == 422
    assert says in text_of(refused)
    assert 'value="示例办法第三条"' in refused.content.decode() or not change.get("basis", "x")
    assert (list(Rule.objects.order_by("pk").values()), AuditEntry.objects.count()) == before


def test_what_holds_at_a_site_says_why(sites: list[TenantRef], operations: Client) -> None:
    operations.post("/console/rules/add/", ASKED | {"valid_from": TODAY.isoformat()} | SURE)
    operations.post(
        "/console/rules/add/", ASKED | {"valid_from": TODAY.isoformat(), "place": "tenant:yingze", "value": "21"} | SURE, follow=True
    )

    xiaodian, yingze = (text_of(operations.get(f"/console/rules/?site={slug}")) for slug in ("xiaodian", "yingze"))

    assert "15个工作日 市级规则优先于全国（10个工作日）" in xiaodian
    assert "21个工作日" not in xiaodian
    assert "21个工作日 站点规则优先于市级（15个工作日）、全国（10个工作日）" in yingze
    assert "30日 只有全国规则" in yingze
    assert operations.get("/console/rules/?site=nowhere").status_code == 404


def test_who_may_not_operate_reads_and_is_offered_nothing() -> None:
    auditor = officer(PlatformRole.AUDIT)

    page = auditor.get("/console/rules/?q=临时下线").content.decode()

    assert "site.offline.longest" in page
    assert "site.domain.jump" not in page
    assert "/console/rules/add/" not in page
    assert auditor.post("/console/rules/add/", ASKED | SURE).status_code == 403
    assert _rows("city") == []


def test_a_year_is_reported_by_line_and_taken_in_as_a_version(operations: Client) -> None:
    report = operations.post("/console/calendar/import/", {"file": SimpleUploadedFile("2027.csv", YEAR.encode("utf-8-sig"))})

    words = text_of(report)
    assert "2027年成为第1版，依据“示例通知”：2天，其中2天是新的或与现有不同。" in words
    assert words.count("新增") == 2
    assert Version.objects.filter(year=2027).count() == 0
    done = operations.post("/console/calendar/import/", {"text": YEAR} | SURE, follow=True)
    assert "已录入：2027年。" in text_of(done)
    assert list(Day.objects.filter(version__year=2027).order_by("day").values_list("day", "is_working")) == [
        (dt.date(2027, 1, 1), False),
        (dt.date(2027, 1, 3), True),
    ]
    assert AuditEntry.objects.get(action="calendar.import").actor == "officer-operations"
    assert "已经是这样，没有需要做的" in text_of(operations.post("/console/calendar/import/", {"text": YEAR} | SURE))
    changed = text_of(
        operations.post(
            "/console/calendar/import/",
            {
                "text": YEAR.replace("01-03,1,元旦调休", "01-01,0,新年").split("2027-01-01,0,元旦")[0]
                + "2027-01-01,0,新年,示例通知,2026-11-05\n"
            },
        )
    )
    assert "2027年成为第2版" in changed
    assert "现有的1天不再特殊。" in changed
    assert "改变：现有为元旦（放假）" in changed


def test_a_wrong_table_names_every_line_and_takes_in_none(operations: Client) -> None:
    wrong = f"{YEAR}2027-01-04,1,调休,示例通知,2026-11-05\n2027-13-01,0,元旦,示例通知,2026-11-05\n2027-01-01,0,元旦,示例通知,2026-11-05\n"

    words = text_of(operations.post("/console/calendar/import/", {"text": wrong} | SURE))
    headless = operations.post("/console/calendar/import/", {"text": "日期,上班\n"} | SURE)

    assert "3行有问题，请返回修改；全部改好以前，一行也不会录入。" in words
    assert ["4 2027-01-04" in words, "这天本来就上班" in words, "日期应写作2026-01-31" in words, "同一天出现两次" in words] == [True] * 4
    assert headless.status_code == 422
    assert "第一行应写明各列的名称" in text_of(headless)
    assert (Version.objects.filter(year=2027).count(), AuditEntry.objects.filter(action="calendar.import").count()) == (0, 0)
    assert "2027年还没有录入" in text_of(operations.get("/console/calendar/"))
