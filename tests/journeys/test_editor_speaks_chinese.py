"""Every role goes through the editor's screens: no English word of the interface, no link out of the network, nothing above the home page.

`SCREENSHOTS=folder` keeps a picture of each screen.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import transaction
from playwright.sync_api import Browser, Page, expect

from accounts.models import User
from memberships.contract import Role
from registry.contract import TenantRef
from registry.schemas import in_schema_of
from tenants.pages.models import ArticlePage, ColumnPage, HomePage
from tests.factories.pages import publish_article, publish_document
from tests.factories.people import PASSWORD, person
from tests.factories.sites import open_sites
from tests.plugins.server import Server

pytestmark = [pytest.mark.long, pytest.mark.browser]

SUBMITTED, RETURNED, REASON = "区政府召开第二次常务会议", "关于停水的通知", "请写明停水的时段。"
EDITOR_HOST = "xiaodian.manage.localhost"
# Words that are no English to our editors: names, formats, keys of a keyboard, and the samples of this test.
ALLOWED = {
    *("url", "id", "rss", "xlsx", "csv", "tsv", "javascript"),
    *(
        "jpg",
        "jpeg",
        "png",
        "gif",
        "webp",
        "pdf",
        "ofd",
        "doc",
        "docx",
        "wps",
        "xls",
        "et",
        "ppt",
        "pptx",
        "txt",
        "zip",
        "rar",
        "mp3",
        "mp4",
        "vtt",
        "webvtt",
    ),
    *("kb", "mb", "ctrl", "shift", "alt", "localhost", "xiaodian", "zcwj", "text", "article", "back"),
}
WORD = re.compile(r"[A-Za-z]{2,}")
# What a person sees or a screen reader says: the text, and the words kept in attributes, without what is typed into fields.
SPOKEN = """() => {
    const said = [document.title, document.body.innerText];
    for (const element of document.querySelectorAll('[placeholder], [title], [aria-label], [alt], [type=submit], [type=button]')) {
        if (element.closest('[hidden], template, [data-w-userbar]')) continue;
        for (const name of ['placeholder', 'title', 'aria-label', 'alt']) said.push(element.getAttribute(name) || '');
        if (['submit', 'button'].includes(element.type)) said.push(element.value || '');
    }
    return said.join('\\n');
}"""
LINKS = "() => [...document.querySelectorAll('a[href]')].map(link => link.href).filter(href => href.startsWith('http'))"


@dataclass(frozen=True, slots=True)
class Place:
    """The site the test walks through, and the numbers of its pages."""

    server: Server
    tenant: TenantRef
    home: int
    column: int
    document: int
    article: int


def submit(article: ArticlePage, title: str, editor: User) -> Any:
    """Change an article as an editor does, hand it in for review, and return where the review stands."""
    with transaction.atomic():
        article.title = title
        article.save_revision(user=editor, log_action=True)
        article.refresh_from_db()
        return article.get_workflow().start(article, editor)


@pytest.fixture(scope="module")
def place(server: Server) -> Place:
    (tenant,) = open_sites("xiaodian")
    for role in (Role.EDITOR, Role.REVIEWER, Role.ADMINISTRATOR, Role.AUDITOR):
        person(role.value, roles={role: [tenant]})
    with in_schema_of(tenant):
        editor, reviewer = (User.objects.get(username=role.value) for role in (Role.EDITOR, Role.REVIEWER))
        document = publish_document("关于便民服务的办法", doc_no="并政发〔2026〕3号", issuer="太原市小店区人民政府")
        article = publish_article("区政府召开常务会议")
        submit(article, SUBMITTED, editor)
        back = submit(publish_article("通知", slug="back"), RETURNED, editor)
        back.current_task_state.specific.reject(user=reviewer, comment=REASON)
        numbers = (HomePage.objects.get().pk, ColumnPage.objects.get(slug="zcwj").pk, document.pk, article.pk)
    return Place(server, tenant, *numbers)


@pytest.fixture
def screen(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="zh-CN", timezone_id="Asia/Shanghai")
    yield context.new_page()
    context.close()


def enter(page: Page, place: Place, role: Role) -> None:
    """Sign on at the platform and go into the site's editor."""
    page.goto(place.server.url("platform.localhost", "/sign-in/"))
    page.get_by_label("用户名").fill(role.value)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.get_by_role("button", name="进入编辑").click()
    page.wait_for_url(re.compile(r"xiaodian\.manage\.localhost.*/admin/"))


