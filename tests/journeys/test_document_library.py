"""A city's reviewer repeals a county's document in the editor; readers of both sites see it, in the library, on paper and on a phone.

`SCREENSHOTS=folder` keeps pictures.
"""

import os
import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db import transaction
from playwright.sync_api import Browser, Page, expect

from library.contract import Member
from memberships.contract import Role
from registry.contract import TenantRef
from registry.schemas import in_schema_of
from tenants.pages.models import DocumentPage
from tests.factories.library import document
from tests.factories.people import PASSWORD, person
from tests.factories.sites import open_sites
from tests.plugins.server import Server

pytestmark = [pytest.mark.long, pytest.mark.browser, pytest.mark.elasticsearch]
TEXT = "各县（市、区）人民政府：\n第一条　为了加强停车管理，制定本办法。\n第二条　停车应当有序。\n第三条　本办法自公布之日起施行。"
WIDTHS = {"wide": 1280, "narrow": 320}


def keep_picture(page: Page, name: str) -> None:
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=str(Path(folder) / f"library-{name}.png"), full_page=True)


def write_text(site: TenantRef, member: Member) -> None:
    with in_schema_of(site), transaction.atomic():
        page = DocumentPage.objects.get(pk=member.page)
        page.body = [("official_text", TEXT)]
        page.save_revision().publish()


def edit(page: Page, server: Server, member: Member) -> None:
    page.goto(server.url("platform.localhost", "/sign-in/"))
    page.get_by_label("用户名").fill("reviewer")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.get_by_role("button", name="进入编辑").click()
    page.wait_for_url(re.compile(r"taiyuan\.manage\.localhost.*/admin/"))
    page.goto(server.url("taiyuan.manage.localhost", f"/admin/pages/{member.page}/edit/"))


def publish(page: Page) -> None:
    page.locator("footer").get_by_role("button", name="更多操作").click()
    page.get_by_role("button", name="发布", exact=True).click()


def test_a_repeal_written_in_the_editor_is_seen_on_both_sites(server: Server, browser: Browser) -> None:
    """S15, S16: written in one site's editor, shown on both, listed among 废止和失效, refused where it makes no sense."""
    portal, here = open_sites("taiyuan", "xiaodian")
    person("reviewer", roles={Role.REVIEWER: [portal]})
    facts = {"document_class": "normative", "issuer": "太原市人民政府", "subject": "10"}
    new = document(portal, "停车管理办法（样例）", slug="new", doc_no="并政发〔2026〕1号", **facts)
    document(here, "停车管理暂行办法（样例）", slug="old", doc_no="小政发〔2020〕9号", **facts)
    write_text(portal, new)
    editor = browser.new_context(viewport={"width": 1280, "height": 900}, locale="zh-CN").new_page()

    edit(editor, server, new)
    expect(editor.get_by_text("尚缺：")).to_contain_text("索引号、公文种类、成文日期、施行日期、有效期至")
    editor.locator("#id_relations-ADD").click()
    editor.locator("#id_relations-0-kind").select_option(label="废止")
    editor.locator("#id_relations-0-reference").fill("并政发〔2026〕1号")
    publish(editor)
    expect(editor.locator("main")).to_contain_text("《停车管理办法（样例）》不能废止它自己")
    keep_picture(editor, "refused")
    editor.locator("#id_relations-0-reference").fill("小政发〔2020〕9号")
    publish(editor)
    expect(editor.locator(".messages")).to_contain_text("停车管理办法（样例）")

    for name, width in WIDTHS.items():
        reader = browser.new_context(viewport={"width": width, "height": 900}, locale="zh-CN").new_page()
        reader.goto(server.url(here.primary_domain, "/zwgk/zcwj/old/"))
        expect(reader.locator(".document-standing")).to_have_text("本文件被《停车管理办法（样例）》（并政发〔2026〕1号）废止。")
        keep_picture(reader, f"repealed-{name}")
        reader.goto(server.url(portal.primary_domain, "/zwgk/zcwj/new/"))
        said = reader.locator(".document-relations dd").all_inner_texts()
        assert [each.split() for each in said] == [["停车管理暂行办法（样例）", "小政发〔2020〕9号", "太原市小店区人民政府"]]
        keep_picture(reader, f"document-{name}")
        reader.goto(server.url(here.primary_domain, "/wenjianku/?scope=city&validity=over"))
        assert reader.locator(".row-title").all_inner_texts() == ["停车管理暂行办法（样例）"]
        reader.goto(server.url(here.primary_domain, "/wenjianku/?scope=city"))
        assert reader.locator(".row-title").all_inner_texts() == ["停车管理办法（样例）", "停车管理暂行办法（样例）"]
        keep_picture(reader, f"list-{name}")
        assert reader.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert Axe().run(reader).response["violations"] == []
    keep_picture(_cleaning(editor, server), "cleaning")


def _cleaning(page: Page, server: Server) -> Page:
    page.goto(server.url("taiyuan.manage.localhost", "/admin/document-cleaning/"))
    page.get_by_label("名称").fill("2026年度清理（样例）")
    page.get_by_role("button", name="列出文件，开始清理").click()
    expect(page.locator("main")).to_contain_text("已决定 0 / 1")
    return page
