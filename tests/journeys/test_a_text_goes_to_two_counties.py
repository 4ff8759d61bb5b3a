"""A city sends a text to two counties: one has it at once, one takes it; it is repealed, both say so, both sign. A notice is on all sites.

`SCREENSHOTS=folder` keeps pictures of each page, at the width of a desk and of a phone.
"""

import os
import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from exchange import services as exchange
from exchange.models import Delivery, Relay, Sending
from jobs.worker import Worker
from memberships.contract import Role
from registry.contract import TenantRef
from registry.schemas import in_schema_of
from tenants.pages.models import DocumentPage
from tests.factories.pages import publish_document
from tests.factories.people import PASSWORD, person
from tests.factories.sites import open_sites
from tests.plugins.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.elasticsearch]
WIDTHS = (1280, 320)
TITLE = "停车管理办法（样例）"
FACTS = {"doc_no": "并政发〔2026〕3号", "issuer": "太原市人民政府", "validity": "in_force"}


def look(page: Page, name: str) -> None:
    """Measure a page at both widths, and keep its picture if somebody wants it."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        if folder := os.environ.get("SCREENSHOTS"):
            Path(folder).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=str(Path(folder) / f"{name}-{width}.png"), full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0, (name, width)
    page.set_viewport_size({"width": 1280, "height": 900})


def enter(browser: Browser, server: Server, site: TenantRef) -> Page:
    """Sign on as the reviewer of a site, and go into its editor."""
    page = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai").new_page()
    page.goto(server.url("platform.localhost", "/sign-in/"))
    page.get_by_label("用户名").fill(f"reviewer-{site.slug}")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.get_by_role("button", name="进入编辑").click()
    page.wait_for_url(re.compile(rf"{site.slug}\.manage\.localhost.*/admin/"))
    return page


def work() -> None:
    Worker().run(should_stop=lambda: False, once=True)


def test_a_text_is_sent_taken_repealed_and_signed_for(server: Server, browser: Browser) -> None:
    """S2, S16: sent once; at once here, after acceptance there; a hand-made copy elsewhere; the repeal is on every copy, with receipts."""
    city, xiaodian, yingze, qingxu = open_sites("taiyuan", "xiaodian", "yingze", "qingxu")
    for site in (city, xiaodian, yingze, qingxu):
        person(f"reviewer-{site.slug}", roles={Role.REVIEWER: [site]})
    with in_schema_of(city):
        original = publish_document(TITLE, "第一条 为了规范停车，制定本办法。", **FACTS)
    with in_schema_of(qingxu):
        publish_document(TITLE, "第一条 为了规范停车，制定本办法。（转载）", slug="copy", **FACTS)

    sender = enter(browser, server, city)
    sender.goto(server.url("taiyuan.manage.localhost", f"/admin/sharing/send/{original.pk}/"))
    look(sender, "send")
    sender.get_by_label("小店区").check()
    sender.get_by_label("直接发布").check()
    sender.get_by_role("button", name="推送", exact=True).click()
    expect(sender.locator(".messages")).to_contain_text("已推送到 1 个网站")
    work()
    sender.goto(server.url("taiyuan.manage.localhost", f"/admin/sharing/send/{original.pk}/"))
    sender.get_by_label("迎泽区").check()
    sender.get_by_label("对方审核后发布").check()
    sender.get_by_role("button", name="推送", exact=True).click()
    work()

    county = enter(browser, server, yingze)
    county.goto(server.url("yingze.manage.localhost", "/admin/sharing/received/"))
    look(county, "received")
    county.get_by_role("link", name=TITLE).click()
    expect(county.locator("main")).to_contain_text("发文字号：并政发〔2026〕3号")
    expect(county.locator(".sharing-words")).to_contain_text("第一条 为了规范停车，制定本办法。")
    look(county, "decide")
    county.get_by_role("button", name="采用并发布").click()
    expect(county.locator(".messages")).to_contain_text(f"《{TITLE}》已发布。")

    number = Sending.objects.get().pk
    copies = [("xiaodian", f"/zwgk/zcwj/ts{number}/"), ("yingze", f"/zwgk/zcwj/ts{number}/"), ("qingxu", "/zwgk/zcwj/copy/")]
    citizen = browser.new_context(locale="zh-CN", java_script_enabled=False).new_page()
    for slug, path in copies[:2]:
        citizen.goto(server.url(f"{slug}.localhost", path))
        expect(citizen.locator(".notice")).to_contain_text("本文转载自太原市人民政府。")
    with in_schema_of(city), transaction.atomic():
        page = DocumentPage.objects.get(pk=original.pk)
        page.validity = "repealed"
        page.save_revision().publish()
    work()

    reader = browser.new_context(locale="zh-CN").new_page()
    for slug, path in copies:
        reader.goto(server.url(f"{slug}.localhost", path))
        expect(reader.locator(".notice strong")).to_have_text("原文已废止")
        expect(reader.locator(".facts .validity")).to_have_text("原文已废止")
        assert Axe().run(reader).response["violations"] == [], slug
        look(reader, f"copy-{slug}")
    reader.locator(".notice").get_by_role("link", name="太原市人民政府").click()
    expect(reader.locator("h1")).to_have_text(TITLE)

    taker = enter(browser, server, qingxu)
    expect(taker.get_by_text("1 篇转载内容的原文有变化")).to_be_visible()
    look(taker, "start")
    taker.get_by_role("link", name="去处理").click()
    look(taker, "taken-over")
    taker.get_by_role("button", name=re.compile("^签收")).click()
    expect(taker.locator(".messages")).to_contain_text(f"已签收《{TITLE}》的原文状态")
    county.goto(server.url("yingze.manage.localhost", "/admin/sharing/received/"))
    county.get_by_role("link", name=TITLE).click()
    look(county, "sign")
    county.get_by_role("button", name="签收：已知悉原文状态").click()
    sender.goto(server.url("taiyuan.manage.localhost", "/admin/sharing/sent/"))
    main = sender.locator("main")
    for words in ("小店区（直接发布）：已发布，未签收", "迎泽区（对方审核后发布）：已发布，reviewer-yingze", "清徐县：reviewer-qingxu"):
        expect(main).to_contain_text(words)
    look(sender, "sent")
    assert list(Delivery.objects.order_by("pk").values_list("seen_mark", "seen_by")) == [("", ""), ("repealed", "reviewer-yingze")]
    assert list(Relay.objects.values_list("seen_mark", "seen_by")) == [("repealed", "reviewer-qingxu")]


def test_a_notice_is_on_all_sites_in_one_moment(server: Server, browser: Browser) -> None:
    """S2: one announcement, every site, the same second; taken down as one."""
    sites = open_sites("taiyuan", "xiaodian", "yingze")
    reader = browser.new_context(locale="zh-CN").new_page()

    made = exchange.announce(sites, title="防汛公告（样例）", text="今晚有大雨。\n请不要前往河道。", by="officer", now=timezone.now())

    for site in sites:
        reader.goto(server.url(f"{site.slug}.localhost", made.pages[str(site.uuid)]["path"]))
        expect(reader.locator("h1")).to_have_text("防汛公告（样例）")
    assert Axe().run(reader).response["violations"] == []
    look(reader, "notice")
    reader.goto(server.url("yingze.localhost", "/"))
    expect(reader.get_by_role("link", name="防汛公告（样例）").first).to_be_visible()
    look(reader, "home")
    exchange.withdraw(made, by="officer", now=timezone.now())
    for site in sites:
        answer = reader.goto(server.url(f"{site.slug}.localhost", made.pages[str(site.uuid)]["path"]))
        assert answer is not None
        assert answer.status == 404
