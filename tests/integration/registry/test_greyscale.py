"""Days without colour: planned for one site or a city, begun and ended by the clock, never for another city's or site's pages."""

import datetime as dt
import json
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client

from memberships.contract import Role
from observability.models import AuditEntry
from observability.terminal import CommandFailure
from registry import services
from registry.contract import GreyPeriodError, TenantRef
from registry.models import City, GreyPeriod
from registry.selectors import forget_directory
from tests.factories.people import person, signed_in
from tests.factories.sites import copied_sites

NOON = dt.datetime(2026, 12, 13, 4, 0, tzinfo=dt.UTC)  # in China noon
HOUR = dt.timedelta(hours=1)


@pytest.fixture(scope="module")
def sites(module_database: None) -> dict[str, TenantRef]:
    return {site.slug: site for site in copied_sites("taiyuan", "xiaodian")}


def _plan(site: TenantRef | None, *, starts_at: dt.datetime = NOON, ends_at: dt.datetime = NOON + HOUR) -> int:
    city = City.objects.get(slug="taiyuan")
    number, _ = services.grey_out(
        city, tenant=site, starts_at=starts_at, ends_at=ends_at, reason="公祭日", by="tests", now=starts_at - HOUR
    )
    return number


def _opening(site: TenantRef, now: dt.datetime) -> tuple[str, str]:
    with time_machine.travel(now, tick=False):
        forget_directory()
        response = Client(headers={"host": site.primary_domain}).get("/site-map/")
    return response.content.decode().split("<html", 1)[1].split(">", 1)[0], response.headers.get("Cache-Control", "")


def test_the_clock_takes_the_colour_of_one_site_and_gives_it_back(sites: dict[str, TenantRef]) -> None:
    GreyPeriod.objects.all().delete()
    _plan(sites["xiaodian"])

    moments = [NOON - dt.timedelta(seconds=30), NOON, NOON + HOUR - dt.timedelta(seconds=1), NOON + HOUR]
    plain, grey = ' lang="zh-Hans"', ' lang="zh-Hans" class="grey"'
    assert [_opening(sites["xiaodian"], moment) for moment in moments] == [
        (plain, "max-age=30"),  # no copy outlives the turn
        (grey, "max-age=300"),
        (grey, "max-age=1"),
        (plain, ""),
    ]
    assert _opening(sites["taiyuan"], NOON) == (plain, "")


def test_a_citys_day_covers_all_its_sites_and_ends_at_once_when_cancelled(sites: dict[str, TenantRef]) -> None:
    GreyPeriod.objects.all().delete()
    number = _plan(None)

    assert [_opening(site, NOON)[0] for site in sites.values()] == [' lang="zh-Hans" class="grey"'] * 2
    assert [services.end_grey(number, by="tests", now=NOON), services.end_grey(number, by="tests", now=NOON)] == [True, False]
    assert [_opening(site, NOON)[0] for site in sites.values()] == [' lang="zh-Hans"'] * 2


@pytest.mark.parametrize(
    ("starts_at", "ends_at", "reason"),
    [
        (NOON, NOON, "公祭日"),
        (NOON, NOON + dt.timedelta(days=32), "公祭日"),
        (NOON - 3 * HOUR, NOON - 2 * HOUR, "公祭日"),
        (NOON, NOON + HOUR, " "),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(
    sites: dict[str, TenantRef], starts_at: dt.datetime, ends_at: dt.datetime, reason: str
) -> None:
    before = (GreyPeriod.objects.count(), AuditEntry.objects.count())

    with pytest.raises(GreyPeriodError):
        services.grey_out(
            City.objects.get(slug="taiyuan"), tenant=None, starts_at=starts_at, ends_at=ends_at, reason=reason, by="tests", now=NOON
        )

    assert (GreyPeriod.objects.count(), AuditEntry.objects.count()) == before


def test_operators_plan_for_a_whole_city_at_the_command_line(sites: dict[str, TenantRef], capsys: Any) -> None:
    GreyPeriod.objects.all().delete()
    asked = ("greyscale", "plan", "--city", "taiyuan", "--from", "2099-12-13T00:00", "--to", "2099-12-14T00:00", "--reason", "公祭日")
    call_command(*asked, "--dry-run", "--json")
    assert not GreyPeriod.objects.exists()
    capsys.readouterr()

    answers = []
    for _ in range(2):
        call_command(*asked, "--yes", "--json")
        answers.append(json.loads(capsys.readouterr().out)["changed"])

    assert answers == [True, False]
    assert [(row.tenant, row.starts_at) for row in GreyPeriod.objects.all()] == [(None, dt.datetime(2099, 12, 12, 16, tzinfo=dt.UTC))]
    with pytest.raises(CommandFailure, match="either --city or --site"):
        call_command(*asked, "--site", "xiaodian", "--yes")


@pytest.mark.parametrize(("role", "status"), [(Role.EDITOR, 302), (Role.ADMINISTRATOR, 200)])
def test_only_a_sites_administrators_reach_the_screen(sites: dict[str, TenantRef], role: Role, status: int) -> None:
    tenant = sites["xiaodian"]
    GreyPeriod.objects.all().delete()
    citys = _plan(None, starts_at=dt.datetime(2099, 1, 1, tzinfo=dt.UTC), ends_at=dt.datetime(2099, 1, 2, tzinfo=dt.UTC))
    name = f"somebody-{role.value}"
    person(name, roles={role: [tenant]})
    client = signed_in(tenant, name)

    assert client.get("/admin/greyscale/").status_code == status
    wanted = {"starts_at": "2099-12-13 00:00", "ends_at": "2099-12-13 12:00", "reason": "公祭日"}
    client.post("/admin/greyscale/", wanted)
    assert GreyPeriod.objects.filter(tenant_id=tenant.id).count() == (1 if status == 200 else 0)
    client.post("/admin/greyscale/", {"end": str(citys)})  # the city's is not the site's to end
    assert GreyPeriod.objects.get(pk=citys).cancelled_at is None


def test_a_page_in_traditional_characters_keeps_the_simplified_address_as_its_own(sites: dict[str, TenantRef]) -> None:
    GreyPeriod.objects.all().delete()
    reader = Client(headers={"host": sites["xiaodian"].primary_domain})

    page, beside = reader.get("/hant/site-map/"), reader.get("/site-map/")
    html, address = page.content.decode(), f"http://{sites['xiaodian'].primary_domain}:8000"

    assert page.headers["Content-Language"] == "zh-Hant"
    assert '<html lang="zh-Hant">' in html
    assert "網站地圖" in html
    assert f'<link rel="canonical" href="{address}/site-map/">' in html
    assert f'<link rel="alternate" hreflang="zh-Hant" href="{address}/hant/site-map/">' in html
    assert 'hreflang="zh-Hans" href="/site-map/">簡體</a>' in html
    assert 'hreflang="zh-Hant" lang="zh-Hant" href="/hant/site-map/">繁體</a>' in beside.content.decode()
    assert "网站地图" in beside.content.decode()
    assert reader.get("/hant/site-map").headers["Location"] == "/hant/site-map/"
    assert reader.get("/hant/nowhere/").status_code == 404
    assert reader.get("/hant/robots.txt").content == reader.get("/robots.txt").content
