"""Blueprints small enough to read, and the words they may use."""

from dataclasses import replace
from typing import Any

from blueprints.contract import Blueprint, Column, Live, SamplePage, Setting, Vocabulary, Workflow, WorkflowStep

WORDS = Vocabulary(
    kinds=["city", "county", "department"],
    themes=["azure", "vermilion"],
    column_types=["news", "notices", "guide"],
    page_kinds=["article", "document"],
    roles=["administrator", "editor", "reviewer", "auditor"],
    rights=["add", "change", "publish"],
    settings={"home_panels": Setting(6, "首页栏目数", lowest=1, highest=12)},
)
NEWS = Column("news", "动态", "news", "工作动态。", is_on_home=True)
NOTICES = Column("news/notices", "公告", "notices")
GUIDE = Column("guide", "指南", "guide")
WELCOME = SamplePage("guide", "welcome", "欢迎访问{name}", "article", "第一段。\n{short_name}欢迎您。", summary="样稿", state=Live.LIVE)


def blueprint(**changes: Any) -> Blueprint:
    """Return a blueprint of three columns and a sample page."""
    whole = Blueprint(
        name="small",
        version=1,
        title="小站",
        kind="county",
        theme="azure",
        settings={"home_panels": 4},
        roles={"editor": ("add", "change"), "auditor": ()},
        workflow=Workflow("审核", (WorkflowStep("审核", ("reviewer",)),)),
        columns=(NEWS, NOTICES, GUIDE),
        pages=(WELCOME,),
    )
    return replace(whole, **changes)
