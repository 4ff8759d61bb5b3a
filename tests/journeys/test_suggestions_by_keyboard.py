"""Somebody types and chooses a suggestion without touching a mouse; a screen reader is told all of it; a click is counted.

`SCREENSHOTS=folder` keeps pictures of the open list.
"""

import os
import time
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db import connection
from playwright.sync_api import Browser, Locator, Page, Route, expect

from outbox.models import Event
from registry.contract import TenantRef
from search.contract import Tab
from search.models import ClickRecord, SuggestionSource
from tests.factories.documents import document, publish
from tests.factories.indices import SearchIndex
from tests.factories.sites import open_sites
from tests.plugins.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.elasticsearch]
TITLES = ("公租房申请指南", "公园管理办法", "公共交通票价公告", "公司登记办事指南")
AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"

CHOSEN = """e => e.getAttribute('aria-activedescendant')
    && document.getElementById(e.getAttribute('aria-activedescendant')).textContent"""


@pytest.fixture(scope="module")
def sites(server: Server) -> list[TenantRef]:
    found = open_sites("taiyuan", "xiaodian")
    for site in found:
        publish(*[document(site, 900_000 + place, title=title, body=f"正文{place}") for place, title in enumerate(TITLES)])
        publish(document(site, 900_100, title="犬只登记", body="第一条　携犬只到窗口。\n第二条　登记当场办结。", tab=Tab.SERVICE))
        publish(document(site, 900_101, title="城市管理条例", body="第一条　为了城市。\n第二条　犬只应当登记。"))
    deadline = time.monotonic() + 20
    while Event.objects.exists() or not SuggestionSource.objects.exists():  # the server's own relay carries them
        assert time.monotonic() < deadline, server.said()[-2000:]
        time.sleep(0.1)
    SearchIndex().refresh()
    return found


@pytest.fixture
def tab(browser: Browser) -> Page:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="zh-CN", user_agent=AGENT)
    return context.new_page()


def options(page: Page) -> Locator:
    return page.locator(".suggestions [role=option]")


def listed(page: Page) -> list[str]:
    return options(page).all_inner_texts()


def chosen(page: Page, box: str) -> str | None:
    marked: str | None = page.locator(box).evaluate(CHOSEN)
    return marked


def keep_picture(page: Page, name: str) -> None:
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=str(Path(folder) / f"{name}.png"))


@pytest.mark.parametrize(
    "case",  # one site of each theme, both boxes, both widths
    [
        ("taiyuan", "/", "#q-header", 1280),
        ("taiyuan", "/search/", "#q-page", 320),
        ("xiaodian", "/", "#q-header", 320),
        ("xiaodian", "/search/", "#q-page", 1280),
    ],
)
def test_the_open_list_is_accessible_and_fits(tab: Page, server: Server, sites: list[TenantRef], case: tuple[str, str, str, int]) -> None:
    host, path, box, width = case
    faults: list[str] = []
    tab.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    tab.set_viewport_size({"width": width, "height": 800})
    tab.goto(server.url(f"{host}.localhost", path))
    tab.locator(box).press_sequentially("gong")
    expect(options(tab)).to_have_count(4)
    tab.keyboard.press("ArrowDown")

    found = Axe().run(tab)

    assert found.response["violations"] == []
    assert tab.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    assert faults == []
    keep_picture(tab, f"suggestions-{host}-{box[1:]}-{width}")
    tab.context.close()


def test_keys_alone_lead_to_the_result(tab: Page, server: Server, sites: list[TenantRef]) -> None:
    tab.goto(server.url("xiaodian.localhost", "/search/"))
    box = tab.get_by_role("combobox", name="搜索词")
    box.focus()
    tab.keyboard.type("公", delay=20)
    expect(options(tab)).to_have_count(4)
    assert box.get_attribute("aria-expanded") == "true"
    assert tab.get_by_role("listbox", name="搜索建议").is_visible()
    expect(tab.locator("form.search-form-page [role=status]")).to_have_text("有 4 条搜索建议，按上下键选择")
    assert chosen(tab, "#q-page") is None

    names = listed(tab)
    tab.keyboard.press("ArrowDown")
    assert (chosen(tab, "#q-page"), box.input_value()) == (names[0], names[0])
    tab.keyboard.press("ArrowUp")
    assert (chosen(tab, "#q-page"), box.input_value()) == (None, "公")
    tab.keyboard.press("ArrowUp")
    assert chosen(tab, "#q-page") == names[-1]
    tab.keyboard.press("Escape")
    assert (box.input_value(), box.get_attribute("aria-expanded")) == ("公", "false")
    tab.keyboard.press("ArrowDown")
    tab.keyboard.press("Home")
    assert chosen(tab, "#q-page") is None
    assert box.evaluate("e => e.selectionStart") == 0
    tab.keyboard.press("End")
    tab.keyboard.press("ArrowDown")
    tab.keyboard.press("Enter")

    tab.wait_for_url("**/search/?*")
    assert parse_qs(urlsplit(tab.url).query)["q"] == [names[0]]
    expect(tab.locator(".hits")).to_contain_text(names[0])


