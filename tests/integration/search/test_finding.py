"""Found through the real engine: scope, folding by text, facets, dates, deny list, and nothing that was withdrawn."""

import datetime as dt
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.management import call_command

from registry.contract import Kind, TenantRef
from registry.models import Tenant
from registry.selectors import forget_directory, site_url
from search import selectors
from search.contract import Category, Coming, Count, Facet, Found, Question, SearchDocument, Sort, Validity
from search.presenting import hits
from tests.factories.documents import document, publish, withdraw

pytestmark = [pytest.mark.elasticsearch, pytest.mark.usefixtures("database", "search_index")]
MakeSite = Callable[..., TenantRef]
CHINA = ZoneInfo("Asia/Shanghai")


def carry_out(index: Any) -> None:
    call_command("relay", "run", "--once", verbosity=0)
    index.refresh()


def everywhere(text: str = "", **fields: Any) -> Found:
    found = selectors.find(Question(text=text, **fields), scope=selectors.scope_of_everything())
    assert found.is_degraded is False
    return found


def edition(site: TenantRef, year: int, **fields: Any) -> SearchDocument:
    known: dict[str, Any] = {"title": "停车收费条例", "path": f"/{year}/", "group": "g", "version_date": dt.date(year, 4, 1)}
    return document(site, year, **(known | fields))


def titles(found: Found) -> list[str]:
    return [hit.title for hit in found.hits]


def test_a_scope_shows_its_own_sites_only(search_index: Any, make_site: MakeSite) -> None:
    xiaodian, yingze = make_site("xiaodian"), make_site("yingze")
    publish(document(xiaodian, title="小店停车办法"), document(yingze, title="迎泽停车办法"))
    carry_out(search_index)

    for site, title in ((xiaodian, "小店停车办法"), (yingze, "迎泽停车办法")):
        assert titles(selectors.find(Question(text="停车办法"), scope=selectors.scope_of_site(site))) == [title]
    assert sorted(titles(selectors.find(Question(text="停车办法"), scope=selectors.scope_of_city("taiyuan")))) == [
        "小店停车办法",
        "迎泽停车办法",
    ]
    assert titles(selectors.find(Question(text="停车办法"), scope=selectors.scope_of_city("datong"))) == []


def test_a_text_is_shown_once_led_by_its_issuer_then_the_portal(search_index: Any, make_site: MakeSite) -> None:
    portal, xiaodian, yingze = make_site("taiyuan"), make_site("xiaodian"), make_site("yingze")
    shared: dict[str, Any] = {"title": "关于公共停车场收费的通知", "doc_nos": ("并政发〔2024〕3号",)}
    publish(*(document(site, **shared, path=f"/{site.slug}/") for site in (xiaodian, portal, yingze)))
    carry_out(search_index)

    found = everywhere("公共停车场收费")
    (hit,) = found.hits
    assert (found.total, hit.site.slug, sorted(copy.site.slug for copy in hit.copies)) == (1, "taiyuan", ["xiaodian", "yingze"])
    assert [copy.path for copy in hit.copies] == [f"/{copy.site.slug}/" for copy in hit.copies]
    assert sorted(count.count for count in found.facets[Facet.SITE]) == [1, 1, 1]
    (own,) = everywhere("公共停车场收费", site=yingze.uuid).hits
    assert own.site == yingze

    publish(*(document(site, **shared, path=f"/{site.slug}/", issuer="yingze人民政府") for site in (xiaodian, portal, yingze)))
    assert everywhere("公共停车场收费").hits[0].site == yingze  # the issuer's own, before the engine knows


def test_the_newest_version_leads_and_brings_its_own_words(search_index: Any, make_site: MakeSite) -> None:
    site = make_site("xiaodian")
    versions = {2001: "旧：每小时一元。", 2020: "新：每小时五元。"}
    publish(
        *(
            document(site, year, title="停车收费条例", body=body, group="g", version_date=dt.date(year, 1, 1), source_id=str(year))
            for year, body in versions.items()
        )
    )
    carry_out(search_index)

    (hit,) = everywhere("每小时一元").hits
    assert (hit.source_id, hit.snippet_html) == ("2020", "新：<mark>每小时</mark>五元。")


