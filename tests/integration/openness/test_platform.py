"""The openness platform as readers get it: five entries in order, the tree, the guide, the reports; queries do not grow."""

import re

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.models import PageViewRestriction

from catalogues import selectors as catalogues
from catalogues.contract import Kind, Level
from catalogues.models import Standing
from catalogues.services import note_standing
from registry.contract import TenantRef
from registry.models import Tenant
from registry.schemas import in_schema_of
from registry.selectors import forget_directory
from tenants.openness.models import AnnualReportPage, Fulfilment, GuidePage
from tests.conftest import empty_database
from tests.factories.pages import column, publish_article, publish_document
from tests.factories.sites import copied_sites
from theming.catalogue import catalogue

MOST_QUERIES = 15
ENTRIES = [
    ("政府信息公开指南", "/zfxxgk/zhinan/"),
    ("政府信息公开制度", "/zfxxgk/zhidu/"),
    ("法定主动公开内容", "/zfxxgk/fdzdgk/"),
    ("政府信息公开年报", "/zfxxgk/nianbao/"),
    ("依申请公开", "/zfxxgk/ysqgk/"),
]
PLACES = ["/zfxxgk/", *(url for _, url in ENTRIES)]
TREE = "/zfxxgk/fdzdgk/"
Sites = dict[str, TenantRef]


@pytest.fixture(scope="module")
def sites(module_database: None) -> Sites:
    empty_database()
    return {site.slug: site for site in copied_sites("taiyuan", "xiaodian", "jyj")}


def get(site: TenantRef, path: str) -> str:
    response = Client(headers={"host": site.primary_domain}).get(path)
    assert response.status_code == 200
    return response.content.decode()


def menu_of(html: str) -> list[tuple[str, str]]:
    """Return the entries at the left, without the tree."""
    menu = re.sub(r"<details.*?</details>", "", html[html.index('<nav class="openness-menu"') :].partition("</nav>")[0], flags=re.DOTALL)
    return [(title, url) for url, title in re.findall(r'<a href="([^"]+)"[^>]*>.*?<span>([^<]+)</span></a>', menu, re.DOTALL)]


def rows_of(html: str) -> list[list[str]]:
    """Return the field each entry of the catalogue's table stands below, and its cells, as text."""
    rows: list[list[str]] = []
    for body in re.findall(r"<tbody.*?</tbody>", html, re.DOTALL):
        field, *entries = (
            [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.DOTALL)]
            for row in re.findall(r"<tr[^>]*>(.*?)</tr>", body, re.DOTALL)
        )
        rows += [[*field, *cells] for cells in entries]
    return rows


def add(parent: str, page: GuidePage | AnnualReportPage) -> None:
    with transaction.atomic():
        column(parent).add_child(instance=page)
        page.save_revision().publish()


@pytest.mark.parametrize("theme", ["base", "vermilion", "azure"])
@pytest.mark.parametrize("slug", ["taiyuan", "xiaodian", "jyj"])
def test_each_home_page_shows_the_five_entries_in_order_in_every_theme(sites: Sites, slug: str, theme: str) -> None:
    """S31: the column is on the home page of every blueprint in every theme, at one place and in one order."""
    Tenant.objects.filter(slug=slug).update(theme=theme)
    forget_directory()

    html = get(sites[slug], "/")

    section = html[html.index('<section class="openness"') :].partition("</section>")[0]
    assert re.findall(r'<a href="([^"]+)">.*?<span>([^<]+)</span>', section, re.DOTALL) == [(url, title) for title, url in ENTRIES]
    assert set(catalogue().themes) == {"base", "vermilion", "azure"}


@pytest.mark.parametrize("path", PLACES)
@pytest.mark.parametrize("slug", ["taiyuan", "xiaodian", "jyj"])
def test_every_part_stands_in_the_same_frame(sites: Sites, slug: str, path: str) -> None:
    """S32: one template for all organs, its own search box, the four parts in order and the application below them."""
    html = get(sites[slug], path)

    assert menu_of(html) == ENTRIES
    assert html.count("<h1") == 1
    form = html[html.index('<form class="openness-search"') :].partition("</form>")[0]
    assert 'action="/search/"' in form
    assert '<input type="hidden" name="tab" value="openness">' in form
    assert '<input type="hidden" name="scope" value="site">' in form


