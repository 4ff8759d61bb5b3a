"""One operator at night, without scripts: a new rule, a day without colour and a notice on all sites; what is seen is what is told."""

import datetime as dt
import os
import re
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from memberships import services as memberships
from memberships.contract import PlatformRole
from tests.factories.console import work
from tests.factories.people import PASSWORD, person
from tests.factories.sites import open_sites
from tests.plugins.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.elasticsearch]

SHOTS = os.environ.get("SCREENSHOTS", "")  # a folder for those who want to look
WIDTHS = (1280, 320)
PAGES = [
    *("", "rules/", "rules/?site=xiaodian", "rules/add/?key=home.stale", "rules/of/home.stale/", "calendar/", "calendar/import/"),
    *("greyscale/", "greyscale/add/", "announcements/", "announcements/add/", "openness/"),
]


@pytest.fixture(scope="module")
def city(module_index: Any, server: Server) -> Server:
    """A city with three sites and its operations administrator."""
    open_sites("taiyuan", "xiaodian", "yingze")
    memberships.grant_platform(person("operations"), PlatformRole.OPERATIONS, by="tests")
    return server


@pytest.fixture
def page(city: Server, browser: Browser) -> Iterator[Page]:
    """The operator's browser, signed on, without scripts."""
    context = browser.new_context(java_script_enabled=False, locale="zh-CN", viewport={"width": 1280, "height": 900})
    page = context.new_page()
    _sign_on(page, city)
    yield page
    context.close()


def test_rules_grey_days_and_notices_by_one_operator(city: Server, page: Page) -> None:
    _adds_a_rule(page)
    _takes_the_colour(page)
    _announces(page, city)


def _adds_a_rule(page: Page) -> None:
    page.get_by_role("link", name="规则").click()
    page.get_by_role("link", name="新增规则").click()
    page.get_by_label("规则").select_option("home.stale")
    page.get_by_label("适用范围").select_option("city:140100")
    page.get_by_label("数值").fill("7")
    page.get_by_label("单位").select_option("working_days")
    page.get_by_label("第一天").fill(f"{timezone.localdate():%Y-%m-%d}")
    page.get_by_label("依据", exact=False).first.fill("示例办法第五条")
    page.get_by_role("button", name="下一步").click()
    expect(page.locator(".line-wrong")).to_contain_text("这条规则以“日”计数")
    _shoot(page, "rule-refused")
    page.get_by_label("单位").select_option("days")
    page.get_by_role("button", name="下一步").click()
    expect(page.locator(".will")).to_contain_text("3个站点从那天起按新规则计算")
    _shoot(page, "rule-sure")
    page.get_by_role("button", name="确认新增").click()
    expect(page.get_by_role("status")).to_contain_text("已记录")
    page.get_by_role("link", name="全部规则").click()
    page.get_by_label("今天对哪个站点有效").select_option("xiaodian")
    page.get_by_role("button", name="查看").click()
    expect(page.locator("tr", has_text="home.stale")).to_contain_text("市级规则优先于全国（14日）")


def _takes_the_colour(page: Page) -> None:
    first = timezone.localtime() + dt.timedelta(days=1)
    page.get_by_role("link", name="灰度显示").click()
    page.get_by_role("link", name="安排灰度显示").click()
    page.get_by_label("开始").fill(f"{first:%Y-%m-%dT%H:%M}")
    page.get_by_label("结束").fill(f"{first + dt.timedelta(days=1):%Y-%m-%dT%H:%M}")
    page.get_by_label("事由").fill("示例公祭日")
    page.get_by_label("太原市的全部站点").check()
    page.get_by_role("button", name="下一步").click()
    expect(page.locator(".will")).to_contain_text("3个站点的所有页面变为灰度显示")
    _shoot(page, "grey-sure")
    link = page.get_by_role("link", name="首页的灰度效果").first
    look = page.context.new_page()
    look.goto(str(link.get_attribute("href")))
    expect(look.locator("html")).to_have_class("grey")
    _shoot(look, "grey-look")
    look.close()
    page.get_by_role("button", name="确认安排").click()
    page.get_by_role("link", name="站点", exact=True).click()
    expect(page.locator("main")).to_contain_text("已安排：太原市的全部站点")
    _shoot(page, "home-with-grey")


def _announces(page: Page, city: Server) -> None:
    page.get_by_role("link", name="公告").click()
    page.get_by_role("link", name="发布公告").click()
    page.get_by_label("标题").fill("示例：汛期值守公告")
    page.get_by_label("正文").fill("各站点值班电话不变。\n夜间请拨打值班电话。")
    page.get_by_label("太原市的全部站点").check()
    page.get_by_role("button", name="下一步").click()
    expect(page.locator(".will")).to_contain_text("3个网站")
    _shoot(page, "notice-sure")
    page.get_by_role("button", name="确认发布").click()
    _shoot(page, "notice-job")
    work()
    page.goto(page.url)
    page.get_by_role("link", name="各站点的回执").click()
    expect(page.locator("tbody")).to_contain_text("已发布")
    _shoot(page, "notice-receipts")
    page.locator("tr", has_text="太原市小店区人民政府").get_by_role("link").click()
    expect(page.locator("h1")).to_have_text("示例：汛期值守公告")
    assert page.url.startswith(city.url("xiaodian.localhost"))


@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing_and_nothing_overflows(city: Server, browser: Browser, width: int) -> None:
    context = browser.new_context(locale="zh-CN", viewport={"width": width, "height": 900})
    page = context.new_page()
    _sign_on(page, city)

    for path in PAGES:
        page.goto(city.url("platform.localhost", f"/console/{path}"))
        _shoot(page, f"{re.sub(r'[^a-z]+', '-', path) or 'home'}-{width}")
        found = Axe().run(page).response["violations"]
        assert [(rule["id"], [node["html"][:120] for node in rule["nodes"]][:3]) for rule in found] == [], path
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0, path

    context.close()


def _sign_on(page: Page, server: Server) -> None:
    page.goto(server.url("platform.localhost", "/sign-in/"))
    page.get_by_label("用户名").fill("operations")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(re.compile(r"/console/$"))


def _shoot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)