def test_the_version_in_force_leads_until_the_day_of_the_next_one(search_index: Any, make_site: MakeSite) -> None:
    site = make_site("xiaodian")
    publish(*(edition(site, year, body=f"{year}年起，每小时一元。", effective_date=dt.date(year + 1, 1, 1)) for year in (2019, 2026)))
    carry_out(search_index)

    with time_machine.travel(dt.datetime(2026, 12, 31, 23, 59, tzinfo=CHINA)):
        (hit,) = everywhere("每小时").hits
        assert (hit.path, hit.snippet_html) == ("/2019/", "2019年起，<mark>每小时</mark>一元。")
        assert hit.coming == Coming(site, "/2026/", dt.date(2027, 1, 1))
        assert hits.told(hit, today=dt.date(2026, 12, 31))["coming"] == {"url": site_url(site, "/2026/"), "effective_date": "2027-01-01"}
    with time_machine.travel(dt.datetime(2027, 1, 1, tzinfo=CHINA)):
        (hit,) = everywhere("每小时").hits
        assert (hit.path, hit.coming) == ("/2026/", None)


def test_a_text_of_which_no_version_is_in_force_is_led_by_the_newest(search_index: Any, make_site: MakeSite) -> None:
    site = make_site("xiaodian")
    publish(*(edition(site, year, validity=Validity.PENDING) for year in (2025, 2026)))
    carry_out(search_index)

    (hit,) = everywhere("停车收费条例").hits
    assert (hit.path, hit.coming) == ("/2026/", None)


def test_what_is_withdrawn_is_gone_before_the_engine_knows(search_index: Any, make_site: MakeSite) -> None:
    xiaodian, yingze = make_site("xiaodian"), make_site("yingze")
    publish(document(xiaodian, title="停车收费通知", group="g"), document(yingze, title="停车收费通知", group="g"), document(xiaodian, 2))
    carry_out(search_index)

    withdraw(xiaodian)
    (hit,) = everywhere("停车收费通知").hits[:1]
    assert (hit.site, hit.copies) == (yingze, ())  # the copy elsewhere takes its place
    withdraw(yingze)
    assert "停车收费通知" not in titles(everywhere("停车收费通知"))
    carry_out(search_index)
    assert "停车收费通知" not in titles(everywhere("停车收费通知"))


def test_a_page_is_full_though_many_of_its_hits_were_withdrawn(search_index: Any, make_site: MakeSite) -> None:
    site = make_site("xiaodian")
    publish(*(document(site, number, title="停车收费通知", body=f"第{number}号。") for number in range(10)))
    carry_out(search_index)
    order = [hit.key for hit in everywhere("停车收费通知", size=10).hits]

    for key in order[:6]:
        withdraw(site, int(key.rsplit(":", 1)[1]))

    assert [hit.key for hit in everywhere("停车收费通知", size=3).hits] == order[6:9]


def test_a_text_that_became_a_copy_is_folded_before_the_engine_knows(search_index: Any, make_site: MakeSite) -> None:
    xiaodian, yingze = make_site("xiaodian"), make_site("yingze")
    publish(document(xiaodian, title="停车收费通知", group="one"), document(yingze, title="停车收费通知", group="other"))
    carry_out(search_index)
    assert len(everywhere("停车收费通知").hits) == 2

    publish(document(xiaodian, title="停车收费通知", group="other"))

    (hit,) = everywhere("停车收费通知").hits
    assert {hit.site, hit.copies[0].site} == {xiaodian, yingze}


def test_a_suspended_site_is_gone_at_once(search_index: Any, make_site: MakeSite) -> None:
    site = make_site("xiaodian")
    publish(document(site))
    carry_out(search_index)
    assert titles(everywhere("停车管理")) == ["停车管理办法"]

    Tenant.objects.filter(pk=site.id).update(state="suspended")
    forget_directory()

    found = everywhere("停车管理")
    assert (found.hits, found.total, found.facets[Facet.SITE]) == ((), 0, ())


