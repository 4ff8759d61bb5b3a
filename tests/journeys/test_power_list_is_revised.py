"""S8, S9, S10: an editor brings a list's new file, a reviewer publishes it, a citizen reads what changed and who is responsible.

`SCREENSHOTS=folder` keeps pictures of the pages at 1,280 and 320 px.
"""

import os
import re
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from memberships.contract import Role
from registry.schemas import in_schema_of
from spreadsheets import sheets
from tests.factories.organs import COMPLETE, item, organ, power_list
from tests.factories.people import PASSWORD, person
from tests.factories.sites import open_sites
from tests.plugins.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.elasticsearch]
HOST, EDITOR_HOST = "xiaodian.localhost", "xiaodian.manage.localhost"
PATHS = {
    "directory": "/zwgk/jgzn/",
    "leaders": "/zwgk/ldxx/",
    "overview": "/zwgk/qzqd/",
    "organ": "/zwgk/jgzn/jyj/",
    "changes": "/zwgk/jgzn/jyj/qzqd/?changes=2",
}
HEAD = ["事项编码", "权力类型", "事项名称", "设定依据", "实施主体", "办理流程", "责任与监督"]
LEADERS = (
    {"name": "样例甲", "post": "局长", "division": "主持全面工作。", "resume": "样例甲，示例简历。"},
    {"name": "样例乙", "post": "副局长"},
)


def enter(page: Page, server: Server, username: str) -> None:
    """Sign on at the platform and go into the site's editor."""
    page.goto(server.url("platform.localhost", "/sign-in/"))
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.get_by_role("button", name="进入编辑").click()
    page.wait_for_url(re.compile(r"xiaodian\.manage\.localhost.*/admin/"))


def act(page: Page, name: str) -> None:
    """Open the editor's menu of actions and choose one."""
    page.locator("footer").get_by_role("button", name="更多操作").click()
    page.get_by_role("button", name=name, exact=True).click()


def keep(page: Page, name: str) -> None:
    """Keep a picture, if somebody asked for it."""
    if folder := os.environ.get("SCREENSHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


def test_a_new_file_is_reviewed_and_its_changes_are_read(module_index: Any, server: Server, browser: Browser) -> None:
    (tenant,) = open_sites("xiaodian")
    person("editor", roles={Role.EDITOR: [tenant]})
    person("reviewer", roles={Role.REVIEWER: [tenant]})
    with in_schema_of(tenant):
        fields = {name: value for name, value in COMPLETE.items() if name != "hours"}
        made = organ("示例区教育局", slug="jyj", leaders=LEADERS, units=({"name": "基础教育科", "duty": "管理义务教育。"},), **fields)
        organ("示例区人民政府", slug="qzf", kind="government", leaders=({"name": "样例丙", "post": "区长", "division": "领导全面工作。"},))
        page = power_list(made, item(unit="教育局"), item("CF-001", "违规办学处罚", "penalty"), edition="2025年版")
    permit = ["XK-001", "行政许可", "民办学校设立许可", "《民办教育促进法》第十二条", "审批局", "受理、审查、决定", "依法追责"]
    rows = [HEAD, permit, ["FW-001", "公共服务", "义务教育招生咨询"], ["FW-002", "服务", "名称"]]
    content = sheets.written_xlsx(rows, title="清单")
    editor, reviewer, citizen = (browser.new_context(locale="zh-CN").new_page() for _ in range(3))

    enter(editor, server, "editor")
    editor.goto(server.url(EDITOR_HOST, f"/admin/pages/{made.pk}/edit/"))
    expect(editor.get_by_text("尚缺")).to_be_visible()
    keep(editor, "organ-editor")
    editor.goto(server.url(EDITOR_HOST, f"/admin/power-lists/{page.pk}/file/"))
    editor.get_by_label("CSV 或 XLSX 文件").set_input_files(
        {"name": "清单.xlsx", "mimeType": "application/octet-stream", "buffer": content}
    )
    editor.get_by_role("button", name="导入到草稿").click()
    expect(editor.locator("[role=status].help-block")).to_contain_text("新增 1 项，修改 1 项，取消 0 项")
    expect(editor.locator("main table")).to_contain_text("没有“服务”这种权力类型")
    keep(editor, "import-report")
    editor.get_by_role("link", name="查看草稿并提交审核").click()
    act(editor, "提交审核")

    enter(reviewer, server, "reviewer")
    reviewer.goto(server.url(EDITOR_HOST, f"/admin/pages/{page.pk}/edit/"))
    act(reviewer, "批准并发布")
    expect(reviewer.locator(".messages")).to_contain_text("已保存")

    for name, path in PATHS.items():
        citizen.goto(server.url(HOST, path))
        for width in (1280, 320):
            citizen.set_viewport_size({"width": width, "height": 900})
            assert [fault["id"] for fault in Axe().run(citizen).response["violations"]] == []
            assert citizen.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
            keep(citizen, f"{name}-{width}")
    changes = citizen.locator("#changes")
    expect(changes).to_contain_text("第 2 版与第 1 版相比")
    expect(changes).to_contain_text("新增 1 项")
    expect(changes).to_contain_text("审批局")
    citizen.locator("summary", has_text="民办学校设立许可").click()
    expect(citizen.locator(".power-item", has_text="民办学校设立许可")).to_contain_text("《民办教育促进法》第十二条")
