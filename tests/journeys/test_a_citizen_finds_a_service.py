"""Somebody wants to open a business on a small phone without JavaScript: search, guide, materials, window, form.

`SCREENSHOTS=folder` keeps pictures.
"""

import os
import time
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from outbox.models import Event
from registry.contract import TenantRef
from registry.schemas import in_schema_of
from tests.factories import guides
from tests.factories.indices import SearchIndex
from tests.factories.pages import publish_article
from tests.factories.sites import open_sites
from tests.plugins.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.elasticsearch]


@pytest.fixture(scope="module")
def site(server: Server) -> TenantRef:
    (tenant,) = open_sites("xiaodian")
    with in_schema_of(tenant):
        form = guides.file("设立登记申请书（样例）", "form.txt", "申请书样例".encode())
        guides.publish_guide("企业开办一次办（样例）", form=form, summary="设立登记、公章刻制、发票领用一次提交。", code="SAMPLE-1")
        guides.publish_guide("新生儿落户（样例）", slug="birth", audiences=["person"], events=["birth"], organ_name="样例公安分局")
        publish_article("企业开办政策提示（样例）", parent="bsfw")
        account = guides.publish_account("样例发布", account_id="sample")
        guides.post(account, "2026-11-20")
    deadline = time.monotonic() + 30
    while Event.objects.exists():  # the server's own relay carries them
        assert time.monotonic() < deadline, server.said()[-2000:]
        time.sleep(0.1)
    SearchIndex().refresh()
    return tenant


def keep_picture(page: Page, name: str) -> None:
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=str(Path(folder) / f"services-{name}.png"), full_page=True)


def test_a_business_is_opened_on_a_small_phone_without_scripts(browser: Browser, server: Server, site: TenantRef) -> None:
    """S21: found by search, read as tables, the form taken home."""
    page = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 740}, locale="zh-CN").new_page()
    page.goto(server.url("xiaodian.localhost"))
    page.locator("#q-header").fill("企业开办")
    page.locator("#q-header").press("Enter")

    card = page.locator(".service").first
    expect(card.locator("dl")).to_contain_text("设立登记申请书、住所使用证明")
    expect(card.locator("dl")).to_contain_text("1 个工作日")
    expect(card.get_by_role("link", name="在线办理")).to_have_attribute("href", "https://zw.example/kaiban")
    keep_picture(page, "card-360")
    card.get_by_role("link", name="查看办事指南").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("企业开办一次办（样例）")
    page.get_by_label("本页内容").get_by_role("link", name="办理材料").click()
    assert page.url.endswith("/bsfw/guide/#materials")
    expect(page.locator("#windows")).to_contain_text("示例路1号一层")
    keep_picture(page, "guide-360")
    with page.expect_download() as download:
        page.locator("#materials").get_by_role("link", name="空白表格").click()
    assert Path(download.value.path()).read_text(encoding="utf-8") == "申请书样例"
    page.context.close()


def test_the_column_leads_there_by_choosing(browser: Browser, server: Server, site: TenantRef) -> None:
    page = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 740}, locale="zh-CN").new_page()
    page.goto(server.url("xiaodian.localhost", "/bsfw/"))
    keep_picture(page, "column-360")

    page.get_by_label("企业生命周期").get_by_role("link", name="企业开办").click()

    expect(page.locator(".service-row .row-title")).to_have_text(["企业开办一次办（样例）"])
    page.context.close()


@pytest.mark.parametrize("path", ["/bsfw/", "/bsfw/guide/", "/xmt/", "/xmt/account/"])
def test_pages_are_accessible_and_fit(browser: Browser, server: Server, site: TenantRef, path: str) -> None:
    page = browser.new_context(viewport={"width": 320, "height": 740}, locale="zh-CN").new_page()
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(server.url("xiaodian.localhost", path))
        assert Axe().run(page).response["violations"] == []
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
        keep_picture(page, f"{path.strip('/').replace('/', '-')}-{width}")
    assert faults == []
    page.context.close()