def look(page: Page, role: Role, name: str) -> list[str]:
    """Return what is wrong with the screen that is open: English words, and links to hosts that are not ours."""
    page.locator("nav.sidebar-main-menu").wait_for()
    if folder := os.environ.get("SCREENSHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{role.value}-{name}.png", full_page=True)
    words = sorted({word for word in WORD.findall(page.evaluate(SPOKEN)) if word.lower() not in ALLOWED | {role.value}})
    hosts = sorted({host for href in page.evaluate(LINKS) if not (host := str(urlsplit(href).hostname)).endswith(".localhost")})
    return [f"{name}: {', '.join(found)}" for found in (words, hosts) if found]


def paths(place: Place) -> dict[str, str]:
    """Return the screens our people meet, a name and a path each; a system administrator may open all of them."""
    return {
        "dashboard": "/admin/",
        "account": "/admin/account/",
        "explorer": f"/admin/pages/{place.home}/",
        "column": f"/admin/pages/{place.column}/",
        "search": "/admin/pages/search/?q=会议",
        "filtered": f"/admin/pages/{place.home}/?q=会议",
        "add": f"/admin/pages/{place.column}/add_subpage/",
        "new-column": f"/admin/pages/add/pages/columnpage/{place.home}/",
        "new-article": f"/admin/pages/add/pages/articlepage/{place.column}/",
        "home": f"/admin/pages/{place.home}/edit/",
        "document": f"/admin/pages/{place.document}/edit/",
        "article": f"/admin/pages/{place.article}/edit/",
        "history": f"/admin/pages/{place.article}/history/",
        "workflow-history": f"/admin/pages/{place.article}/workflow_history/",
        "usage": f"/admin/pages/{place.document}/usage/",
        "move": f"/admin/pages/{place.document}/move/",
        "copy": f"/admin/pages/{place.document}/copy/",
        "unpublish": f"/admin/pages/{place.document}/unpublish/",
        "delete": f"/admin/pages/{place.document}/delete/",
        "articles": "/admin/articles/",
        "official-documents": "/admin/official-documents/?q=便民",
        "choose-column": "/admin/articles/choose_parent/",
        "images": "/admin/images/",
        "new-images": "/admin/images/multiple/add/",
        "new-image": "/admin/images/add/",
        "files": "/admin/documents/",
        "new-files": "/admin/documents/multiple/add/",
        "new-file": "/admin/documents/add/",
        "workflows-report": "/admin/reports/workflow/",
        "tasks-report": "/admin/reports/workflow_tasks/",
        "history-report": "/admin/reports/site-history/",
        "aging": "/admin/reports/aging-pages/",
        "types": "/admin/reports/page-types-usage/",
        "locked": "/admin/reports/locked/",
        "redirects": "/admin/redirects/",
        "new-redirect": "/admin/redirects/add/",
        "import-redirects": "/admin/redirects/import/",
    }


# What looks different to those who may do less.
DAILY = ("dashboard", "explorer", "document", "article", "articles", "images", "files", "choose-column")


@pytest.mark.parametrize(
    ("role", "names"),
    [(Role.ADMINISTRATOR, None), (Role.REVIEWER, DAILY), (Role.EDITOR, DAILY), (Role.AUDITOR, ("dashboard", "account"))],
)
def test_every_screen_of_a_role_is_chinese(place: Place, screen: Page, role: Role, names: tuple[str, ...] | None) -> None:
    enter(screen, place, role)
    every = paths(place)

    wrong = []
    for name in names or every:
        response = screen.goto(place.server.url(EDITOR_HOST, every[name]))
        assert response is not None
        if (response.status, urlsplit(screen.url).path) != (200, every[name].partition("?")[0]):
            wrong.append(f"{name}: answered {response.status} at {screen.url}")
        wrong += look(screen, role, name)

    assert not wrong, "\n".join(wrong)


