"""An officer publishes one notice on all chosen sites or on none, reads the receipts, and takes it down everywhere."""

import re
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django_tasks_db.models import DBTaskResult

from exchange.models import Announcement
from memberships.contract import PlatformRole
from observability.models import AuditEntry
from registry.contract import State, TenantRef
from registry.schemas import in_schema_of
from search.models import Projection
from tenants.pages.models import ColumnPage
from tests.factories.console import ADDRESS, officer, text_of, work
from tests.factories.sites import copied_sites, put_into

pytestmark = pytest.mark.usefixtures("database")

SURE = {"confirmed": "1"}
NUMBER = "6f1c1c1e-0000-4000-8000-00000000000a"
ASKED = {"number": NUMBER, "title": "示例：防汛公告", "text": "第一段。\n第二段 <b>。", "cities": ["taiyuan"]}


@pytest.fixture
def sites() -> list[TenantRef]:
    return copied_sites("taiyuan", "xiaodian", "yingze")


@pytest.fixture
def operations() -> Client:
    """The operations administrator's browser."""
    return officer(PlatformRole.OPERATIONS)


def _seen(site: TenantRef, path: str) -> int:
    return Client(headers={"host": site.primary_domain}).get(path).status_code


def test_a_notice_is_shown_before_published_at_once_receipted_and_taken_down(sites: list[TenantRef], operations: Client) -> None:
    plan = operations.post("/console/announcements/add/", ASKED)

    words = text_of(plan)
    assert "3个网站的“通知公告”栏目在同一时刻出现《示例：防汛公告》，公众可以看到和搜到。" in words
    assert "第二段 &lt;b&gt;。" in plan.content.decode()
    assert "怎样撤销： 在公告页面点“从全部站点撤下”" in words
    assert (Announcement.objects.count(), DBTaskResult.objects.count()) == (0, 0)
    sent = operations.post("/console/announcements/add/", ASKED | SURE)
    operations.post("/console/announcements/add/", ASKED | SURE)  # pressed twice
    assert Announcement.objects.count() == 0
    work()
    (made,) = Announcement.objects.all()
    assert (str(made.uuid), len(made.pages), made.announced_by) == (NUMBER, 3, "officer-operations")
    entry = AuditEntry.objects.get(action="exchange.announced")
    assert (entry.actor, entry.address, sorted(entry.detail["sites"])) == ("officer-operations", ADDRESS, ["taiyuan", "xiaodian", "yingze"])
    pages = {site.slug: made.pages[str(site.uuid)]["path"] for site in sites}
    assert [_seen(site, pages[site.slug]) for site in sites] == [200, 200, 200]
    job = operations.get(sent.headers["Location"]).content.decode()
    assert f"/console/announcements/{NUMBER}/" in job
    receipts = text_of(operations.get(f"/console/announcements/{NUMBER}/"))
    assert len(re.findall("已发布 查看", receipts)) == 3
    assert "从3个网站消失" in text_of(operations.get(f"/console/announcements/{NUMBER}/withdraw/"))
    assert [_seen(site, pages[site.slug]) for site in sites] == [200, 200, 200]
    operations.post(f"/console/announcements/{NUMBER}/withdraw/", SURE)
    work()
    assert [_seen(site, pages[site.slug]) for site in sites] == [404, 404, 404]
    assert len(re.findall("已撤下 —", text_of(operations.get(f"/console/announcements/{NUMBER}/")))) == 3
    assert AuditEntry.objects.get(action="exchange.announcement_withdrawn").actor == "officer-operations"


def test_a_site_that_cannot_show_it_is_named_and_it_is_nowhere(sites: list[TenantRef], operations: Client) -> None:
    _, xiaodian, yingze = sites
    put_into(State.SUSPENDED, xiaodian)
    with in_schema_of(yingze), transaction.atomic():
        ColumnPage.objects.get(slug="tzgg").unpublish()

    words = text_of(operations.post("/console/announcements/add/", ASKED))
    refused = operations.post("/console/announcements/add/", ASKED | SURE)
    chosen = text_of(operations.post("/console/announcements/add/", ASKED | {"cities": [], "sites": ["taiyuan", "xiaodian"]}))

    assert "太原市迎泽区人民政府不能发布：没有“通知公告”类栏目。" in words
    assert "太原市小店区人民政府没有开通、已暂停或只读，不在发布范围内。" in words
    assert "确认发布" not in words
    assert refused.status_code == 200
    assert "太原市小店区人民政府不能发布：网站未开通、已暂停或只读。" in chosen
    assert (DBTaskResult.objects.count(), Announcement.objects.count(), Projection.objects.filter(title=ASKED["title"]).count()) == (
        0,
        0,
        0,
    )


def test_what_came_between_fails_as_a_whole_and_says_so(sites: list[TenantRef], operations: Client) -> None:
    sent = operations.post("/console/announcements/add/", ASKED | SURE)
    put_into(State.READ_ONLY, sites[2])

    work()

    page = text_of(operations.get(sent.headers["Location"]))
    assert "没有完成，没有做任何改动。" in page
    assert "yingze：网站未开通、已暂停或只读" in page
    assert (Announcement.objects.count(), Projection.objects.filter(title=ASKED["title"]).count()) == (0, 0)


@pytest.mark.parametrize(("change", "says"), [({"title": ""}, "有1处"), ({"cities": []}, "请选择全部站点"), ({"number": "x"}, "有1处")])
def test_what_is_missing_is_said_and_nothing_is_queued(
    sites: list[TenantRef], operations: Client, change: dict[str, Any], says: str
) -> None:
    refused = operations.post("/console/announcements/add/", ASKED | change | SURE)

    assert (refused.status_code, says in text_of(refused), DBTaskResult.objects.count()) == (422, True, 0)
    assert operations.get("/console/announcements/6f1c1c1e-0000-4000-8000-000000000000/").status_code == 404
