"""S1, S8, S9, S14, S22, S31, S32: a citizen on an old phone walks from the home page through all that a government must publish.

`SCREENSHOTS=folder` keeps a picture of each page at the width of a desk and of a phone.
"""

import os
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.factories.samples import demo_sites
from tests.plugins.server import Server

pytestmark = [
    pytest.mark.browser,
    pytest.mark.elasticsearch,
    pytest.mark.filterwarnings("ignore:Unclosed file:ResourceWarning"),  # Wagtail leaves that of a new rendition
]
HOSTS = {"taiyuan.localhost", "xiaodian.localhost"}


def look(page: Page, name: str) -> None:
    """See that nothing is wider than the page, on a desk and on a phone; keep its picture if somebody wants it; end on the phone."""
    for width in (1280, 320):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0, (name, width)
        if folder := os.environ.get("SCREENSHOTS"):
            Path(folder).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=str(Path(folder) / f"{name}-{width}.png"), full_page=True)


def follow(page: Page, name: str, *, heading: str, inside: str = "main") -> None:
    """Follow a link by its words and see the heading of the page it leads to."""
    page.locator(inside).get_by_role("link", name=name, exact=True).first.click()
    expect(page.locator("h1")).to_have_text(heading)


def test_from_the_home_page_to_every_kind_of_content(server: Server, browser: Browser) -> None:
    demo_sites()
    page = browser.new_context(locale="zh-CN", java_script_enabled=False, viewport={"width": 320, "height": 640}).new_page()
    hosts: set[str] = set()
    page.on("request", lambda request: hosts.add(urlsplit(request.url).hostname or ""))
    page.goto(server.url("taiyuan.localhost"))
    look(page, "walk-1-home")

    follow(page, "法定主动公开内容", heading="法定主动公开内容", inside=".openness")
    expect(page.locator("tr", has_text="财政预决算").locator(".state")).to_contain_text("逾期")
    expect(page.locator("tr", has_text="应急管理").locator(".state")).to_have_text("空白")
    expect(page.locator("tr", has_text="法规规章和规范性文件").locator(".state")).to_contain_text("有栏目逾期")
    look(page, "walk-2-tree")
    page.get_by_role("link", name="民生政策措施").click()
    expect(page.locator(".openness-main h2").first).to_have_text("民生政策措施")
    look(page, "walk-3-entry")

    follow(page, "太原市促进就业若干措施（样例）", heading="太原市促进就业若干措施（样例）", inside=".openness-main")
    look(page, "walk-4-document")
    follow(
        page,
        "国务院关于做好当前和今后一个时期促进就业工作的若干意见",
        heading="国务院关于做好当前和今后一个时期促进就业工作的若干意见",
        inside=".document-relations",
    )
    explained = "一图读懂：稳就业政策给企业和个人带来什么（样例）"
    follow(page, explained, heading=explained)
    page.get_by_text("“一图读懂稳就业政策”图上文字").click()
    expect(page.get_by_text("失业登记在常住地办理。").last).to_be_visible()
    look(page, "walk-5-interpretation")
    follow(
        page,
        "国务院关于做好当前和今后一个时期促进就业工作的若干意见",
        heading="国务院关于做好当前和今后一个时期促进就业工作的若干意见",
        inside=".explained-documents",
    )

    page.goto(server.url("taiyuan.localhost"))
    follow(page, "六稳（样例）", heading="六稳（样例）")
    look(page, "walk-6-topic")
    follow(page, "小店区促进就业实施方案（样例）", heading="小店区促进就业实施方案（样例）")
    assert urlsplit(page.url).hostname == "xiaodian.localhost"

    page.goto(server.url("taiyuan.localhost"))
    follow(page, "样例甲", heading="太原市人民政府（样例）")
    expect(page.locator(".leader").first).to_contain_text("样例甲")
    look(page, "walk-7-organ")
    page.goto(server.url("taiyuan.localhost", "/zwgk/qzqd/"))
    look(page, "walk-8-powers")
    follow(page, "太原市教育局（样例）", heading="太原市教育局权责清单（样例）")
    page.get_by_role("link", name="新增 1，取消 1，调整 1").click()
    expect(page.locator("#changes")).to_contain_text("义务教育招生入学咨询")
    look(page, "walk-9-power-list")
    assert hosts == HOSTS
