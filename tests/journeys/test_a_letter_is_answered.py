"""Somebody writes to the site on a small phone without JavaScript, staff answer in the editor, and others find the answer.

`SCREENSHOTS=folder` keeps pictures.
"""

import os
import re
import time
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db import transaction
from playwright.sync_api import Browser, Page, expect

from memberships.contract import Role
from outbox.models import Event
from registry.contract import TenantRef
from registry.schemas import in_schema_of
from tenants.letters.models import AnswerPage, Letter
from tests.factories.indices import SearchIndex
from tests.factories.organs import organ
from tests.factories.people import person, signed_in
from tests.factories.sites import open_sites
from tests.plugins.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.elasticsearch]
TEXT = "小区东门外的路灯三天不亮了，请尽快修复。电话 13812345678。"


@pytest.fixture(scope="module")
def site(module_index: SearchIndex, server: Server) -> TenantRef:
    (tenant,) = open_sites("xiaodian")
    person("shenhe", roles={Role.REVIEWER: [tenant]})
    with in_schema_of(tenant):
        organ("样例城管局", slug="cgj")
    return tenant


def keep_picture(page: Page, name: str) -> None:
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=str(Path(folder) / f"letters-{name}.png"), full_page=True)


def test_a_letter_is_written_answered_asked_for_and_found(browser: Browser, server: Server, site: TenantRef) -> None:
    """S19, S21: no sign-on, no script, 320 px; number and code lead to the answer, and the search of the site to the published one."""
    page = browser.new_context(java_script_enabled=False, viewport={"width": 320, "height": 740}, locale="zh-CN").new_page()
    page.goto(server.url(site.primary_domain, "/hdjl/lx/"))
    expect(page.get_by_role("link", name="12345")).to_have_attribute("href", "tel:12345")
    page.get_by_role("link", name="我要写信").click()
    page.get_by_label("内容").fill(TEXT)
    page.get_by_role("button", name="提交来信").click()

    expect(page.get_by_role("alert")).to_contain_text("请填写标题。")
    expect(page.get_by_label("内容")).to_have_value(TEXT)
    keep_picture(page, "wrong-320")
    page.get_by_label("投诉").check()
    page.get_by_label("标题").fill("路灯不亮（样例）")
    page.get_by_label("涉及单位").select_option("样例城管局")
    page.get_by_role("textbox", name="姓名").fill("样例甲")
    page.get_by_label("联系方式").fill("13812345678")
    page.get_by_label("同意：").check()
    page.get_by_role("button", name="提交来信").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("来信已收到")
    keep_picture(page, "receipt-320")
    number, code = re.findall(r"<dd>([0-9A-Z]+)</dd>", page.content())[:2]
    _answer_and_publish(site)
    page.get_by_role("link", name="查询来信").click()
    page.get_by_label("编号").fill(number)
    page.get_by_label("查询码").fill(code.lower())
    page.get_by_role("button", name="查询").click()
    expect(page.get_by_role("main")).to_contain_text("已经更换线路，恢复照明。")
    keep_picture(page, "answer-320")

    deadline = time.monotonic() + 30
    while Event.objects.exists():  # the server's own relay carries them
        assert time.monotonic() < deadline, server.said()[-2000:]
        time.sleep(0.1)
    SearchIndex().refresh()
    page.goto(server.url(site.primary_domain, "/search/?q=路灯不亮&scope=site&tab=dialogue"))
    found = page.get_by_role("link", name=re.compile("路灯不亮"))
    expect(found.first).to_be_visible()
    found.first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("路灯不亮（样例）")
    assert not any(secret in page.content() for secret in ("13812345678", "样例甲", number))
    keep_picture(page, "published-320")
    page.context.close()


def _answer_and_publish(site: TenantRef) -> None:
    with in_schema_of(site):
        letter = Letter.objects.get()
        address = f"/admin/letters/{letter.pk}/"
    staff = signed_in(site, "shenhe")
    assert staff.post(address, {"verb": "reply", "organ": "样例城管局", "reply": "已经更换线路，恢复照明。"}).status_code == 302
    assert staff.post(address, {"verb": "decide", "decision": "publish", "reason": "有普遍性"}).status_code == 302
    with in_schema_of(site), transaction.atomic():
        AnswerPage.objects.get().get_latest_revision().publish()


def test_pages_are_accessible_and_fit(browser: Browser, server: Server, site: TenantRef) -> None:
    page = browser.new_context(viewport={"width": 320, "height": 740}, locale="zh-CN").new_page()
    for path in ("/hdjl/lx/", "/letters/write/", "/letters/query/"):
        for width in (320, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            page.goto(server.url(site.primary_domain, path))
            assert Axe().run(page).response["violations"] == []
            assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
            keep_picture(page, f"{path.strip('/').replace('/', '-')}-{width}")
    page.context.close()
