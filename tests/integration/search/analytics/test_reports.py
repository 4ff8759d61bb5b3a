"""Reports show what several people searched for, and nobody's query alone."""

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from registry.contract import TenantRef
from registry.models import City
from search.analytics import reports, services
from search.analytics.reports import Report
from search.contract import Owner
from search.models import ClickRecord, QueryTask, SearchRecord
from tests.factories.documents import document

pytestmark = pytest.mark.usefixtures("database")
NOW = dt.datetime(2026, 11, 25, 12, tzinfo=dt.UTC)


def ask(site: TenantRef, query: str, *, sessions: int, days_ago: int = 1, clicks: int = 0, **fields: Any) -> None:
    values = {"channel": "page", "reach": "site", "text": query, "normal": query, "total": 3, "took_ms": 10}
    for number in range(sessions):
        made = SearchRecord.objects.create(
            id=uuid.uuid4(),
            at=NOW - dt.timedelta(days=days_ago),
            city=City.objects.get(slug=site.city_slug),
            tenant_id=site.id,
            session=f"{days_ago}-{number}",
            **(values | fields),
        )
        if number < clicks:
            ClickRecord.objects.create(search=made, at=made.at, rank=1, document=document(site).key)


def found(report: Report, owner: Owner) -> list[str]:
    return [line.query for line in reports.lines(report, owner, days=7, now=NOW)]


def test_each_report_shows_its_queries_and_none_of_fewer_than_five_sessions(make_site: Callable[..., TenantRef]) -> None:
    site = make_site("xiaodian")
    ask(site, "公积金", sessions=9, clicks=4)
    ask(site, "公积金", sessions=9, days_ago=9)
    ask(site, "停水", sessions=8, clicks=1)
    ask(site, "停水", sessions=2, days_ago=9)
    ask(site, "落户", sessions=6, total=0)
    ask(site, "身份证丢了", sessions=4, total=0)
    ask(site, "地铁", sessions=5, clicks=1, took_ms=900)
    ask(site, "公园", sessions=5)
    owner = Owner("taiyuan", site.uuid)

    assert found(Report.TOP, owner) == ["公积金", "停水", "落户", "公园", "地铁"]
    assert found(Report.RISING, owner)[:2] == ["落户", "公园"]
    assert "公积金" not in found(Report.RISING, owner)
    assert found(Report.WITHOUT_RESULT, owner) == ["落户"]
    assert found(Report.WITHOUT_CLICK, owner) == ["公园"]
    assert found(Report.SLOW, owner) == ["地铁"]
    totals = reports.totals(owner, days=7, now=NOW)
    assert (totals.searches, totals.without_result, totals.clicked, totals.hidden_queries) == (37, 10, 6, 1)


def test_a_site_sees_its_own_and_a_city_all(make_site: Callable[..., TenantRef]) -> None:
    here, there = make_site("xiaodian"), make_site("yingze")
    ask(here, "公积金", sessions=5)
    ask(there, "停水", sessions=5)

    assert found(Report.TOP, Owner("taiyuan", here.uuid)) == ["公积金"]
    assert found(Report.TOP, Owner("taiyuan", there.uuid)) == ["停水"]
    assert found(Report.TOP, Owner("taiyuan")) == ["停水", "公积金"] or found(Report.TOP, Owner("taiyuan")) == ["公积金", "停水"]
    assert reports.sites_of("taiyuan", days=7, now=NOW) == [("xiaodian人民政府", 5, 0, 0), ("yingze人民政府", 5, 0, 0)]


def test_a_query_without_result_becomes_one_task_of_its_site(make_site: Callable[..., TenantRef]) -> None:
    site, portal = make_site("xiaodian"), make_site("taiyuan")
    ask(site, "落户", sessions=6, total=0)
    ask(site, "身份证丢了", sessions=4, total=0)
    ask(portal, "地铁", sessions=5, total=0)

    assert services.open_tasks(now=NOW) == 2
    assert services.open_tasks(now=NOW) == 0
    (own,) = QueryTask.objects.owned_by(Owner("taiyuan", site.uuid))
    (citys,) = QueryTask.objects.owned_by(Owner("taiyuan"))
    assert (own.normal, own.sessions, own.state, citys.normal) == ("落户", 6, "open", "地铁")


def test_a_task_goes_to_somebody_and_is_closed_with_what_was_done(make_site: Callable[..., TenantRef]) -> None:
    site = make_site("xiaodian")
    owner = Owner("taiyuan", site.uuid)
    ask(site, "落户", sessions=6, total=0)
    services.open_tasks(now=NOW)
    task = QueryTask.objects.get()

    with pytest.raises(services.TaskIncompleteError):
        services.settle_task(task, state="assigned", holder="", action="", note="", owner=owner, by="lisi")
    with pytest.raises(services.TaskIncompleteError):
        services.settle_task(task, state="done", holder="", action="", note="", owner=owner, by="lisi")
    services.settle_task(task, state="assigned", holder="李四", action="", note="", owner=owner, by="lisi")
    services.settle_task(task, state="done", holder="李四", action="synonym", note="落户 → 户口迁移", owner=owner, by="lisi")

    assert QueryTask.objects.values_list("state", "holder", "action").get() == ("done", "李四", "synonym")
    assert services.open_tasks(now=NOW) == 0
