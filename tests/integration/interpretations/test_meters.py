"""The meters of interpretations and the documents that wait, by organ, year, place and calendar; exact values."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from wagtail.models import Page

from calendars.models import Version
from registry.contract import TenantRef
from registry.schemas import in_schema_of
from rules.contract import Key
from rules.models import Rule
from tenants.interpretations.models import InterpretationMedia, InterpretationPage
from tenants.interpretations.selectors.duties import Waiting, waiting
from tenants.interpretations.selectors.meters import NO_ORGAN, OrganYear, YearReport, year_report
from tenants.pages.models import DocumentPage
from tests.conftest import empty_database
from tests.factories.interpretations import duty, explain, moment
from tests.factories.pages import publish_article, publish_document
from tests.factories.sites import copied_sites

LINK = {"channel": "news_site", "link": "https://news.example.com/1"}
Sites = tuple[TenantRef, TenantRef]


@pytest.fixture(scope="module")
def sites(module_database: Any) -> Sites:
    empty_database()
    here, there = copied_sites("xiaodian", "yingze")
    return here, there


@pytest.fixture(autouse=True)
def _no_texts(sites: Sites) -> Iterator[None]:
    yield
    for site in sites:
        with in_schema_of(site), transaction.atomic():
            for page in Page.objects.filter(depth__gt=2).exclude(content_type__model="columnpage"):
                page.specific.delete()


def document(title: str, published: str, *, slug: str, **fields: Any) -> DocumentPage:
    page = publish_document(title, slug=slug, **fields)
    DocumentPage.objects.filter(pk=page.pk).update(first_published_at=moment(published))
    page.refresh_from_db()
    return page


def report(site: TenantRef, year: int = 2025, *, today: str = "2026-03-02") -> YearReport:
    with in_schema_of(site):
        return year_report(site, year=year, today=dt.date.fromisoformat(today))


def figures(each: OrganYear) -> tuple[Any, ...]:
    meters = (each.diversified, each.channels, each.on_time)
    return (each.organ, *((meter.counted, meter.total, meter.is_met) for meter in meters), each.untold)


def test_meters_count_by_organ_and_year(sites: Sites) -> None:
    """S23, S25: by organ, of the year, only what is public; 7 of 10 is 70 %, 4 of 10 in other channels is not 50 %."""
    here, _ = sites
    with in_schema_of(here), transaction.atomic():
        for number in range(10):
            kinds = ["text", "expert"] if number < 7 else ["text"]
            shared = (LINK,) if number < 4 else ()
            explain(f"解读{number}", slug=f"a{number}", kinds=kinds, channels=shared, organ="甲局", at=moment("2025-06-03 09:00"))
        explain("只有文字", slug="b", organ="乙局", at=moment("2025-06-03 09:00"))
        explain("没有机关", slug="c", kinds=["talk"], at=moment("2025-06-03 09:00"))
        explain("上一年", slug="d", organ="甲局", at=moment("2024-12-31 23:59"))
        explain("下一年", slug="e", organ="甲局", at=moment("2026-01-01 00:00"))
        InterpretationPage.objects.filter(pk=explain("撤下", slug="f", organ="甲局", at=moment("2025-06-03 09:00")).pk).update(live=False)
        publish_article("普通文章", parent="zcjd")
        Page.objects.filter(title="普通文章").update(first_published_at=moment("2025-06-03 09:00"))

    found = report(here)

    assert [figures(each) for each in found.organs] == [
        ("乙局", (0, 1, False), (0, 1, False), (0, 0, None), 0),
        ("甲局", (7, 10, True), (4, 10, False), (0, 0, None), 0),
        (NO_ORGAN, (1, 1, True), (0, 1, False), (0, 0, None), 0),
    ]
    assert figures(found.total) == ("合计", (8, 12, False), (4, 12, False), (0, 0, None), 0)
    assert (found.total.diversified.share, found.organs[1].channels.missing) == ("66.6%", 2)
    assert found.plain_articles == 1
    assert {text.title for text in found.untied} == {text.title for text in found.texts}
    assert figures(report(here, 2024).total)[1:3] == ((0, 1, False), (0, 1, False))


def test_a_film_that_is_not_there_does_not_count(sites: Sites) -> None:
    """S23: what a text says of itself is not enough; the list behind the number says why."""
    here, _ = sites
    with in_schema_of(here):
        explain("空的视频", kinds=["video"], organ="甲局", at=moment("2025-06-03 09:00"))

    found = report(here)

    assert figures(found.total)[1] == (0, 1, False)
    assert [(text.diversified, text.unbacked) for text in found.texts] == [((), ("标为“视频”，但页面上没有视频",))]
    with in_schema_of(here):
        assert InterpretationMedia.objects.count() == 0


def test_a_place_without_the_rule_is_told_so(sites: Sites) -> None:
    """S23: 70 % is Shanxi's; elsewhere, and before 2020, there are figures and no verdict."""
    here, _ = sites
    elsewhere = TenantRef(**{name: getattr(here, name) for name in TenantRef.__dataclass_fields__} | {"region_code": "330100"})
    with in_schema_of(here):
        explain("解读", organ="甲局", at=moment("2019-06-03 09:00"))
        explain("又一篇", slug="b", organ="甲局", at=moment("2025-06-03 09:00"))

        other_place = year_report(elsewhere, year=2025, today=dt.date(2026, 3, 2))
    earlier, now = report(here, 2019), report(here)

    for found in (earlier, other_place):
        assert (found.rules[Key.INTERPRETATION_DIVERSIFIED], found.total.diversified.is_met, found.total.diversified.total) == (
            None,
            None,
            1,
        )
    held = now.rules[Key.INTERPRETATION_DIVERSIFIED]
    assert held is not None
    assert (held.value, now.total.diversified.is_met) == (70, False)