def test_the_portal_lists_the_platforms_of_its_organs_where_they_are(sites: Sites) -> None:
    """61号: the government's platform leads to each organ's own; one that moved is found where it was measured last."""
    before = get(sites["taiyuan"], "/zfxxgk/")
    empty = dict.fromkeys(("columns", "blank", "overdue", "due_soon", "entries", "fulfilled", "late"), 0)
    note_standing(Standing(tenant_uuid=sites["jyj"].uuid, measured_at="2026-01-01T00:00Z", platform_path="/xxgk/", **empty))

    after = get(sites["taiyuan"], "/zfxxgk/")

    Standing.objects.all().delete()
    county, organ = (f"http://{sites[slug].primary_domain}" for slug in ("xiaodian", "jyj"))
    assert re.findall(rf'<a href="({county}[^"]*|{organ}[^"]*)">[^<]+</a></li>', before)[-2:] == [
        f"{organ}:8000/zfxxgk/" if ":8000" in before else f"{organ}/zfxxgk/",
        f"{county}:8000/zfxxgk/" if ":8000" in before else f"{county}/zfxxgk/",
    ]
    assert "/xxgk/" not in before
    assert "/xxgk/" in after
    assert "政府信息公开</h2>" not in get(sites["xiaodian"], "/zfxxgk/").replace('class="openness-title">政府信息公开</h2>', "")


def test_the_statutory_tree_depends_on_the_level(sites: Sites) -> None:
    """条例 art. 20, 21: a city has 15 + 7 entries; a county's site shows those of its townships too, and the subset alone if asked."""
    city, county = (rows_of(get(sites[slug], TREE)) for slug in ("taiyuan", "xiaodian"))
    townships = rows_of(get(sites["xiaodian"], TREE + "?level=township"))

    assert len(city) == 22
    assert len(county) == 30
    assert len(townships) == 23
    assert [row[1] for row in townships[15:]] == [
        "贯彻落实农业农村政策",
        "农田水利工程建设运营",
        "农村土地承包经营权流转",
        "宅基地使用情况审核",
        "土地征收",
        "房屋征收",
        "筹资筹劳",
        "社会救助",
    ]


def test_the_standard_catalogue_has_26_fields_and_marked_samples(sites: Sites) -> None:
    """S11: the 26 fields; rows that are none of the official ones say so; the township subset leaves out what is the county's alone."""
    county = rows_of(get(sites["xiaodian"], TREE + "?catalogue=standard"))
    townships = rows_of(get(sites["xiaodian"], TREE + "?catalogue=standard&level=township"))
    one_field = rows_of(get(sites["xiaodian"], TREE + "?catalogue=standard&field=财政预决算"))

    assert len({row[0] for row in county}) == 26
    assert len(county) == 32
    assert len(townships) == 29
    assert [row[1] for row in one_field] == ["财政预决算", "政府预算、决算（样例）", "部门预算、决算（样例）"]
    assert all("（样例）" in row[1] for row in county if row[1] != row[0])
    assert 'value="standard"' not in get(sites["taiyuan"], TREE)


def test_an_entry_leads_to_its_columns_and_texts(sites: Sites) -> None:
    """S33: each entry knows the columns that fulfil it by type, says its basis and lists their texts."""
    with in_schema_of(sites["xiaodian"]):
        page = publish_document("停车管理办法", slug="parking", doc_no="小政发〔2026〕1号")

    html = get(sites["xiaodian"], TREE + "?item=20-01")

    assert "《中华人民共和国政府信息公开条例》第二十条第（一）项" in html
    columns = html[html.index('class="openness-columns"') :].partition("</ul>")[0]
    assert re.findall(r'href="([^"]+)"', columns) == ["/zwgk/", "/zwgk/zcwj/", "/zwgk/flfg/"]
    assert html.count('href="/zwgk/zcwj/parking/"') == 1
    assert "小政发〔2026〕1号" in html
    row = next(row for row in rows_of(get(sites["xiaodian"], TREE)) if row[1] == "法规规章和规范性文件")
    assert (row[2], row[4]) == ("1 条", "正常")
    with in_schema_of(sites["xiaodian"]), transaction.atomic():
        page.delete()


def test_the_guide_shows_what_article_12_names_and_what_is_missing(sites: Sites) -> None:
    """条例 art. 12: eight fields, the missing ones in words, on the column and on the page; the editor is told."""
    with in_schema_of(sites["xiaodian"]):
        guide = GuidePage(title="公开指南（样例）", slug="guide", office="样例办公室", phone="0351-0000000", fees="不收费。", live=False)
        add("zhinan", guide)

    for path in ("/zfxxgk/zhinan/", "/zfxxgk/zhinan/guide/"):
        html = get(sites["xiaodian"], path)
        table = html[html.index('class="facts openness-facts"') :].partition("</table>")[0]
        facts = re.findall(r'role="rowheader">([^<]+)</th><td role="cell">([^<]+)</td>', table)
        assert facts == [
            ("分类、编排体系", "尚未填写"),
            ("获取方式", "尚未填写"),
            ("工作机构名称", "样例办公室"),
            ("办公地址", "尚未填写"),
            ("办公时间", "尚未填写"),
            ("联系电话", "0351-0000000"),
            ("传真号码", "尚未填写"),
            ("互联网联系方式", "尚未填写"),
            ("收费说明", "不收费。"),
        ]
        assert menu_of(html) == ENTRIES
    assert guide.missing == ["分类、编排体系", "获取方式", "办公地址", "办公时间", "传真号码", "互联网联系方式"]
    assert guide.search_text().splitlines()[:2] == ["工作机构名称：样例办公室", "联系电话：0351-0000000"]


