"""What a request asks: every wrong parameter is named, and has a sane value instead."""

import datetime as dt
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from registry.contract import Kind, State, TenantRef
from registry.selectors import Directory
from search.contract import Category, FileType, Lift, Place, Question, Sort, Tab, Validity
from search.requests import understanding
from search.requests.parameters import Reach
from search.requests.understanding import Asked, understand
from search.selectors import scopes

NOTHING: dict[str, Any] = dict.fromkeys(
    ["identifier", "organizer", "undertaker", "contact_phone", "contact_address", "icp", "police_record", "editor_domain"], ""
)
PORTAL = TenantRef(
    **NOTHING,
    id=1,
    uuid=UUID(int=1),
    slug="taiyuan",
    schema_name="s_taiyuan",
    name="太原市人民政府",
    short_name="太原市",
    kind=Kind.CITY,
    state=State.LIVE,
    theme="vermilion",
    region_code="140100",
    region_name="太原市",
    city_slug="taiyuan",
    city_name="太原市",
    primary_domain="taiyuan.localhost",
)
COUNTY = replace(PORTAL, id=2, uuid=UUID(int=2), slug="xiaodian", kind=Kind.COUNTY, region_code="140105", region_name="小店区")
CLOSED = replace(PORTAL, id=3, uuid=UUID(int=3), slug="closed", kind=Kind.DEPARTMENT, state=State.CLOSED)
ELSEWHERE = replace(PORTAL, id=4, uuid=UUID(int=4), slug="datong", city_slug="datong", region_code="140200", region_name="大同市")


@pytest.fixture(autouse=True)
def _directory(monkeypatch: pytest.MonkeyPatch) -> None:
    refs = [PORTAL, COUNTY, CLOSED, ELSEWHERE]
    known = Directory(version=1, by_uuid={ref.uuid: ref for ref in refs}, by_slug={ref.slug: ref for ref in refs})
    for module in (understanding, scopes):
        monkeypatch.setattr(module, "directory", lambda: known)


def asked(tenant: TenantRef | None = COUNTY, **parameters: Any) -> Asked:
    return understand(parameters, tenant=tenant, default_reach=Reach.SITE if tenant else Reach.CITY)


def test_everything_said() -> None:
    found = asked(q="停车", scope="city", site="xiaodian", kind="policy", year="2024", sort="date", page="2", size="20")

    assert found.problems == ()
    assert found.question == Question(text="停车", site=COUNTY.uuid, kind=Category.POLICY, year=2024, sort=Sort.DATE, page=2, size=20)
    assert found.scope.sites == (PORTAL.uuid, COUNTY.uuid)
    assert found.scope.hidden == (CLOSED.uuid,)


def test_every_filter_said() -> None:
    found = asked(
        scope="city",
        tab="news",
        region="140105",
        issuer=" 国务院办公厅 ",
        date_from="2024-01-01",
        date_to="2024-12-31",
        validity="repealed",
        file="pdf",
        **{"in": "title"},  # type: ignore[arg-type] # a word of Python's own
    )

    assert found.problems == ()
    assert found.question == Question(
        tab=Tab.NEWS,
        region="140105",
        issuer="国务院办公厅",
        since=dt.date(2024, 1, 1),
        until=dt.date(2024, 12, 31),
        validity=Validity.REPEALED,
        file=FileType.PDF,
        place=Place.TITLE,
    )


def test_days_the_wrong_way_round_are_named() -> None:
    found = asked(date_from="2024-12-31", date_to="2024-01-01")

    assert [problem.field for problem in found.problems] == ["date_to"]
    assert (found.question.since, found.question.until) == (dt.date(2024, 12, 31), None)


def test_nothing_said() -> None:
    assert asked().question == Question()
    assert asked().scope.sites == (COUNTY.uuid,)
    assert asked(None).scope.sites is None


