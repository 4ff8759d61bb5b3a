"""Words and plain values of the page types."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.core.exceptions import BadRequest
from django.db import models
from django.http import HttpRequest

from memberships.contract import Role
from rules.contract import Key
from search.contract import CATEGORY_LABELS, DOCUMENT_CLASS_LABELS, VALIDITY_LABELS, Category, Tab, Validity

NOT_DOCUMENTS = (Category.ORGAN, Category.POWERS, Category.CONSULTATION, Category.ARTICLE, Category.COLUMN, Category.HOME)
DOCUMENT_CATEGORIES = [(category.value, label) for category, label in CATEGORY_LABELS.items() if category not in NOT_DOCUMENTS]
DOCUMENT_CLASSES = [(kind.value, label) for kind, label in DOCUMENT_CLASS_LABELS.items()]
LIBRARY_CATEGORIES = (Category.POLICY, Category.DEPT_RULE, Category.OTHER)  # a government's own; laws and cases are in no library of it
INDEX_NO_CONSTRAINT = "pages_one_document_an_index_no"
PAGE_RIGHTS = ("add", "change", "publish", "lock", "unlock", "bulk_delete")  # what a role may do with pages, as blueprints name it
VALIDITIES = [*((validity.value, label) for validity, label in VALIDITY_LABELS.items()), (Validity.UNKNOWN.value, "未标注")]


class PublishedMeanwhileError(BadRequest):
    """A draft was to be saved that was read before the page went live."""

    def __init__(self, title: str) -> None:
        super().__init__(f"“{title}”刚刚已经发布，这次保存没有生效。请重新打开编辑页，再改。")


class ColumnType(models.TextChoices):
    """The classes of 政府网站发展指引 (国办发〔2017〕47号); the page's ColumnType tag."""

    OVERVIEW = "overview", "概况信息"
    ORGANS = "organs", "机构职能"
    LEADERS = "leaders", "负责人信息"
    DOCUMENTS = "documents", "政策文件"
    NEWS = "news", "政务动态"
    NOTICES = "notices", "通知公告"
    OPENNESS = "openness", "政府信息公开"
    GUIDE = "guide", "信息公开指南"
    REGULATIONS = "regulations", "信息公开制度"
    CATALOGUE = "catalogue", "信息公开目录"
    ANNUAL_REPORT = "annual_report", "信息公开年报"
    FOI = "foi", "依申请公开"
    POWERS = "powers", "权责清单"
    PLANNING = "planning", "规划计划"
    PERSONNEL = "personnel", "人事信息"
    INTERPRETATION = "interpretation", "政策解读"
    SERVICES = "services", "办事服务"
    DIALOGUE = "dialogue", "互动交流"
    CONSULTATIONS = "consultations", "意见征集"
    LETTERS = "letters", "来信"
    DATA = "data", "数据发布"
    TOPICS = "topics", "专题专栏"
    NEW_MEDIA = "new_media", "政务新媒体"
    OTHER = "other", "其他"


# In which class of the search a text is found, by the column it stands in; of a column that says nothing, by the next one above that does.
TABS = {
    ColumnType.OVERVIEW: Tab.OPENNESS,
    ColumnType.ORGANS: Tab.OPENNESS,
    ColumnType.LEADERS: Tab.OPENNESS,
    ColumnType.DOCUMENTS: Tab.POLICY,
    ColumnType.NEWS: Tab.NEWS,
    ColumnType.NOTICES: Tab.NEWS,
    ColumnType.OPENNESS: Tab.OPENNESS,
    ColumnType.GUIDE: Tab.OPENNESS,
    ColumnType.REGULATIONS: Tab.OPENNESS,
    ColumnType.CATALOGUE: Tab.OPENNESS,
    ColumnType.ANNUAL_REPORT: Tab.OPENNESS,
    ColumnType.FOI: Tab.OPENNESS,
    ColumnType.POWERS: Tab.OPENNESS,
    ColumnType.PLANNING: Tab.OPENNESS,
    ColumnType.PERSONNEL: Tab.OPENNESS,
    ColumnType.INTERPRETATION: Tab.INTERPRETATION,
    ColumnType.SERVICES: Tab.SERVICE,
    ColumnType.DIALOGUE: Tab.DIALOGUE,
    ColumnType.CONSULTATIONS: Tab.DIALOGUE,
    ColumnType.LETTERS: Tab.DIALOGUE,
    ColumnType.DATA: Tab.OPENNESS,
}

