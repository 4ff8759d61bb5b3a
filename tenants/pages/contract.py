"""Words and plain values of the page types."""

from dataclasses import dataclass
from datetime import datetime

from django.db import models

from search.contract import CATEGORY_LABELS, VALIDITY_LABELS, Category, Tab, Validity

NOT_DOCUMENTS = (Category.ARTICLE, Category.COLUMN, Category.HOME)
DOCUMENT_CATEGORIES = [(category.value, label) for category, label in CATEGORY_LABELS.items() if category not in NOT_DOCUMENTS]
VALIDITIES = [*((validity.value, label) for validity, label in VALIDITY_LABELS.items()), (Validity.UNKNOWN.value, "未标注")]


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
    CATALOGUE = "catalogue", "信息公开目录"
    ANNUAL_REPORT = "annual_report", "信息公开年报"
    FOI = "foi", "依申请公开"
    INTERPRETATION = "interpretation", "政策解读"
    SERVICES = "services", "办事服务"
    DIALOGUE = "dialogue", "互动交流"
    DATA = "data", "数据发布"
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
    ColumnType.CATALOGUE: Tab.OPENNESS,
    ColumnType.ANNUAL_REPORT: Tab.OPENNESS,
    ColumnType.FOI: Tab.OPENNESS,
    ColumnType.INTERPRETATION: Tab.INTERPRETATION,
    ColumnType.SERVICES: Tab.SERVICE,
    ColumnType.DIALOGUE: Tab.DIALOGUE,
    ColumnType.DATA: Tab.OPENNESS,
}


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


@dataclass(frozen=True, slots=True)
class StandardColumn:
    """A column every new site begins with."""

    slug: str
    title: str
    column_type: ColumnType
    introduction: str = ""
    is_on_home: bool = False
    children: "tuple[StandardColumn, ...]" = ()


STANDARD_COLUMNS = (
    StandardColumn(
        "zwdt",
        "政务动态",
        ColumnType.NEWS,
        "本级政府的重要活动、会议与工作进展。",
        children=(
            StandardColumn("yaowen", "要闻", ColumnType.NEWS, "政府重要活动与会议。", is_on_home=True),
            StandardColumn("tzgg", "通知公告", ColumnType.NOTICES, "面向社会公众的通知与公告。", is_on_home=True),
        ),
    ),
    StandardColumn(
        "zwgk",
        "政务公开",
        ColumnType.DOCUMENTS,
        "政策文件、法律法规与政策解读。",
        children=(
            StandardColumn("zcwj", "政策文件", ColumnType.DOCUMENTS, "规范性文件、工作报告与其他政策文件。", is_on_home=True),
            StandardColumn("flfg", "法律法规", ColumnType.DOCUMENTS, "法律、行政法规、地方性法规与司法解释。", is_on_home=True),
            StandardColumn("zcjd", "政策解读", ColumnType.INTERPRETATION, "对政策文件的说明与问答。"),
        ),
    ),
    StandardColumn(
        "zfxxgk",
        "政府信息公开",
        ColumnType.OPENNESS,
        "依照《中华人民共和国政府信息公开条例》主动公开的信息。",
        children=(
            StandardColumn("zhinan", "政府信息公开指南", ColumnType.GUIDE, "如何获取政府信息。"),
            StandardColumn("zhidu", "政府信息公开制度", ColumnType.CATALOGUE, "政府信息公开的法律法规与制度。"),
            StandardColumn("fdzdgk", "法定主动公开内容", ColumnType.CATALOGUE, "依法应当主动公开的政府信息。"),
            StandardColumn("nianbao", "政府信息公开年报", ColumnType.ANNUAL_REPORT, "历年政府信息公开工作年度报告。"),
            StandardColumn("ysqgk", "依申请公开", ColumnType.FOI, "向行政机关申请获取政府信息。"),
        ),
    ),
    StandardColumn("bsfw", "办事服务", ColumnType.SERVICES, "个人与企业办事指南。"),
    StandardColumn("hdjl", "互动交流", ColumnType.DIALOGUE, "来信、征集与访谈。"),
)
