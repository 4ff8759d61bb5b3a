"""Every sample page in a real browser: axe finds nothing, nothing overflows a phone, and the comforts work."""

import re
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from playwright.sync_api import Browser, Page, Route, ViewportSize

from tests.factories import gallery
from theming.catalogue import catalogue

pytestmark = [pytest.mark.long, pytest.mark.browser]

THEMES = ("vermilion", "azure")
WIDE, NARROW = ViewportSize(width=1280, height=800), ViewportSize(width=320, height=800)
LOOKS = {"as it is": {}, "large": {"size": "large"}, "contrast": {"contrast": "more"}}  # what site.js sets on the root element
LOOK_SO = """look => { for (const name of ["size", "contrast"]) delete document.documentElement.dataset[name];
  Object.assign(document.documentElement.dataset, look) }"""
SHEET = ViewportSize(width=612, height=971)  # A4 within the margins of `@page`
CUT_OFF = """() => [...document.querySelectorAll("main *")]
  .filter(e => e.checkVisibility() && getComputedStyle(e).display !== "inline" && !e.closest(".visually-hidden, thead"))
  .filter(e => e.clientWidth && e.scrollWidth > e.clientWidth + 1).map(e => e.className || e.tagName)"""
AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
VIOLATIONS = """async rules => (await axe.run(document, {resultTypes: ["violations"], rules})).violations
  .map(rule => [rule.id, rule.nodes.slice(0, 3).map(node => node.html.slice(0, 120))])"""
# Large text has the colours that were measured when it was small, where more is asked of them; measuring takes most of axe's time.
NOT_AGAIN = {"large": {"color-contrast": {"enabled": False}}}
HOST = "http://gallery.test"
SMALL_TARGETS = """() => [...document.querySelectorAll("a, button, summary, select, input:not([type=hidden])")]
  .filter(e => e.checkVisibility({visibilityProperty: true}) && !e.closest(".prose, .notice, .footer-facts, .document-source, .skip"))
  .map(e => [e.className || e.textContent.trim().slice(0, 20), e.getBoundingClientRect().height])
  .filter(([, height]) => height > 0 && height < 43.5)"""


@pytest.fixture(scope="module")
def tab(browser: Browser) -> Iterator[tuple[Page, list[str]]]:
    """One tab for all tests of a worker, with the faults its pages reported; requests are answered from the gallery."""
    opened = browser.new_page()
    faults: list[str] = []
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    opened.route("**/*", _answer)
    yield opened, faults
    opened.close()


@pytest.fixture
def page(tab: tuple[Page, list[str]]) -> Iterator[Page]:
    """The tab at its first size and with no choice remembered; a script error or a refused file fails the test."""
    opened, faults = tab
    faults.clear()
    opened.set_viewport_size(WIDE)
    opened.emulate_media(media="screen")
    yield opened
    opened.evaluate("localStorage.clear()")
    assert faults == []


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("sample", gallery.page_samples(), ids=str)
def test_axe_finds_nothing_and_nothing_overflows(page: Page, sample: gallery.Sample, theme: str) -> None:
    """Each page in each theme: as it is, in large text, in high contrast, and on a phone; on a phone nothing overflows in any of these."""
    _open(page, sample.template, sample.state, theme)
    found: dict[str, Any] = {}
    for name, look in LOOKS.items():
        page.evaluate(LOOK_SO, look)
        found[name] = (_violations(page, NOT_AGAIN.get(name, {})), _overflow(page))
    page.set_viewport_size(NARROW)
    for name, look in reversed(LOOKS.items()):
        page.evaluate(LOOK_SO, look)
        found[f"phone, {name}"] = ([], _overflow(page))
    found["phone, as it is"] = (_violations(page), _overflow(page))
    small = page.evaluate(SMALL_TARGETS)
    page.set_viewport_size(WIDE)

    assert found == {name: ([], 0) for name in found}
    assert small + page.evaluate(SMALL_TARGETS) == []


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("choice", ["大字", "高对比"])
@pytest.mark.parametrize("template", ["pages/home_page.html", "pages/document_page.html", "search/results.html"])
def test_the_chosen_comfort_is_remembered_and_accessible(page: Page, template: str, choice: str, theme: str) -> None:
    _open(page, template, "usual", theme)
    page.get_by_role("button", name=choice).first.click()

    page.reload()

    assert page.get_by_role("button", name=choice).first.get_attribute("aria-pressed") == "true"
    assert _violations(page) == []
    page.set_viewport_size({"width": 320, "height": 800})
    assert _overflow(page) == 0


def test_the_stylesheets_are_in_force(page: Page) -> None:
    _open(page, "pages/home_page.html", "usual", "vermilion")

    assert page.locator(".menu").evaluate("e => getComputedStyle(e).backgroundColor") == "rgb(169, 32, 25)"
    assert page.locator("html").evaluate("e => e.scrollHeight") < 2600


