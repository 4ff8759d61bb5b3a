"""An officer opens a site in the console, watches the steps, and it is live and browsable; without JavaScript too."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db import connection, transaction
from playwright.sync_api import Browser, Page, expect

from console import services as console
from jobs.contract import JobState
from jobs.selectors import jobs, workers
from memberships import services as memberships
from memberships.contract import PlatformRole
from provisioning import services as provisioning
from provisioning import verbs
from tests.factories.people import PASSWORD, person
from tests.factories.sites import open_sites, site_spec
from tests.plugins.server import Server

pytestmark = [pytest.mark.long, pytest.mark.browser, pytest.mark.elasticsearch]

ROOT = Path(__file__).resolve().parents[2]
SHOTS = os.environ.get("SCREENSHOTS", "")  # a folder for those who want to look
WIDTHS = (1280, 320)
SITES = {True: ("xiaodian", "太原市小店区人民政府", "140105"), False: ("qingxu", "太原市清徐县人民政府", "140121")}
MADE = ["prepare/", "clone/", "restore/", "import/", "sites/yingze/apply/", "sites/yingze/check-domain/", "sites/yingze/add-domain/"]
PAGES = {
    PlatformRole.OPERATIONS: ["", "open/", "sites/yingze/", "sites/yingze/suspend/", "jobs/", "platform/", *MADE],
    PlatformRole.SECURITY: ["people/"],
    PlatformRole.AUDIT: ["audit/?verify"],
}


@pytest.fixture(scope="module")
def city(module_index: Any, server: Server) -> Iterator[Server]:
    """A city with one site, its three officers, and a worker."""
    provisioning.open_city("taiyuan", region_code="140100")
    open_sites("yingze")
    for role in PlatformRole:
        memberships.grant_platform(person(role.value), role, by="tests")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA s_yangqu; CREATE TABLE s_yangqu.wagtailcore_page (id int)")  # what stops an opening half way
        console.request_operation(verbs.OPEN, site_spec("yangqu"), by="operations", address="")
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings.test", "SERVER_PORT": str(server.port)}
    worker = subprocess.Popen([sys.executable, "manage.py", "jobs", "run"], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    yield server
    worker.terminate()
    worker.wait(20)


def sign_on(page: Page, server: Server, role: PlatformRole) -> None:
    """Sign on at the platform; officers arrive in the console."""
    page.goto(server.url("platform.localhost", "/sign-in/"))
    page.get_by_label("用户名").fill(role.value)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(re.compile(r"/console/$"))


def fill_in(page: Page, slug: str, name: str, code: str) -> None:
    """Ask for a site and go on to the plan."""
    page.get_by_role("link", name="开通站点").first.click()
    page.get_by_label("标识", exact=False).first.fill(slug)
    page.locator("[name=name]").fill(name)
    page.locator("[name=short_name]").fill(name[3:6])
    page.locator("[name=region_code]").fill(code)
    page.locator("[name=override_reason]").fill("示例站点，没有真实备案")
    page.get_by_role("button", name="下一步").click()
    expect(page.locator(".steps")).to_contain_text("建立数据表")


@pytest.mark.parametrize("has_scripts", [True, False])
def test_an_officer_opens_a_site_and_it_is_browsable(city: Server, browser: Browser, *, has_scripts: bool) -> None:
    slug, name, code = SITES[has_scripts]
    context = browser.new_context(java_script_enabled=has_scripts, locale="zh-CN", viewport={"width": 1280, "height": 900})
    page = context.new_page()
    sign_on(page, city, PlatformRole.OPERATIONS)

    fill_in(page, slug, name, code)
    shoot(page, f"confirm-{slug}")
    page.get_by_role("button", name="确认执行").click()
    shoot(page, f"running-{slug}")
    expect(page.locator("main")).to_contain_text("已经完成", timeout=40_000)  # the page renews itself
    shoot(page, f"done-{slug}")
    page.get_by_role("link", name=f"{slug}的页面").click()
    expect(page.locator("h1")).to_have_text(name)
    page.get_by_role("link", name="查看网站").click()

    expect(page).to_have_title(re.compile(name))
    assert page.url.startswith(city.url(f"{slug}.localhost"))
    context.close()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("role", PlatformRole)
def test_axe_finds_nothing_and_nothing_overflows(city: Server, browser: Browser, role: PlatformRole, width: int) -> None:
    context = browser.new_context(locale="zh-CN", viewport={"width": width, "height": 900})
    page = context.new_page()
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    sign_on(page, city, role)

    failed = f"jobs/{_failed_job()}/"
    for path in [*PAGES[role], failed]:
        page.goto(city.url("platform.localhost", f"/console/{path}"))
        shoot(page, f"{re.sub(r'[^a-z]+', '-', path) or 'home'}-{width}")
        found = Axe().run(page).response["violations"]
        assert [(rule["id"], [node["html"][:120] for node in rule["nodes"]][:3]) for rule in found] == [], path
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0, path

    assert faults == []
    assert workers() == 1
    context.close()


def _failed_job() -> UUID:
    """Return the job that cannot be done, once its worker has found out."""
    for _ in range(100):
        if found := jobs(state=JobState.FAILED):
            return found[0].id
        time.sleep(0.2)
    pytest.fail("The job has not failed.")


def shoot(page: Page, name: str) -> None:
    """Keep a picture, for whoever asked for them."""
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)
