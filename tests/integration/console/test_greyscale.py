"""An officer takes the colour from chosen sites or all, looks at it before, and gives it back at once."""

import datetime as dt
import html
import re
from urllib.parse import urlsplit

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from memberships.contract import PlatformRole
from observability.models import AuditEntry
from registry.contract import TenantRef
from registry.models import GreyPeriod
from registry.selectors import forget_directory, grey_preview_url
from tests.factories.console import ADDRESS, officer, text_of
from tests.factories.sites import copied_sites

SURE = {"confirmed": "1"}
HOUR = dt.timedelta(hours=1)
FIRST = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0) + dt.timedelta(days=20)
LAST = FIRST + dt.timedelta(days=1)
ASKED = {"starts_at": f"{FIRST:%Y-%m-%dT%H:%M}", "ends_at": f"{LAST:%Y-%m-%dT%H:%M}", "reason": "示例公祭日"}


@pytest.fixture(scope="module")
def sites(module_database: None) -> list[TenantRef]:
    return list(copied_sites("taiyuan", "xiaodian", "yingze"))


@pytest.fixture(scope="module")
def operations(sites: list[TenantRef]) -> Client:
    """The operations administrator's browser."""
    return officer(PlatformRole.OPERATIONS)


@pytest.fixture(autouse=True)
def _nothing_planned(sites: list[TenantRef]) -> None:
    GreyPeriod.objects.all().delete()
    forget_directory()


def _is_grey(site: TenantRef, path: str = "/site-map/") -> bool:
    response = Client(headers={"host": site.primary_domain}).get(path)
    return 'class="grey"' in response.content.decode().split("<html", 1)[1].split(">", 1)[0]


def test_chosen_sites_lose_their_colour_together_and_get_it_back_together(sites: list[TenantRef], operations: Client) -> None:
    asked = ASKED | {"sites": ["xiaodian", "yingze"]}
    before = list(AuditEntry.objects.values_list("pk", flat=True))

    plan = text_of(operations.post("/console/greyscale/add/", asked))

    assert f"{FIRST:%Y-%m-%d} 00:00，2个站点的所有页面变为灰度显示。" in plan
    assert f"{LAST:%Y-%m-%d} 00:00自动恢复彩色，共1天0小时。" in plan
    assert "怎样撤销： 在“灰度显示”页面点“恢复彩色”，立即生效。" in plan
    assert GreyPeriod.objects.count() == 0
    done = text_of(operations.post("/console/greyscale/add/", asked | SURE, follow=True))
    assert "已安排2处" in done
    front = text_of(operations.get("/console/"))
    assert f"已安排：太原市小店区人民政府、太原市迎泽区人民政府，{FIRST:%Y-%m-%d} 00:00至{LAST:%Y-%m-%d} 00:00，示例公祭日。" in front
    with time_machine.travel(FIRST + HOUR, tick=False):
        forget_directory()
        assert [_is_grey(site) for site in sites] == [False, True, True]
    numbers = ",".join(str(pk) for pk in GreyPeriod.objects.order_by("pk").values_list("pk", flat=True))
    assert f"?numbers={numbers}" in operations.get("/console/greyscale/").content.decode()
    sure = text_of(operations.get(f"/console/greyscale/end/?numbers={numbers}"))
    assert "太原市小店区人民政府：取消还没有开始的安排" in sure
    assert GreyPeriod.objects.filter(cancelled_at=None).count() == 2
    operations.post("/console/greyscale/end/", {"numbers": numbers} | SURE)
    assert GreyPeriod.objects.filter(cancelled_at=None).count() == 0
    assert "示例公祭日" not in text_of(operations.get("/console/"))
    entries = AuditEntry.objects.exclude(pk__in=before).filter(action__startswith="site.grey").order_by("pk")
    assert [(entry.action, entry.actor, entry.address, entry.subject) for entry in entries] == [
        ("site.grey", "officer-operations", ADDRESS, "xiaodian"),
        ("site.grey", "officer-operations", ADDRESS, "yingze"),
        ("site.grey_ended", "officer-operations", ADDRESS, "xiaodian"),
        ("site.grey_ended", "officer-operations", ADDRESS, "yingze"),
    ]


def test_all_sites_of_a_city_are_one_row_and_what_is_there_already_is_told(sites: list[TenantRef], operations: Client) -> None:
    asked = ASKED | {"cities": ["taiyuan"], "sites": ["xiaodian"]}

    operations.post("/console/greyscale/add/", asked | SURE)
    again = text_of(operations.post("/console/greyscale/add/", asked))
    twice = text_of(operations.post("/console/greyscale/add/", asked | SURE, follow=True))

    assert [(row.city.slug, row.tenant) for row in GreyPeriod.objects.all()] == [("taiyuan", None)]
    assert "3个站点在这段时间已有灰度安排" in again
    assert "与已有的安排相同，没有改动。" in twice
    assert "太原市的全部站点" in text_of(operations.get("/console/greyscale/"))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({}, "请选择全部站点，或至少一个站点。"),
        ({"sites": ["xiaodian"], "ends_at": ASKED["starts_at"]}, "结束时间必须晚于开始时间。"),
        ({"sites": ["xiaodian"], "ends_at": f"{FIRST + dt.timedelta(days=32):%Y-%m-%dT%H:%M}"}, "一次最多设置 31 天"),
        ({"sites": ["xiaodian"], "starts_at": "2020-01-01T00:00", "ends_at": "2020-01-02T00:00"}, "结束时间已经过去"),
        ({"sites": ["nowhere"]}, "有1处需要更正"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_planned(operations: Client, change: dict[str, object], says: str) -> None:
    before = AuditEntry.objects.count()

    refused = operations.post("/console/greyscale/add/", ASKED | change | SURE)

    assert refused.status_code == 422
    assert says in text_of(refused)
    assert (GreyPeriod.objects.count(), AuditEntry.objects.count()) == (0, before)


def test_a_preview_is_grey_for_who_has_its_address_and_no_other(sites: list[TenantRef], operations: Client) -> None:
    _, xiaodian, yingze = sites
    plan = operations.post("/console/greyscale/add/", ASKED | {"sites": ["xiaodian"]}).content.decode()
    (address,) = (html.unescape(found) for found in re.findall(r'href="([^"]+grey=[^"]+)"', plan))
    parts = urlsplit(address)
    path = f"{parts.path}?{parts.query}"

    page = Client(headers={"host": xiaodian.primary_domain}).get(path)

    assert (_is_grey(xiaodian, path), _is_grey(xiaodian), _is_grey(xiaodian, "/?grey=1"), _is_grey(yingze, path)) == (
        True,
        False,
        False,
        False,
    )
    assert (page.headers["Cache-Control"], page.headers["X-Robots-Tag"]) == ("no-store", "noindex")
    old = urlsplit(grey_preview_url(xiaodian))
    with time_machine.travel(timezone.now() + 2 * HOUR, tick=False):
        assert not _is_grey(xiaodian, f"/?{old.query}")


def test_nonsense_numbers_end_nothing(operations: Client) -> None:
    operations.post("/console/greyscale/add/", ASKED | {"sites": ["xiaodian"]} | SURE)

    for numbers in ("", "x", "1;2", "9" * 30):
        assert operations.post("/console/greyscale/end/", {"numbers": numbers} | SURE).status_code == 302

    assert GreyPeriod.objects.filter(cancelled_at=None).count() == 1
