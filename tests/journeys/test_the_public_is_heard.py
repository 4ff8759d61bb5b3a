"""A citizen comments on a draft from a phone without JavaScript; staff see the opinion, the answer follows on the same page.

`SCREENSHOTS=folder` keeps pictures of each page, at the width of a desk and of a phone.
"""

import os
import re
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from memberships.contract import Role
from registry.contract import TenantRef
from registry.schemas import in_schema_of
from tests.factories.consultations import consult, past_opinion
from tests.factories.pages import publish_document
from tests.factories.people import PASSWORD, person
from tests.factories.sites import open_sites
from tests.plugins.server import Server

pytestmark = [pytest.mark.long, pytest.mark.browser, pytest.mark.elasticsearch]
READER, EDITOR, WIDTHS = "xiaodian.localhost", "xiaodian.manage.localhost", (1280, 320)
OUTCOMES = (("延长免费时间。", "adopted", "改为三十分钟。"), ("取消收费。", "declined", "停车资源紧张。"))


def fill(site: TenantRef) -> None:
    """Publish a consultation that runs, and one that was answered and decided."""
    meeting = {"held_at": timezone.now(), "place": "样例会议室", "participants": "居民代表五人。", "materials": "草案。"}
    ways: dict[str, Any] = {"email": "yangli@example.cn", "address": "样例路1号", "note": "居民希望加装电梯。\n方案写明条件和补贴。"}
    with in_schema_of(site), transaction.atomic():
        publish_document("停车管理办法（样例）", doc_no="小政发〔2026〕3号")
        consult("加装电梯方案公开征求意见（样例）", slug="open", kind="other", organ="样例街道办事处", hearings=(meeting,), **ways)
        decided: dict[str, Any] = {
            "outcomes": OUTCOMES,
            "feedback": "意见已逐条研究。",
            "offline_count": 2,
            "final_reference": "小政发〔2026〕3号",
        }
        past_opinion(consult("停车办法公开征求意见（样例）", slug="answered", begins=-60, ends=-20, **decided))
        consult("等待反馈的征集（样例）", slug="waiting", begins=-120, ends=-80)


def look(page: Page, name: str) -> None:
    """Measure a page at both widths, and keep its picture if somebody wants it."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0, (name, width)
        if folder := os.environ.get("SCREENSHOTS"):
            Path(folder).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=str(Path(folder) / f"{name}-{width}.png"), full_page=True)


def test_a_citizen_is_heard_and_answered(server: Server, browser: Browser) -> None:
    """S12, S13, S14: from the form on a phone to the opinion before staff, and the whole way of a decision for everybody."""
    (site,) = open_sites("xiaodian")
    person("editor", roles={Role.EDITOR: [site]})
    fill(site)
    citizen = browser.new_context(locale="zh-CN", java_script_enabled=False, viewport={"width": 320, "height": 700}).new_page()

    citizen.goto(server.url(READER, "/hdjl/yjzj/?status=open"))
    citizen.get_by_role("link", name="加装电梯方案公开征求意见（样例）").click()
    citizen.get_by_role("link", name="我要提意见").click()
    citizen.get_by_label("电话或电子邮箱").fill("13800000000")
    citizen.get_by_role("button", name="提交意见").click()
    expect(citizen.get_by_role("alert")).to_contain_text("请填写您的意见。")
    expect(citizen.get_by_label("电话或电子邮箱")).to_have_value("13800000000")
    look(citizen, "wrong")
    citizen.get_by_label("意见内容").fill("建议补贴一楼住户。")
    citizen.get_by_role("button", name="提交意见").click()
    expect(citizen.get_by_role("status")).to_contain_text("您的意见已收到")
    number = citizen.locator(".receipt-number").inner_text()
    citizen.reload()
    look(citizen, "receipt")

    reader = browser.new_context(locale="zh-CN").new_page()
    for name, path in (("open", "/hdjl/yjzj/open/"), ("answered", "/hdjl/yjzj/answered/"), ("column", "/hdjl/yjzj/")):
        reader.goto(server.url(READER, path))
        assert Axe().run(reader).response["violations"] == [], name
        look(reader, name)
    reader.goto(server.url(READER, "/hdjl/yjzj/answered/"))
    expect(reader.locator(".stage-done .stage-label")).to_have_count(3)
    reader.locator(".stages").get_by_role("link", name="停车管理办法（样例）").click()
    expect(reader.locator(".document-relations")).to_contain_text("停车办法公开征求意见（样例）")

    editor = browser.new_context(locale="zh-CN").new_page()
    editor.goto(server.url("platform.localhost", "/sign-in/"))
    editor.get_by_label("用户名").fill("editor")
    editor.get_by_label("密码").fill(PASSWORD)
    editor.get_by_role("button", name="登录").click()
    editor.get_by_role("button", name="进入编辑").click()
    editor.wait_for_url(re.compile(r"xiaodian\.manage\.localhost.*/admin/"))
    expect(editor.locator("main")).to_contain_text("等待反馈的征集（样例）")
    editor.goto(server.url(EDITOR, "/admin/hearing/"))
    expect(editor.locator("main td .hearing-bad")).to_contain_text("已逾期")
    look(editor, "standings")
    editor.locator("tr", has_text="加装电梯").get_by_role("link", name="网上 1").click()
    expect(editor.locator("main tbody tr")).to_contain_text([f"{number}"])
    look(editor, "opinions")
    editor.get_by_role("link", name=number).click()
    expect(editor.locator("main")).not_to_contain_text("13800000000")
    editor.get_by_role("button", name="查看姓名和联系方式").click()
    expect(editor.locator("main")).to_contain_text("13800000000")
    look(editor, "opinion")
    editor.get_by_text("撤除这条意见").click()
    look(editor, "withhold")
    editor.get_by_label("撤除理由").fill("重复提交")
    editor.get_by_role("button", name="撤除", exact=True).click()
    expect(editor.locator("main")).to_contain_text("另有 1 条已撤除，不计入意见数。")
    look(editor, "withheld")

    reader.goto(server.url(READER, "/hdjl/yjzj/"))
    reader.get_by_role("link", name="查看太原市各网站的意见征集").click()
    expect(reader.locator(".hit-facts").first).to_contain_text("意见征集")
    expect(reader.locator(".hit", has_text="加装电梯").locator(".hit-facts")).to_contain_text(re.compile(r"征集中 \d{4}-\d\d-\d\d 截止"))
    expect(reader.locator(".hit", has_text="停车办法").locator(".hit-facts")).to_contain_text("已反馈")
    look(reader, "found")
    found = sorted(reader.locator(".hit-title").all_inner_texts())
    assert found == [
        "停车办法公开征求意见（样例）",
        "加装电梯方案公开征求意见（样例）",
        "等待反馈的征集（样例）",
    ]
