"""A reviewer looks after the site's search: every screen on a desk and on a narrow window, and a rule's way to the readers.

`SCREENSHOTS=folder` keeps a picture of each screen.
"""

import datetime as dt
import os
import time
import uuid
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from memberships.contract import Role
from outbox.models import Event
from registry.contract import TenantRef
from registry.models import City, Tenant
from registry.schemas import in_schema_of
from search.curation import services
from search.models import QueryTask, Rule, SearchRecord
from tests.factories.indices import SearchIndex
from tests.factories.pages import publish_document
from tests.factories.people import PASSWORD, person
from tests.factories.sites import open_sites
from tests.plugins.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.elasticsearch]
SCREENS = {
    "overview": "",
    "preview": "preview/",
    "rules": "rules/synonym/",
    "best": "rules/best/",
    "new": "rules/best/new/",
    "worst": "rules/worst/new/",
    "import": "rules/synonym/import/",
    "reports": "reports/",
    "tasks": "tasks/",
    "task": "tasks/{task}/",
    "why": "why/?q=停车收费&address=/zwgk/zcwj/parking-2/&scope=site",
}


@pytest.fixture(scope="module")
def site(server: Server) -> TenantRef:
    (made,) = open_sites("xiaodian")
    person("reviewer", roles={Role.REVIEWER: [made]})
    with in_schema_of(made):
        for number, title in enumerate(("停车收费标准", "停车收费公告", "停车收费方案", "机动车停放服务办法")):
            publish_document(title, f"第一条 {title}的规定{number}。", slug=f"parking-{number}")
    owner = services.owner_of(made)
    services.save_rule(
        Rule(kind="synonym", phrase="低保", words="最低生活保障", is_two_way=True, holder="李四"), owner=owner, by="reviewer"
    )
    services.activate(owner, by="reviewer", note="首批规则")
    _draft(made)
    _ask(made)
    deadline = time.monotonic() + 20
    while Event.objects.exists():  # the server's own relay carries them
        assert time.monotonic() < deadline, server.said()[-2000:]
        time.sleep(0.1)
    SearchIndex().refresh()
    return made


def _draft(site: TenantRef) -> None:
    """Leave a synonym and the promotion of a page that is gone in the draft."""
    owner = services.owner_of(site)
    services.save_rule(Rule(kind="synonym", phrase="停车收费", words="机动车停放服务"), owner=owner, by="reviewer")
    gone = Rule(kind="best", phrase="停水", address="/x/", page=f"{site.uuid}:page:99999", title="停水公告", ends_on=dt.date(2030, 1, 1))
    services.save_rule(gone, owner=owner, by="reviewer")


def _ask(site: TenantRef) -> None:
    city = City.objects.get(slug="taiyuan")
    now = dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)
    values = {"at": now, "city": city, "tenant_id": site.id, "channel": "page", "reach": "site", "took_ms": 40}
    SearchRecord.objects.bulk_create(
        SearchRecord(id=uuid.uuid4(), session=str(number), text=query, normal=query, total=total, **values)
        for query, total in (("公积金提取", 3), ("停水通知", 8), ("落户", 0))
        for number in range(6)
    )
    QueryTask.objects.create(city=city, tenant=Tenant.objects.get(pk=site.id), normal="落户", sessions=6)


@pytest.fixture
def screen(browser: Browser, server: Server, site: TenantRef) -> Page:
    page = browser.new_context(viewport={"width": 1280, "height": 900}, locale="zh-CN").new_page()
    page.goto(server.url("platform.localhost", "/sign-in/"))
    page.get_by_label("用户名").fill("reviewer")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.get_by_role("button", name="进入编辑").click()
    page.wait_for_url("**/admin/")
    page.goto(server.url("xiaodian.manage.localhost", "/admin/search-management/"))
    return page


def test_every_screen_is_accessible_and_fits(screen: Page, server: Server, site: TenantRef) -> None:
    faults = []
    services.restore(services.owner_of(site), number=1, by="reviewer")
    _draft(site)
    for name, path in SCREENS.items():
        screen.goto(server.url("xiaodian.manage.localhost", f"/admin/search-management/{path.format(task=QueryTask.objects.get().pk)}"))
        assert screen.locator("h1").count() == 1
        for width in (1280, 320):
            screen.set_viewport_size({"width": width, "height": 900})
            found = Axe().run(screen, context={"include": [[".nice-padding"]]})
            faults += [(name, width, each["id"], each["nodes"][0]["html"][:160]) for each in found.response["violations"]]
            if screen.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") > 0:
                faults.append((name, width, "overflow", ""))
            if folder := os.environ.get("SCREENSHOTS"):
                screen.screenshot(path=str(Path(folder) / f"search-{name}-{width}.png"), full_page=True)
    screen.context.close()

    assert faults == []


def test_a_rule_goes_to_the_readers_and_is_undone_with_one_click(screen: Page, server: Server, browser: Browser) -> None:
    reader = browser.new_context().new_page()
    screen.get_by_role("link", name="推荐结果").click()
    screen.get_by_role("link", name="新增").click()
    screen.get_by_label("搜索词").fill("泊车")
    screen.get_by_label("网页地址").fill("/zwgk/zcwj/parking-0/")
    screen.get_by_label("显示标题").fill("怎么停车")
    screen.get_by_role("button", name="保存到草稿").click()
    screen.wait_for_url("**/rules/best/")
    screen.get_by_role("link", name="返回，查看尚未启用的变化").click()
    screen.get_by_role("link", name="预览影响并启用").click()
    expect(screen.get_by_text("【推荐】怎么停车")).to_be_visible()
    screen.get_by_role("button", name="启用").click()
    screen.wait_for_url("**/search-management/")
    time.sleep(1)  # what a process may lag behind
    reader.goto(server.url("xiaodian.localhost", "/search/?q=泊车"))
    expect(reader.get_by_role("region", name="推荐").get_by_role("link")).to_have_text("怎么停车")

    screen.get_by_role("button", name="撤销这一版").click()
    screen.wait_for_url("**/search-management/")
    time.sleep(1)

    reader.reload()
    expect(reader.get_by_role("region", name="推荐")).to_have_count(0)
    reader.context.close()
    screen.context.close()