# How long a column may go without a new text, by what it is for; other columns need no news, only content.
STALE_RULES = {
    ColumnType.NEWS: Key.COLUMN_NEWS_STALE,
    ColumnType.NOTICES: Key.COLUMN_NOTICES_STALE,
    ColumnType.DOCUMENTS: Key.COLUMN_DOCUMENTS_STALE,
    ColumnType.PLANNING: Key.COLUMN_PLANNING_STALE,
    ColumnType.PERSONNEL: Key.COLUMN_PERSONNEL_STALE,
}
# The four parts of the openness platform in the order that is laid down, and the entry below them.
OPENNESS_PARTS = (ColumnType.GUIDE, ColumnType.REGULATIONS, ColumnType.CATALOGUE, ColumnType.ANNUAL_REPORT, ColumnType.FOI)

# The roles of every site, by the names of their groups. A model that staff keep outside pages says what each may do with its rows:
# `role_rights = {EDITORS: ("view", "add", "change"), …}`; `services.ensure_roles` grants it.
EDITORS, REVIEWERS, ADMINISTRATORS, AUDITORS = "编辑", "审核", "系统管理员", "审计"


@dataclass(frozen=True, slots=True)
class ColumnContent:
    """What columns of a type show in place of their texts by date: a template to include, and what makes its variables."""

    template: str
    compose: Callable[[Any, HttpRequest], dict[str, Any]]


class HomeLayout(models.TextChoices):
    """The home pages that are ready to choose."""

    NEWS = "news", "要闻为主：头条与动态在前，再是政策、办事、专题"
    SERVICES = "services", "办事为主：办事服务在前，再是公告、政策、动态"
    OPENNESS = "openness", "公开为主：政策与解读在前，再是动态、领导"


class HomePart(StrEnum):
    """Blocks of the home page that other rooms fill (`composing.front.fill_home`)."""

    SERVICES = "services"
    TOPICS = "topics"
    LEADERS = "leaders"


@dataclass(frozen=True, slots=True)
class HomeContent:
    """What fills a part of the home page: a template to include, and what makes its variables of page, request and number of items.

    Nothing to show is an empty mapping. Two queries at most, however many items there are.
    """

    template: str
    compose: Callable[[Any, HttpRequest, int], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a list of pages."""

    title: str
    url: str
    date: datetime | None
    doc_no: str = ""
    summary: str = ""
    validity: dict[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Element:
    """A field that a text must have filled, what editors call it, and what asks for it."""

    name: str
    label: str
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """A row of a document's table of facts."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Heading:
    """An entry of a text's table of contents; level 1 is a part, 2 a chapter, 3 a section, 4 an article."""

    anchor: str
    label: str
    level: int


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph of an official text; `label` is an article's 第…条, which `text` then lacks."""

    text: str
    label: str = ""
    anchor: str = ""
    css_class: str = ""


def taken_index_no(number: str, title: str, *, is_live: bool) -> str:
    """Return what an editor reads whose index number (索引号) another document of the site has."""
    return f"索引号“{number}”已用于《{title}》{'' if is_live else '（未发布）'}。请另编一个，或留空由系统编号。"


class Right(StrEnum):
    """What somebody may do on a screen of the editor that is no page."""

    LOOK = "look"
    CHANGE = "change"
    DECIDE = "decide"


_ROLES = {
    Right.LOOK: {Role.ADMINISTRATOR, Role.EDITOR, Role.REVIEWER, Role.AUDITOR},
    Right.CHANGE: {Role.ADMINISTRATOR, Role.EDITOR, Role.REVIEWER},
    Right.DECIDE: {Role.ADMINISTRATOR, Role.REVIEWER},  # what is live at once, or for all: who may publish, may do it
}


def may(request: HttpRequest, right: Right) -> bool:
    """Whether the person's role at this site allows it; the roles are asked once a request."""
    known: set[str] | None = getattr(request, "role_groups", None)
    if known is None:
        known = set(request.user.groups.values_list("name", flat=True)) if request.user.is_authenticated else set()
        request.role_groups = known  # type: ignore[attr-defined] # ours
    return bool(known & {role.group_name for role in _ROLES[right]})