def test_facets_filters_and_dates(search_index: Any, make_site: MakeSite) -> None:
    portal = make_site("taiyuan")
    county = make_site("xiaodian", kind=Kind.COUNTY.value)
    rows = [
        (portal, 1, Category.LAW, dt.datetime(2024, 1, 1, 0, 30, tzinfo=CHINA)),  # still 2023 in Greenwich
        (portal, 2, Category.POLICY, dt.datetime(2023, 5, 1, tzinfo=CHINA)),
        (county, 3, Category.POLICY, dt.datetime(2024, 6, 1, tzinfo=CHINA)),
    ]
    publish(
        *(
            document(site, number, title=f"停车规定{number}", body=str(number), category=kind, published_at=when)
            for site, number, kind, when in rows
        )
    )
    carry_out(search_index)

    found = everywhere("停车规定")
    assert found.facets[Facet.KIND] == (Count("policy", 2), Count("law", 1))
    assert found.facets[Facet.YEAR] == (Count("2024", 2), Count("2023", 1))
    assert found.facets[Facet.SITE] == (Count(str(portal.uuid), 2), Count(str(county.uuid), 1))
    narrowed = everywhere("停车规定", kind=Category.POLICY, year=2024)
    assert (titles(narrowed), narrowed.total) == (["停车规定3"], 1)
    assert narrowed.facets[Facet.KIND] == (Count("law", 1), Count("policy", 1))  # of that year, whatever the kind
    assert titles(everywhere("停车规定", sort=Sort.DATE)) == titles(everywhere()) == ["停车规定3", "停车规定1", "停车规定2"]


@pytest.mark.parametrize(
    "query",
    [
        "并政发〔2024〕3号",
        "并政发(2024)第３号",
        "停車管理辦法",
        "tingcheguanlibanfa",
        "TCGLBF",
        "停车管理办发",
        "停车管理办法第三条",
        "小店 停车",
    ],
)
def test_many_ways_lead_to_a_text(query: str, search_index: Any, make_site: MakeSite) -> None:
    site = make_site("xiaodian")
    publish(
        document(site, doc_nos=("并政发〔2024〕3号",), place="小店区", validity=Validity.REPEALED),
        document(site, 2, title="绿化条例", body="种树。"),
    )
    carry_out(search_index)

    hit = everywhere(query).hits[0]

    assert (hit.title, hit.doc_no, hit.validity) == ("停车管理办法", "并政发〔2024〕3号", Validity.REPEALED)


def test_pages_are_filled_and_end(search_index: Any, make_site: MakeSite) -> None:
    site = make_site("xiaodian")
    publish(*(document(site, number, title=f"停车公告第{number}号", body=f"内容{number}") for number in range(25)))
    carry_out(search_index)
    first = titles(everywhere("停车公告", size=10))
    for hit in everywhere("停车公告", size=3).hits:
        withdraw(site, int(hit.key.rsplit(":", 1)[1]))

    again = titles(everywhere("停车公告", size=10))
    assert len(again) == 10  # filled from behind
    assert again[:7] == first[3:]
    assert everywhere("停车公告", page=4, size=10).hits == ()


def test_the_longest_law_is_marked_in_a_whole_place(search_index: Any, make_site: MakeSite) -> None:
    site = make_site("xiaodian")
    body = (
        "\n".join(f"第{number}条　国家保护和改善生活环境与生态环境，防治污染<和>其他公害。" for number in range(5000))
        + "\n第末条　磁县跳伞塔由管理人维护。"
    )
    publish(document(site, title="环境法典", body=body))
    carry_out(search_index)

    found = everywhere("跳伞塔由管理人维护")

    assert len(body) > 169_102
    assert found.hits[0].snippet_html.endswith("磁县<mark>跳伞塔由管理人维护</mark>。")
    assert "<和>" not in everywhere("防治污染").hits[0].snippet_html


def test_what_many_texts_are_called_finds_none_of_them(search_index: Any, make_site: MakeSite) -> None:
    site = make_site("taiyuan")
    names = ("契税法", "电力法", "森林法")
    publish(*(document(site, n, title=f"中华人民共和国{name}", body=f"第一条 制定本法。{name}") for n, name in enumerate(names, 1)))
    publish(document(site, 4, title="车船税法实施条例", body="根据《中华人民共和国车船税法》制定。"))
    carry_out(search_index)

    assert titles(everywhere("中华人民共和国契税暂行条例")) == [
        "中华人民共和国契税法"
    ]  # three of its five telling pairs would be too many to ask
    assert everywhere("中华人民共和国契税暂行条例").total == 1
    assert sorted(titles(everywhere("中华人民共和国"))) == sorted(["车船税法实施条例", *(f"中华人民共和国{name}" for name in names)])