def test_what_opens_inside_a_page_is_chinese(place: Place, screen: Page) -> None:
    role = Role.REVIEWER
    enter(screen, place, role)
    wrong = []

    screen.goto(place.server.url(EDITOR_HOST, f"/admin/pages/{place.document}/edit/"))
    for panel in ("显示或隐藏状态", "显示或隐藏批注", "显示或隐藏内容检查", "显示或隐藏预览"):
        screen.get_by_role("button", name=panel).click()
        wrong += look(screen, role, f"panel-{panel}")
    screen.get_by_role("button", name="显示或隐藏预览").click()
    screen.get_by_role("tab", name="网址与菜单").click()
    wrong += look(screen, role, "tab-promote")
    screen.get_by_role("tab", name="内容").click()
    screen.get_by_role("button", name="插入内容块").first.click()
    expect(screen.get_by_role("option", name="小标题")).to_be_visible()
    wrong += look(screen, role, "blocks")

    assert not wrong, "\n".join(wrong)


def test_the_explorer_begins_at_the_home_page(place: Place, screen: Page) -> None:
    enter(screen, place, Role.EDITOR)

    screen.goto(place.server.url(EDITOR_HOST, "/admin/pages/"))

    expect(screen).to_have_url(place.server.url(EDITOR_HOST, f"/admin/pages/{place.home}/"))
    assert "Root" not in screen.inner_text("body")


def test_view_live_leads_to_readers(place: Place, screen: Page) -> None:
    enter(screen, place, Role.EDITOR)

    screen.goto(place.server.url(EDITOR_HOST, f"/admin/pages/{place.document}/edit/"))

    live = place.server.url("xiaodian.localhost", "/zwgk/zcwj/text/")
    expect(screen.locator(f'a[href="{live}"]').first).to_be_attached()
    answer = screen.goto(live)
    assert answer is not None
    assert answer.status == 200


def test_the_start_page_names_the_site_and_the_role(place: Place, screen: Page) -> None:
    enter(screen, place, Role.REVIEWER)

    expect(screen).to_have_title("工作台 - 太原市小店区人民政府")
    expect(screen.get_by_role("heading", level=1)).to_have_text("太原市小店区人民政府")
    expect(screen.locator("main")).to_contain_text("角色：审核")
    expect(screen.locator("main")).to_contain_text("等待我审核")
    expect(screen.get_by_role("link", name=SUBMITTED).first).to_be_visible()


def test_what_was_sent_back_stands_first_with_its_reason(place: Place, screen: Page) -> None:
    enter(screen, place, Role.EDITOR)

    panels = screen.locator("main section.w-panel")

    assert [text.strip() for text in panels.get_by_role("heading").all_inner_texts()] == [
        "退回给我修改的",
        "我提交的，正在审核",
        "需要更新的栏目",
        "我最近编辑的",
    ]
    expect(panels.first).to_contain_text(RETURNED)
    expect(panels.first).to_contain_text(REASON)


def test_the_editors_search_finds_a_word_inside_a_title(place: Place, screen: Page) -> None:
    enter(screen, place, Role.EDITOR)

    screen.goto(place.server.url(EDITOR_HOST, "/admin/pages/search/?q=常务"))

    expect(screen.get_by_role("link", name=SUBMITTED).first).to_be_visible()


def test_a_person_changes_the_account_settings(place: Place, screen: Page) -> None:
    enter(screen, place, Role.EDITOR)
    screen.goto(place.server.url(EDITOR_HOST, "/admin/account/"))

    screen.get_by_label("密度").select_option(label="紧凑")
    screen.get_by_role("button", name="保存").click()

    expect(screen.locator(".messages")).to_contain_text("账号设置已修改。")