def test_enter_without_a_choice_searches_for_what_was_typed(tab: Page, server: Server, sites: list[TenantRef]) -> None:
    tab.goto(server.url("xiaodian.localhost"))
    tab.locator("#q-header").press_sequentially("公园")
    expect(options(tab)).to_have_count(1)

    tab.keyboard.press("Enter")

    tab.wait_for_url("**/search/?*")
    assert parse_qs(urlsplit(tab.url).query)["q"] == ["公园"]


def test_it_waits_for_the_typing_to_pause(tab: Page, server: Server, sites: list[TenantRef]) -> None:
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url) if "/suggest/" in request.url else None)
    tab.clock.install(time=1_700_000_000)  # the page's clock stands while we type, however busy the machine is
    tab.goto(server.url("xiaodian.localhost", "/search/"))
    tab.clock.pause_at(1_700_000_600)

    for letters in "公园管理":
        tab.locator("#q-page").press_sequentially(letters)
        tab.clock.run_for(149)
    assert asked == []
    tab.clock.run_for(1)

    expect(options(tab)).to_have_text(["公园管理办法"])
    assert [parse_qs(urlsplit(url).query)["q"] for url in asked] == [["公园管理"]]
    tab.keyboard.press("Tab")
    assert not tab.get_by_role("listbox").is_visible()


def test_an_older_answer_never_replaces_a_newer_one(tab: Page, server: Server, sites: list[TenantRef]) -> None:
    held: list[Route] = []
    first = "**/suggest/?q=" + quote("公") + "&*"
    tab.route(first, lambda route: held.append(route))  # noqa: PLW0108 - a builtin cannot be its handler
    tab.goto(server.url("xiaodian.localhost", "/search/"))
    with tab.expect_request(first):
        tab.locator("#q-page").press_sequentially("公")

    tab.locator("#q-page").press_sequentially("园")
    expect(options(tab)).to_have_text(["公园管理办法"])
    held[0].continue_()
    tab.unroute_all(behavior="wait")

    expect(options(tab)).to_have_text(["公园管理办法"])


def test_without_scripts_the_box_is_a_plain_form(browser: Browser, server: Server, sites: list[TenantRef]) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(server.url("xiaodian.localhost", "/search/"))

    page.locator("#q-page").fill("公园")
    page.locator("#q-page").press("Enter")

    assert page.locator("#q-page").get_attribute("role") is None
    assert "公园管理办法" in page.locator(".hits").inner_text()
    page.context.close()


def clicks_of(tab: Page, server: Server, query: str, link: str) -> list[tuple[int, str]]:
    """Open what is found for a query and return the clicks recorded of it: rank and document."""
    tab.goto(server.url("xiaodian.localhost", f"/search/?q={quote(query)}"))
    with tab.expect_request("**/search/click/") as told:
        tab.locator(link).first.click()
    response = told.value.response()
    assert response is None or response.status == 204
    tab.wait_for_timeout(2100)  # the end of a later request writes what waits

    found = ClickRecord.objects.filter(search__text=query)
    for _ in range(20):
        tab.goto(server.url("xiaodian.localhost"))
        if found.exists():
            break
        tab.wait_for_timeout(200)
    connection.close()
    return list(found.values_list("rank", "document"))


@pytest.mark.parametrize(
    "case",
    [
        ("公园管理", ".hits a[data-result]", 900_001),
        ("犬只登记怎么办理", ".services a[data-result]", 900_100),  # a card above the hits
        ("城市管理条例第二条", ".hits .hit-article a", 900_101),  # an article of a hit
    ],
    ids=["a hit", "a service card", "an article"],
)
def test_an_opened_result_is_one_click_and_counted_once(
    tab: Page, server: Server, sites: list[TenantRef], case: tuple[str, str, int]
) -> None:
    site, (query, link, number) = sites[1], case

    assert clicks_of(tab, server, query, link) == [(1, document(site, number).key)]
    tab.goto(server.url("xiaodian.localhost", f"/search/?q={quote(query)}"))
    assert urlsplit(tab.locator(link).first.get_attribute("href") or "").path != "/search/click/"


def test_nothing_on_the_results_page_moves_while_it_is_read(browser: Browser, server: Server, sites: list[TenantRef]) -> None:
    page = browser.new_context(viewport={"width": 360, "height": 740}, locale="zh-CN").new_page()
    page.add_init_script(
        "window.moved = 0; new PerformanceObserver(list => list.getEntries().forEach("
        "each => { if (!each.hadRecentInput) window.moved += each.value; })).observe({type: 'layout-shift', buffered: true});"
    )
    page.goto(server.url("xiaodian.localhost", f"/search/?q={quote('公园管理')}&scope=city"), wait_until="networkidle")
    page.evaluate("document.fonts.ready")
    page.wait_for_timeout(500)

    assert page.locator(".hits .hit").count() >= 1
    assert page.evaluate("window.moved") < 0.1

    page.evaluate("() => { const first = document.createElement('p'); first.style.height = '400px'; document.body.prepend(first); }")
    for _ in range(20):
        page.wait_for_timeout(100)
        if page.evaluate("window.moved") >= 0.1:
            break
    assert page.evaluate("window.moved") >= 0.1  # the measure can see what it is for
    page.context.close()
