"""A citizen reads a document, its interpretation, and an answer to what people ask; staff see the meters and clocks of both.

`SCREENSHOTS=folder` keeps pictures of each page, at the width of a desk and of a phone.
"""

import datetime as dt
import io
import os
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.files.base import ContentFile
from django.db import transaction
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page, expect

from memberships.contract import Role
from registry.contract import TenantRef
from registry.schemas import in_schema_of
from tenants.interpretations.models import InterpretationMedia, ResponseUpdate
from tenants.media.models import SiteFile, SiteImage
from tests.factories.interpretations import answer, duty, explain, issue
from tests.factories.pages import publish_document
from tests.factories.people import PASSWORD, person
from tests.factories.sites import open_sites
from tests.plugins.server import Server

pytestmark = [
    pytest.mark.browser,
    pytest.mark.elasticsearch,
    pytest.mark.filterwarnings("ignore:Unclosed file:ResourceWarning"),  # Wagtail leaves that of a new rendition to be collected
]
READER, EDITOR = "xiaodian.localhost", "xiaodian.manage.localhost"
WIDTHS = (1280, 320)


def fill(site: TenantRef) -> None:
    """Publish a document, an interpretation with all it may have, an answer; leave a document and an issue waiting."""
    now = dt.datetime.now(dt.UTC)
    with in_schema_of(site), transaction.atomic():
        document = publish_document("停车管理办法（样例）", doc_no="小政发〔2026〕3号", issuer="示例机关", validity="in_force")
        page = explain(
            "《停车管理办法》解读（样例）",
            document,
            kinds=["text", "pictures", "video", "questions"],
            organ="示例机关",
            interpreter="样例甲",
            interpreter_post="主要负责人",
            background="原办法已满五年。",
            benefits="停车前三十分钟免费。",
            differences="新增夜间免费时段。",
            questions=(("夜间收费吗？", "二十二时至次日七时不收费。"), ("怎么投诉？", "拨打示例热线。")),
            channels=({"channel": "wechat", "outlet": "示例发布", "link": "https://mp.weixin.qq.com/s/example"},),
        )
        film = SiteFile.objects.create(title="动画", file=ContentFile(b"no film", name="film.mp4"))
        words = {"title": "三分钟讲清停车办法", "transcript": "大家好。\n今天讲三件事。"}
        InterpretationMedia.objects.create(
            page=page, sort_order=0, medium="picture", title="一图看懂", image=picture(), alt="三步停车：取号、停放、付费。"
        )
        InterpretationMedia.objects.create(page=page, sort_order=1, medium="video", file=film, **words)
        waits = publish_document("尚无解读的办法（样例）", slug="waits")
        type(waits).objects.filter(pk=waits.pk).update(first_published_at=now - dt.timedelta(days=30))
        duty(waits)
        known = issue("某路段停车收费被质疑（样例）", noticed_at=now - dt.timedelta(hours=3), kind="emergency")
        reply = answer(known, "关于停车收费的通报（样例）", focus="为什么夜里也收费？", organ="示例机关")
        ResponseUpdate.objects.create(page=reply, at=now, text="多收的费用已经退回。")
        issue("流言说办法已经废止（样例）", noticed_at=now - dt.timedelta(hours=30), kind="misreading")


def picture() -> SiteImage:
    drawn = Image.new("RGB", (1200, 500), "#f4efe6")
    ImageDraw.Draw(drawn).rectangle((60, 60, 1140, 440), outline="#8c2f1b", width=12)
    stream = io.BytesIO()
    drawn.save(stream, "PNG")
    made: SiteImage = SiteImage.objects.create(title="图", file=ContentFile(stream.getvalue(), name="steps.png"), width=1200, height=500)
    return made


def look(page: Page, name: str) -> None:
    """Measure a page at both widths, and keep its picture if somebody wants it."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0, (name, width)
        if folder := os.environ.get("SCREENSHOTS"):
            Path(folder).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=str(Path(folder) / f"{name}-{width}.png"), full_page=True)


def test_a_document_is_explained_and_people_are_answered(server: Server, browser: Browser) -> None:
    """S22, S23, S25, S26: read on both sides, measured, with its clocks."""
    (site,) = open_sites("xiaodian")
    person("editor", roles={Role.EDITOR: [site]})
    fill(site)
    citizen = browser.new_context(locale="zh-CN", java_script_enabled=False).new_page()
    hosts: set[str] = set()
    citizen.on("request", lambda request: hosts.add(urlsplit(request.url).hostname or ""))

    citizen.goto(server.url(READER, "/zwgk/zcwj/text/"))
    citizen.get_by_role("link", name="《停车管理办法》解读（样例）").click()
    expect(citizen.locator("h1")).to_have_text("《停车管理办法》解读（样例）")
    expect(citizen.get_by_role("img", name="三步停车：取号、停放、付费。")).to_have_js_property("naturalWidth", 1200)
    citizen.get_by_text("“三分钟讲清停车办法”文字稿").click()
    expect(citizen.get_by_text("今天讲三件事。")).to_be_visible()
    citizen.get_by_role("link", name="停车管理办法（样例）", exact=True).click()
    expect(citizen.locator("h1")).to_have_text("停车管理办法（样例）")
    citizen.goto(server.url(READER, "/zwgk/zcjd/"))
    citizen.get_by_role("link", name=re.compile("^视频")).click()
    expect(citizen.locator(".row-title")).to_have_text(["《停车管理办法》解读（样例）"])
    assert hosts == {READER}

    reader = browser.new_context(locale="zh-CN").new_page()
    for name, path in (
        ("document", "/zwgk/zcwj/text/"),
        ("interpretation", "/zwgk/zcjd/jd/"),
        ("column", "/zwgk/zcjd/"),
        ("answer", "/hdjl/hygq/hy/"),
    ):
        reader.goto(server.url(READER, path))
        assert Axe().run(reader).response["violations"] == [], name
        look(reader, name)

    editor = browser.new_context(locale="zh-CN").new_page()
    editor.goto(server.url("platform.localhost", "/sign-in/"))
    editor.get_by_label("用户名").fill("editor")
    editor.get_by_label("密码").fill(PASSWORD)
    editor.get_by_role("button", name="登录").click()
    editor.get_by_role("button", name="进入编辑").click()
    editor.wait_for_url(re.compile(r"xiaodian\.manage\.localhost.*/admin/"))
    for name, path, title, words in (
        ("meters", "explaining/meters/", "解读统计", "1，100.0%"),
        ("waiting", "explaining/waiting/", "待解读文件", "没有完整的解读安排"),
        ("issues", "explaining/issues/", "舆情回应台账", "已超时6小时"),
    ):
        editor.goto(server.url(EDITOR, f"/admin/{path}"))
        expect(editor.locator("header").first).to_contain_text(title)
        expect(editor.locator("main")).to_contain_text(words)
        look(editor, name)
    titles = editor.locator("main td.title").all_inner_texts()
    assert [title.partition("（")[0] for title in titles] == ["流言说办法已经废止", "某路段停车收费被质疑"]