def test_without_scripts_the_menu_and_all_lists_are_there(browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 320, "height": 800})
    opened = context.new_page()
    opened.route("**/*", _answer)

    _open(opened, "pages/column_page.html", "usual", "vermilion")

    assert opened.locator("#menu a").count() == 7
    assert all(opened.locator("#menu a").nth(place).is_visible() for place in range(7))
    assert not opened.locator(".menu-toggle").is_visible()
    assert not opened.locator("[data-toggle]").first.is_visible()
    assert opened.locator(".row").count() == 8
    context.close()


def test_the_narrow_menu_opens_and_closes_by_keyboard(page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 800})
    _open(page, "pages/column_page.html", "usual", "azure")
    toggle = page.get_by_role("button", name="栏目导航")

    assert not page.locator("#menu").is_visible()
    toggle.focus()
    page.keyboard.press("Enter")
    assert page.locator("#menu").is_visible()
    assert toggle.get_attribute("aria-expanded") == "true"
    assert _violations(page) == []
    page.keyboard.press("Enter")
    assert not page.locator("#menu").is_visible()


def test_the_list_of_sites_closes_with_escape_and_gives_the_focus_back(page: Page) -> None:
    _open(page, "pages/home_page.html", "usual", "vermilion")
    page.locator(".sites summary").click()
    assert page.locator(".sites-panel").is_visible()
    assert _violations(page) == []

    page.keyboard.press("Escape")

    assert not page.locator(".sites-panel").is_visible()
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_the_first_tab_stop_leads_to_the_text(page: Page) -> None:
    _open(page, "pages/article_page.html", "usual", "vermilion")

    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "跳到正文"
    page.keyboard.press("Enter")

    assert page.evaluate("document.activeElement.id") == "content"


@pytest.mark.parametrize("template", ["pages/article_page.html", "search/results.html"])
def test_the_text_is_read_aloud_and_stops_when_pressed_again(page: Page, template: str) -> None:
    _open(page, template, "usual", "azure")
    page.evaluate("window.said = []; speechSynthesis.speak = words => said.push([words.lang, words.text]); 0")
    page.evaluate("window.stopped = 0; speechSynthesis.cancel = () => { stopped += 1 }; 0")
    button = page.get_by_role("button", name="朗读")

    button.click()
    said = page.evaluate("said")
    assert button.get_attribute("aria-pressed") == "true"
    assert said[0] == ["zh-CN", " ".join(page.locator("main h1").first.inner_text().split())]
    assert len(said) > 5
    assert "首页" not in {text for _, text in said[:1]}
    assert _violations(page) == []
    button.click()
    assert button.get_attribute("aria-pressed") == "false"
    assert page.evaluate("[said.length, stopped]") == [len(said), 2]


def test_paper_shows_the_text_and_not_the_navigation(page: Page) -> None:
    _open(page, "pages/document_page.html", "usual", "vermilion")

    page.emulate_media(media="print")

    assert not page.locator(".menu").is_visible()
    assert not page.locator(".contents").is_visible()
    assert page.locator("#art-1").is_visible()


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(
    ("template", "state"),
    [
        ("pages/document_page.html", "usual"),
        ("pages/article_page.html", "every_block"),
        ("services/service_page.html", "usual"),
        ("pages/column_page.html", "openness_catalogue"),
    ],
)
def test_paper_cuts_nothing_off(page: Page, template: str, state: str, theme: str) -> None:
    """On paper nobody can scroll: what is wider than a sheet within its margins would be lost."""
    page.set_viewport_size(SHEET)
    _open(page, template, state, theme)

    page.emulate_media(media="print")

    assert _overflow(page) == 0
    assert page.evaluate(CUT_OFF) == []
    assert page.locator(".footer").evaluate("e => getComputedStyle(e).breakInside") == "avoid"


def _open(page: Page, template: str, state: str, theme: str) -> None:
    page.goto(f"{HOST}/page/{theme}/{state}/{template}")


def _answer(route: Route) -> None:
    path = re.sub(r"[?#].*", "", route.request.url.removeprefix(HOST))
    if path.startswith("/static/"):
        route.fulfill(path=finders.find(path.removeprefix("/static/")))
    elif path.startswith("/-/theme/"):
        name = path.removeprefix("/-/theme/").partition(".")[0]
        route.fulfill(body=catalogue().stylesheet(name).css, content_type="text/css")
    elif path.startswith("/-/gallery/"):
        route.fulfill(path=catalogue().root / "base" / "gallery" / path.removeprefix("/-/gallery/"))
    elif path.endswith(".vtt"):
        route.fulfill(body="WEBVTT\n", content_type="text/vtt")  # a film's captions are fetched with the page, the film is not
    elif path.startswith("/page/"):
        theme, state, template = path.removeprefix("/page/").split("/", 2)
        policy = {"Content-Security-Policy": "default-src 'self'"}
        route.fulfill(body=gallery.rendered(template, state, theme), content_type="text/html; charset=utf-8", headers=policy)
    else:
        route.fulfill(status=404)


def _violations(page: Page, rules: dict[str, Any] | None = None) -> list[tuple[str, list[str]]]:
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    found: list[tuple[str, list[str]]] = page.evaluate(VIOLATIONS, rules or {})
    return found


def _overflow(page: Page) -> int:
    width: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return width
