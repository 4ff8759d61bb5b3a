"""Every kind of page of a site in a browser with scripts off: complete, and nothing is asked of any other host."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from registry.contract import TenantRef
from tests.factories import kinds
from tests.factories.sites import open_sites
from tests.plugins.server import Server

pytestmark = [pytest.mark.long, pytest.mark.browser, pytest.mark.elasticsearch]
LEAST_WORDS = 10  # of the main part, beyond spaces; the barest page says that there is nothing yet
LEFT = "net::ERR_ABORTED"  # what the browser itself no longer wants, since the reader went on to the next page: an icon, say
PLACES = re.compile(r"""(?:src|srcset|poster|data|action)=["'](?:https?:)?//([^/"':]+)""")


@dataclass
class Reader:
    """A tab, and what it asked of whom."""

    tab: Page
    host: str
    foreign: list[str] = field(default_factory=list)
    broken: list[tuple[str, int]] = field(default_factory=list)


@pytest.fixture(scope="module")
def site(server: Server) -> tuple[TenantRef, dict[str, str]]:
    opened, *_ = open_sites("xiaodian", "taiyuan")
    return opened, kinds.publish_every_kind(opened)


@pytest.fixture(params=[False, True], ids=["scripts off", "scripts on"])
def reader(browser: Browser, site: tuple[TenantRef, dict[str, str]], request: Any) -> Iterator[Reader]:
    """A tab that reaches one host alone: what asks for another is refused and noted."""
    context = browser.new_context(java_script_enabled=request.param, viewport={"width": 1280, "height": 900}, locale="zh-CN")
    made = Reader(context.new_page(), site[0].primary_domain)

    def answer(route: Route) -> None:
        if urlsplit(route.request.url).hostname == made.host:
            route.continue_()
        else:
            made.foreign.append(route.request.url)
            route.abort()

    context.route("**/*", answer)
    context.on("response", lambda response: made.broken.append((response.url, response.status)) if response.status >= 400 else None)
    context.on("requestfailed", lambda failed: made.broken.append((failed.url, 0)) if failed.failure != LEFT else None)
    yield made
    context.close()


def test_every_kind_of_page_is_whole_and_asks_nothing_of_other_hosts(
    reader: Reader, server: Server, site: tuple[TenantRef, dict[str, str]]
) -> None:
    _, paths = site
    shown: dict[str, tuple[Any, ...]] = {}

    for kind, path in paths.items():
        reader.tab.goto(server.url(reader.host, path))
        main = reader.tab.locator("main")
        said = re.sub(r"\s", "", main.inner_text())
        shown[kind] = (reader.tab.locator("h1").count(), len(said) >= LEAST_WORDS, PLACES.findall(reader.tab.content()))

    assert shown == dict.fromkeys(paths, (1, True, []))
    assert reader.foreign == []
    assert reader.broken == []


def test_a_reader_without_scripts_goes_from_the_home_page_to_a_file_and_searches(
    browser: Browser, server: Server, site: tuple[TenantRef, dict[str, str]]
) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 320, "height": 800}, locale="zh-CN")
    tab = context.new_page()
    try:
        tab.goto(server.url(site[0].primary_domain))
        tab.locator("#menu").get_by_role("link", name="政务公开", exact=True).click()
        tab.get_by_role("main").get_by_role("link", name="停车管理办法", exact=True).first.click()
        expect(tab.locator("#art-2")).to_be_visible()
        with tab.expect_download() as download:
            tab.get_by_role("link", name="停车场名录").click()
        assert download.value.suggested_filename.startswith("list")
        tab.get_by_role("searchbox").first.fill("停车")
        tab.get_by_role("searchbox").first.press("Enter")
        expect(tab).to_have_url(re.compile(rf"^{re.escape(server.url(site[0].primary_domain, '/search/?'))}"))
        expect(tab.get_by_role("main")).to_contain_text("停车")
    finally:
        context.close()
