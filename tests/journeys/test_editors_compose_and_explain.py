"""S22, S31: an editor puts a home page together from blocks and explains a document; a reviewer publishes, a citizen reads both.

`SCREENSHOTS=folder` keeps pictures of the editor's screens and of what came of them.
"""

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from memberships.contract import Role
from registry.contract import TenantRef
from registry.schemas import in_schema_of
from tenants.pages.models import ColumnPage, HomePage
from tests.factories.pages import publish_article, publish_document
from tests.factories.people import PASSWORD, person
from tests.factories.sites import open_sites
from tests.plugins.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.elasticsearch]
READER, EDITOR = "xiaodian.localhost", "xiaodian.manage.localhost"
DOCUMENT, TITLE = "小店区供热管理办法", "《小店区供热管理办法》解读"


@pytest.fixture(scope="module")
def site(server: Server) -> TenantRef:
    (made,) = open_sites("xiaodian")
    person("reviewer", roles={Role.REVIEWER: [made]})
    with in_schema_of(made):
        publish_article("区政府召开常务会议", slug="meeting", summary="研究冬季供热。")
        publish_document(DOCUMENT, slug="heating", doc_no="样小政发〔2026〕1号", validity="in_force")
    return made


@pytest.fixture
def reviewer(server: Server, browser: Browser, site: TenantRef) -> Page:
    """Sign on at the platform and go into the site's editor."""
    page = browser.new_context(locale="zh-CN", viewport={"width": 1280, "height": 900}).new_page()
    page.goto(server.url("platform.localhost", "/sign-in/"))
    page.get_by_label("用户名").fill("reviewer")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.get_by_role("button", name="进入编辑").click()
    page.wait_for_url(re.compile(r"xiaodian\.manage\.localhost.*/admin/"))
    return page


def keep(page: Page, name: str) -> None:
    if folder := os.environ.get("SCREENSHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


def publish(page: Page) -> None:
    """Open the menu of actions and publish."""
    page.locator("footer").get_by_role("button", name="更多操作").click()
    page.get_by_role("button", name="发布", exact=True).click()
    expect(page.locator(".messages")).to_contain_text("已发布")


def choose_page(page: Page, title: str) -> None:
    """Choose a page in the window that opens, by searching for its title."""
    window = page.locator(".modal-body")
    window.get_by_label("搜索词").fill(title)
    window.get_by_role("link", name=title, exact=True).first.click()
    expect(window).to_have_count(0)


def test_a_home_page_is_put_together_from_blocks(server: Server, browser: Browser, site: TenantRef, reviewer: Page) -> None:
    with in_schema_of(site):
        home, column = HomePage.objects.get(), ColumnPage.objects.get(slug="zcwj")
    reviewer.goto(server.url(EDITOR, f"/admin/pages/{home.pk}/edit/"))

    expect(reviewer.get_by_role("radio", name="不选版式")).not_to_be_checked()
    blocks = reviewer.get_by_role("region", name="自行组合")
    blocks.get_by_role("button", name=re.compile("添加|插入")).first.click()
    reviewer.get_by_role("option", name="数据", exact=True).click()
    blocks.get_by_label("时间范围").fill("2026年1—10月")
    blocks.get_by_label("来源").fill("区统计局")
    blocks.get_by_label("指标").fill("城镇新增就业")
    blocks.get_by_label("数值").fill("8,123")
    blocks.get_by_label("单位").fill("人")
    keep(reviewer, "compose-editor")
    publish(reviewer)

    citizen = browser.new_context(locale="zh-CN", viewport={"width": 320, "height": 800}).new_page()
    citizen.goto(server.url(READER))
    expect(citizen.locator(".part-figures")).to_contain_text("城镇新增就业")
    expect(citizen.locator(".part-figures")).to_contain_text("来源：区统计局")
    expect(citizen.locator(".openness")).to_have_count(1)
    keep(citizen, "compose-home-320")
    assert column.title == "政策文件"


def test_an_interpretation_is_tied_to_its_document(server: Server, browser: Browser, site: TenantRef, reviewer: Page) -> None:
    with in_schema_of(site):
        column = ColumnPage.objects.get(slug="zcjd")
    reviewer.goto(server.url(EDITOR, f"/admin/pages/add/interpretations/interpretationpage/{column.pk}/"))

    reviewer.get_by_role("textbox", name="标题").first.fill(TITLE)
    reviewer.locator("#id_interpreted-ADD").or_(reviewer.get_by_role("button", name="添加文件")).first.click()
    reviewer.get_by_role("button", name=re.compile("选择")).first.click()
    choose_page(reviewer, DOCUMENT)
    reviewer.get_by_label("文字解读").check()
    reviewer.get_by_label("解读机关").fill("区住房城乡建设局")
    reviewer.get_by_label("第一解读人").fill("样例甲")
    keep(reviewer, "explain-editor")
    publish(reviewer)

    citizen = browser.new_context(locale="zh-CN", viewport={"width": 320, "height": 800}).new_page()
    citizen.goto(server.url(READER, "/zwgk/zcwj/heating/"))
    citizen.locator(".interpretations").get_by_role("link", name=TITLE).click()
    expect(citizen.locator("h1")).to_have_text(TITLE)
    citizen.locator(".explained-documents").get_by_role("link", name=DOCUMENT).click()
    expect(citizen.locator("h1")).to_have_text(DOCUMENT)
    keep(citizen, "explain-document-320")