@pytest.mark.parametrize(
    ("interpreted", "days", "is_on_time"),
    [
        ("2025-09-29 18:00", 0, True),
        ("2025-09-28 18:00", 0, True),
        ("2025-09-30 08:00", 1, True),
        ("2025-10-08 08:00", 1, True),  # the holiday ends
        ("2025-10-09 08:00", 2, True),
        ("2025-10-10 23:59", 3, True),
        ("2025-10-11 00:00", 4, False),  # a Saturday that is worked
        ("2025-10-13 08:00", 5, False),
    ],
)
def test_working_days_are_counted_over_the_national_holiday(sites: Sites, interpreted: str, days: int, *, is_on_time: bool) -> None:
    """D15: three working days after the document, by the calendar; the day itself does not count."""
    here, _ = sites
    with in_schema_of(here):
        paper = document("办法", "2025-09-29 17:30", slug="a")
        explain("解读", paper, organ="甲局", at=moment(interpreted))

    found = report(here)

    assert [(each.days, each.allowed, each.is_on_time) for each in found.timings] == [(days, 3, is_on_time)]
    assert figures(found.total)[3] == (int(is_on_time), 1, None)


def test_only_the_first_interpretation_of_a_document_is_measured(sites: Sites) -> None:
    """D15: a comic that follows later does not make the document late; a document explained too late stays late."""
    here, _ = sites
    with in_schema_of(here), transaction.atomic():
        paper, other = document("办法", "2025-06-02 09:00", slug="a"), document("另一办法", "2025-06-02 09:00", slug="b")
        explain("同日解读", paper, slug="x", organ="甲局", at=moment("2025-06-02 09:00"))
        explain("后来的漫画", paper, other, slug="y", organ="乙局", at=moment("2025-06-30 09:00"))

    found = report(here)

    assert [(each.document, each.text, each.organ, each.is_on_time) for each in found.timings] == [
        ("办法", "同日解读", "甲局", True),
        ("另一办法", "后来的漫画", "乙局", False),
    ]
    assert [figures(each)[3] for each in found.organs] == [(0, 1, None), (1, 1, None)]


def test_a_year_without_its_calendar_is_said_and_not_guessed(sites: Sites) -> None:
    here, _ = sites
    years = set(Version.objects.values_list("year", flat=True))
    unknown = max(years) + 1
    with in_schema_of(here):
        paper = document("办法", f"{unknown}-03-01 09:00", slug="a")
        explain("解读", paper, organ="甲局", at=moment(f"{unknown}-03-09 09:00"))
        duty(document("等解读", f"{unknown}-03-01 09:00", slug="b"))
        late = waiting(here, today=dt.date(unknown, 3, 20))

    found = report(here, unknown, today=f"{unknown}-03-20")

    assert (found.uncovered, found.timings[0].days, figures(found.total)[3:]) == ([unknown], None, ((0, 0, None), 1))
    assert [(each.due_on, each.text) for each in late] == [(None, f"{unknown}年工作日安排尚未导入，不能计算时限")]


def test_documents_that_wait_are_listed_the_most_overdue_first(sites: Sites) -> None:
    """S22: marked documents without an interpretation; when due, by how many working days late, and whether there is a plan."""
    here, there = sites
    with in_schema_of(here), transaction.atomic():
        plan = {"organ": "甲局", "forms": "图解", "planned_on": dt.date(2025, 9, 30)}
        duty(document("刚好到期", "2025-09-29 09:00", slug="due"), **plan)
        duty(document("逾期", "2025-09-01 09:00", slug="late"))
        duty(document("逾期更久", "2025-08-01 09:00", slug="later"), organ="甲局")
        explained = document("已有解读", "2025-08-01 09:00", slug="done")
        duty(explained)
        explain("解读", explained)
        unpublished = document("未公布", "2025-08-01 09:00", slug="draft")
        DocumentPage.objects.filter(pk=unpublished.pk).update(live=False)
        duty(unpublished)
        document("不需要解读", "2025-08-01 09:00", slug="none")

        found = waiting(here, today=dt.date(2025, 10, 10))

    def told(each: Waiting) -> tuple[Any, ...]:
        return each.title, each.due_on, each.late_by, each.duty.has_plan

    assert [told(each) for each in found] == [
        ("逾期更久", dt.date(2025, 8, 6), 42, False),
        ("逾期", dt.date(2025, 9, 4), 21, False),
        ("刚好到期", dt.date(2025, 10, 10), 0, True),
        ("未公布", None, None, False),
    ]
    assert [each.text for each in found][2:] == ["应于2025-10-10前发布解读", "文件尚未公布，公布后起算"]
    with in_schema_of(there):
        assert waiting(there, today=dt.date(2025, 10, 10)) == []


def test_a_sites_own_rule_counts(sites: Sites) -> None:
    """The rule is a row: a site that asks for more is judged by more, and its neighbour is not."""
    here, _ = sites
    row = {"key": Key.INTERPRETATION_DIVERSIFIED, "value": 90, "unit": "percent", "basis": "本站要求", "mark": "own"}
    own = Rule.objects.create(**row, scope="tenant", scope_code=here.slug, valid_from=dt.date(2025, 1, 1))
    try:
        for site in sites:
            with in_schema_of(site), transaction.atomic():
                for number in range(5):
                    explain(f"解读{number}", slug=f"a{number}", kinds=["expert"] if number else ["text"], at=moment("2025-06-03 09:00"))

        assert [report(site).total.diversified.is_met for site in sites] == [False, True]
        assert report(here, 2024).rules[Key.INTERPRETATION_DIVERSIFIED].value == 70  # type: ignore[union-attr] # there is one
    finally:
        own.delete()