@pytest.mark.parametrize(
    ("parameters", "field", "instead"),
    [
        ({"size": "0"}, "size", Question()),
        ({"size": "51"}, "size", Question()),
        ({"size": "-1"}, "size", Question()),
        ({"size": "1e1"}, "size", Question()),
        ({"size": "٣"}, "size", Question()),
        ({"size": "9" * 5000}, "size", Question()),
        ({"page": "0"}, "page", Question()),
        ({"page": "zwei"}, "page", Question()),
        ({"page": "101"}, "page", Question(page=100)),
        ({"page": "21", "size": "50"}, "page", Question(page=20, size=50)),
        ({"year": "24"}, "year", Question()),
        ({"year": "3000"}, "year", Question()),
        ({"kind": "gossip"}, "kind", Question()),
        ({"sort": "title"}, "sort", Question()),
        ({"scope": "world"}, "scope", Question()),
        ({"site": "taiyuan"}, "site", Question()),  # not within this site
        ({"site": "closed", "scope": "city"}, "site", Question()),
        ({"site": "datong", "scope": "city"}, "site", Question()),
        ({"colour": "red"}, "colour", Question()),
        ({"tab": "gossip"}, "tab", Question()),
        ({"region": "140106"}, "region", Question()),  # no site of it within this site
        ({"issuer": "局" * 101}, "issuer", Question()),
        ({"validity": "unknown"}, "validity", Question()),
        ({"file": "exe"}, "file", Question()),
        ({"in": "body"}, "in", Question()),
        ({"lift": "1"}, "lift", Question()),
        ({"date_from": "2024-02-30"}, "date_from", Question()),
        ({"date_from": "20240101"}, "date_from", Question()),
        ({"date_to": "9999-12-31"}, "date_to", Question()),
        ({"date_to": "٢٠٢٤-٠١-٠١"}, "date_to", Question()),
    ],
)
def test_what_cannot_be_right_is_named(parameters: dict[str, Any], field: str, instead: Question) -> None:
    found = asked(**parameters)

    assert [problem.field for problem in found.problems] == [field]
    assert found.problems[0].message
    assert found.question == instead


XIAODIAN = Lift(regions=("140105",), names=("小店区",), is_named=False)
NAMED = Lift(regions=("140105",), names=("小店区",), is_named=True, rest="停车")


@pytest.mark.parametrize(
    ("tenant", "parameters", "lift"),
    [
        (COUNTY, {"q": "停车", "scope": "city"}, XIAODIAN),
        (COUNTY, {"q": "停车", "scope": "city", "lift": "0"}, replace(XIAODIAN, is_on=False)),
        (PORTAL, {"q": "小店区停车", "scope": "city"}, NAMED),
        (None, {"q": "小店停车"}, NAMED),
        (None, {"q": "大同停车"}, Lift(regions=("140200",), names=("大同市",), is_named=True, rest="停车")),
        (None, {"q": "太原停车"}, Lift(regions=("140100", "140105"), names=("太原市",), is_named=True, rest="停车")),
        (None, {"q": "太原市小店区停车"}, replace(NAMED, rest="停车")),
        (PORTAL, {"q": "停车", "scope": "city"}, None),
        (PORTAL, {"q": "太原停车", "scope": "city"}, None),  # everything there is of it
        (PORTAL, {"q": "大同停车", "scope": "city"}, None),  # of another city
        (COUNTY, {"q": "小店停车"}, None),  # within that site alone
        (COUNTY, {"q": "停车", "scope": "city", "sort": "date"}, None),
        (COUNTY, {"q": "停车", "scope": "city", "region": "140105"}, None),
        (COUNTY, {"q": "停车", "scope": "city", "site": "taiyuan"}, None),
        (COUNTY, {"scope": "city"}, None),
    ],
)
def test_whose_results_come_earlier(tenant: TenantRef | None, parameters: dict[str, str], lift: Lift | None) -> None:
    assert asked(tenant, **parameters).question.lift == lift


def test_the_platform_has_no_site_of_its_own() -> None:
    found = asked(None, scope="site")

    assert [problem.field for problem in found.problems] == ["scope"]
    assert (found.reach, found.scope.sites) == (Reach.CITY, None)


@pytest.mark.parametrize("text", ["税" * 10_000, "\x00\x1f税\ud800", " " * 500])
def test_any_text_is_a_query(text: Any) -> None:
    found = asked(q=text)

    assert found.problems == ()
    assert found.question.text == text.replace("\x00\x1f", "").replace("\ud800", "").strip()[:200]