def test_reports_are_listed_by_year_with_all_past_years(sites: Sites) -> None:
    """条例 art. 50: every year's report stays, the own and those of other organs, the newest year first."""
    with in_schema_of(sites["xiaodian"]):
        for year, organ in ((2019, ""), (2021, "样例局"), (2020, ""), (2021, "")):
            title = f"{organ}{year}年政府信息公开工作年度报告（样例）"
            add("nianbao", AnnualReportPage(title=title, slug=f"r{year}{'b' * bool(organ)}", year=year, organ=organ, live=False))

    html = get(sites["xiaodian"], "/zfxxgk/nianbao/")

    assert re.findall(r'class="section-title">(\d{4}) 年度', html) == ["2021", "2020", "2019"]
    assert re.findall(r'<p class="row-facts">([^<]+)</p>', html) == [
        sites["xiaodian"].name,
        "样例局",
        sites["xiaodian"].name,
        sites["xiaodian"].name,
    ]
    assert "其他</h2>" not in html


@pytest.mark.usefixtures("known_sites")
def test_what_is_restricted_or_not_live_is_neither_counted_nor_listed(sites: Sites) -> None:
    with in_schema_of(sites["taiyuan"]), transaction.atomic():
        publish_document("公开的办法", slug="open")
        draft = publish_document("撤下的办法", slug="gone")
        draft.unpublish()
        column("flfg").add_child(instance=type(draft)(title="内部的办法", slug="inner", live=True))
        lock = PageViewRestriction.objects.create(page=column("flfg"), restriction_type="login")

    row = next(row for row in rows_of(get(sites["taiyuan"], TREE)) if row[1] == "法规规章和规范性文件")
    entry = get(sites["taiyuan"], TREE + "?item=20-01")

    assert row[2] == "1 条"
    assert "公开的办法" in entry
    assert "撤下的办法" not in entry
    assert "内部的办法" not in entry
    with in_schema_of(sites["taiyuan"]), transaction.atomic():
        lock.delete()


def queries_of(site: TenantRef, path: str) -> int:
    """Return how many queries a page needs, without those that are asked now and then, such as for the registry's version."""
    counts = []
    for _ in range(3):
        with CaptureQueriesContext(connection) as captured:
            get(site, path)
        counts.append(len(captured))
    return min(counts)


@pytest.mark.usefixtures("known_sites")
def test_queries_do_not_grow(sites: Sites) -> None:
    site = sites["jyj"]
    paths = [*PLACES, TREE + "?item=20-01", TREE + "?item=20-03"]
    with in_schema_of(site), transaction.atomic():
        publish_document("办法", slug="one")
        for parent in ("zhidu", "ysqgk", "zhinan", "nianbao"):
            publish_article("文", slug="one", parent=parent)
        Fulfilment.objects.create(kind="statutory", code="20-03", page_id=column("yaowen").pk)
        publish_article("要闻", slug="one")
    few = {path: queries_of(site, path) for path in paths}
    with in_schema_of(site), transaction.atomic():
        for number in range(8):
            publish_document(f"办法{number}", slug=f"q{number}")
            publish_article(f"制度{number}", slug=f"q{number}", parent="zhidu")
            publish_article(f"要闻{number}", slug=f"q{number}")
        for parent in ("zcwj", "tzgg", "zwgk"):
            Fulfilment.objects.create(kind="statutory", code="20-03", page_id=column(parent).pk)

    many = {path: queries_of(site, path) for path in paths}

    assert many == few
    assert max(many.values()) <= MOST_QUERIES


def test_the_seeded_editions_say_what_they_rest_on(sites: Sites) -> None:
    editions = {row.kind: row for row in catalogues.editions()}

    assert "国令第711号" in editions[Kind.STATUTORY].source
    assert "国办发〔2019〕54号" in editions[Kind.STANDARD].source
    assert len(catalogues.items(editions[Kind.STATUTORY], level=Level.TOWNSHIP)) == 23
