"""An editor signs on at the platform, writes, submits; a reviewer approves; a citizen finds it. In a real browser."""

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


def enter(page: Page, server: Server, username: str) -> None:
    """Sign on at the platform and go into the site's editor."""
    page.goto(server.url("platform.localhost", "/sign-in/"))
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.get_by_role("button", name="进入编辑").click()
    page.wait_for_url(re.compile(r"xiaodian\.manage\.localhost.*/admin/"))


def test_written_submitted_approved_found(module_index: Any, server: Server, browser: Browser) -> None:
    (tenant,) = open_sites("xiaodian")
    person("editor", roles={Role.EDITOR: [tenant]})
    person("reviewer", roles={Role.REVIEWER: [tenant]})
    editor, reviewer, citizen = (browser.new_context(locale="zh-CN").new_page() for _ in range(3))

    enter(editor, server, "editor")
    editor.goto(server.url("xiaodian.manage.localhost", "/admin/pages/"))
    editor.get_by_role("link", name="太原市小店区人民政府").first.click()
    editor.get_by_role("link", name="政务动态").first.click()
    editor.get_by_role("link", name="通知公告").first.click()
    editor.get_by_role("link", name=re.compile("添加子页面|新增子页面|添加子页")).first.click()
    editor.get_by_role("link", name=re.compile("文章")).first.click()
    editor.get_by_role("textbox", name=re.compile("标题")).first.fill(TITLE)
    editor.get_by_label("摘要").fill("植树节义务植树。")
    editor.locator("button[data-w-dropdown-target=toggle]").last.click()
    editor.get_by_role("button", name=re.compile("提交")).first.click()
    expect(editor.locator(".messages")).to_contain_text(TITLE)

    enter(reviewer, server, "reviewer")
    reviewer.goto(server.url("xiaodian.manage.localhost", "/admin/"))
    reviewer.get_by_role("link", name=TITLE).first.click()
    reviewer.locator("button[data-w-dropdown-target=toggle]").last.click()
    reviewer.get_by_role("button", name=re.compile("批准")).first.click()

    address = server.url("xiaodian.localhost", "/search/?q=植树活动")
    for _ in range(40):
        citizen.goto(address)
        if citizen.get_by_role("link", name=TITLE).count():
            break
        time.sleep(0.25)
    citizen.get_by_role("link", name=TITLE).first.click()
    expect(citizen.locator("h1")).to_have_text(TITLE)
