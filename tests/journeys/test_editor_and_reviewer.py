"""An editor signs on at the platform, writes, submits; a reviewer approves; a citizen finds it; withdrawn, it is gone."""

import re
import time
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from memberships.contract import Role
from tests.factories.people import PASSWORD, person
from tests.factories.sites import open_sites
from tests.plugins.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.elasticsearch]
TITLE = "关于举办春季植树活动的公告"
EDITOR_HOST = "xiaodian.manage.localhost"


def enter(page: Page, server: Server, username: str) -> None:
    """Sign on at the platform and go into the site's editor."""
    page.goto(server.url("platform.localhost", "/sign-in/"))
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.get_by_role("button", name="进入编辑").click()
    page.wait_for_url(re.compile(r"xiaodian\.manage\.localhost.*/admin/"))


def act(page: Page, name: str) -> None:
    """Open the editor's menu of actions and choose one."""
    page.locator("footer").get_by_role("button", name="更多操作").click()
    page.get_by_role("button", name=name, exact=True).click()


def test_written_submitted_approved_found(module_index: Any, server: Server, browser: Browser) -> None:
    (tenant,) = open_sites("xiaodian")
    person("editor", roles={Role.EDITOR: [tenant]})
    person("reviewer", roles={Role.REVIEWER: [tenant]})
    editor, reviewer, citizen = (browser.new_context(locale="zh-CN").new_page() for _ in range(3))

    enter(editor, server, "editor")
    editor.goto(server.url(EDITOR_HOST, "/admin/pages/"))
    editor.get_by_role("link", name="查看“政务动态”的下级页面").click()
    editor.get_by_role("button", name="“通知公告”的更多选项").click()
    editor.get_by_text("新建下级页面", exact=True).click()
    editor.locator("main").get_by_role("link", name="文章", exact=True).click()
    editor.get_by_role("textbox", name="标题").first.fill(TITLE)
    editor.get_by_role("textbox", name="摘要").fill("植树节义务植树。")
    act(editor, "提交审核")
    expect(editor.locator(".messages")).to_contain_text(f"页面“{TITLE}”已新建并提交审核。")

    enter(reviewer, server, "reviewer")
    reviewer.get_by_role("link", name=TITLE).first.click()
    act(reviewer, "批准并发布")
    expect(reviewer.locator(".messages")).to_contain_text(f"页面“{TITLE}”已保存。")

    address = server.url("xiaodian.localhost", "/search/?q=植树活动")
    for _ in range(40):
        citizen.goto(address)
        if citizen.get_by_role("link", name=TITLE).count():
            break
        time.sleep(0.25)
    citizen.get_by_role("link", name=TITLE).first.click()
    expect(citizen.locator("h1")).to_have_text(TITLE)

    reviewer.goto(server.url(EDITOR_HOST, "/admin/articles/"))
    reviewer.get_by_role("button", name=f"“{TITLE}”的更多选项").click()
    reviewer.get_by_role("link", name="撤下", exact=True).click()
    reviewer.get_by_role("button", name="确定撤下").click()
    expect(reviewer.locator(".messages")).to_contain_text(f"“{TITLE}”已撤下。")
    citizen.goto(address)
    expect(citizen.locator("main")).not_to_contain_text(TITLE)
