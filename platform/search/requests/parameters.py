"""The parameters of page, feed and API as data: what checks a request is also what the API's description is made of."""

import contextlib
import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from search.analysis.folding import clean_query
from search.contract import (
    CATEGORY_LABELS,
    FILE_TYPE_LABELS,
    MAX_DEPTH,
    MAX_SIZE,
    PLACE_LABELS,
    QUERY_LENGTH,
    SORT_LABELS,
    TAB_LABELS,
    VALIDITY_LABELS,
)

DEFAULT_SIZE = 10
_LONGEST_NUMBER = 9  # digits
_LONGEST_NAME = 100  # characters
_FIRST_YEAR, _LAST_YEAR = 1900, 2199
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Reach(StrEnum):
    """How far a search reaches, as the address says it."""

    SITE = "site"
    CITY = "city"


class Form(StrEnum):
    """What a parameter's value looks like."""

    QUERY = "query"  # any text: what cannot be searched for is cleaned away
    NAME = "name"  # one of a site's own, which only the request's scope knows
    CHOICE = "choice"
    NUMBER = "number"
    DATE = "date"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter: its name, its form, what it is for, and what is said where its value cannot be right."""

    name: str
    form: Form
    description: str
    message: str = ""
    choices: Mapping[Any, str] | None = None
    first: int = 0
    last: int = 0
    default: str = ""
    example: str = ""


REACH_LABELS = {Reach.SITE: "本站", Reach.CITY: "全市"}

PARAMETERS = (
    Parameter(
        name="q",
        form=Form.QUERY,
        description=f"搜索词，只取前 {QUERY_LENGTH} 个字；可以是标题、文号、索引号、拼音、一句话。留空则列出最新内容。",
        example="住房公积金提取",
    ),
    Parameter(
        name="scope",
        form=Form.CHOICE,
        description="查找范围。门户网站和平台默认全市，其他网站默认本站。",
        message="范围只能是 site（本站）或 city（全市）。",
        choices=REACH_LABELS,
    ),
    Parameter(
        name="tab",
        form=Form.CHOICE,
        description="内容分类，按内容所在栏目的类别划分；不填为全部。",
        message="没有这个分类。",
        choices=TAB_LABELS,
    ),
    Parameter(
        name="site", form=Form.NAME, description="只看一个网站，填网站的短名。", message="所选范围内没有这个网站。", example="xiaodian"
    ),
    Parameter(
        name="region",
        form=Form.NAME,
        description="只看一个县（市、区）的网站，填六位行政区划代码。",
        message="所选范围内没有这个县（市、区）。",
        example="140105",
    ),
    Parameter(
        name="issuer",
        form=Form.NAME,
        description="只看一个机关发布的文件，填发文机关全称。",
        message=f"发文机关最多 {_LONGEST_NAME} 个字。",
        example="国务院办公厅",
    ),
    Parameter(name="kind", form=Form.CHOICE, description="内容类型。", message="没有这个类别。", choices=CATEGORY_LABELS),
    Parameter(
        name="year",
        form=Form.NUMBER,
        description="发布年份。",
        message="年份应为四位数字，例如 2024。",
        first=_FIRST_YEAR,
        last=_LAST_YEAR,
        example="2024",
    ),
    Parameter(
        name="date_from",
        form=Form.DATE,
        description="发布日期不早于这一天。",
        message="起始日期应写成 2024-01-31 的样子。",
        example="2024-01-01",
    ),
    Parameter(
        name="date_to",
        form=Form.DATE,
        description="发布日期不晚于这一天。",
        message="截止日期应写成 2024-01-31 的样子。",
        example="2024-12-31",
    ),
    Parameter(name="validity", form=Form.CHOICE, description="文件的有效性。", message="没有这种有效性。", choices=VALIDITY_LABELS),
    Parameter(name="file", form=Form.CHOICE, description="带有这类附件的内容。", message="没有这种附件类型。", choices=FILE_TYPE_LABELS),
    Parameter(
        name="topic",
        form=Form.NAME,
        description="只看一个专题及其所含专题的内容，填专题的标识。",
        message="没有这个专题。",
        example="liuwen",
    ),
    Parameter(
        name="in",
        form=Form.CHOICE,
        description="在哪里查找。",
        message="查找位置只能是 all（全文）或 title（仅标题）。",
        choices=PLACE_LABELS,
        default="all",
    ),
    Parameter(
        name="exact",
        form=Form.CHOICE,
        description="填 1 则按原词搜索，不纠正错别字。",
        message="exact 只能是 1。",
        choices={"1": "按原词搜索"},
    ),
    Parameter(
        name="lift",
        form=Form.CHOICE,
        description="填 0 则不优先显示某地的结果；不填时，搜索词里的县（市、区）或所在县（市、区）网站的结果排得靠前一些。",
        message="lift 只能是 0。",
        choices={"0": "不优先显示某地的结果"},
    ),
    Parameter(
        name="sort",
        form=Form.CHOICE,
        description="排序方式。",
        message=f"排序方式只能是 {'、'.join(SORT_LABELS)}。",
        choices=SORT_LABELS,
        default="relevance",
    ),
    Parameter(
        name="page",
        form=Form.NUMBER,
        description=f"第几页，从 1 起；页码乘以每页条数不得超过 {MAX_DEPTH}。",
        message="页码应为不小于 1 的整数。",
        first=1,
        last=10**_LONGEST_NUMBER,
        default="1",
    ),
    Parameter(
        name="size",
        form=Form.NUMBER,
        description="每页条数。",
        message=f"每页条数应在 1 到 {MAX_SIZE} 之间。",
        first=1,
        last=MAX_SIZE,
        default=str(DEFAULT_SIZE),
    ),
)
NAMES = frozenset(parameter.name for parameter in PARAMETERS)
_BY_NAME = {parameter.name: parameter for parameter in PARAMETERS}


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one parameter, for the person who wrote it."""

    field: str
    message: str


class Reader:
    """Reads parameters one by one and collects what is wrong; what cannot be right reads as the default."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self._given = given
        self.problems: list[Problem] = []
        for name in given:
            if name not in NAMES:
                self.refuse(clean_query(name, length=40), "没有这个参数。")

    def refuse(self, field: str, message: str = "") -> None:
        """Note that a parameter cannot be right."""
        self.problems.append(Problem(field, message or _BY_NAME[field].message))

    def query(self) -> str:
        """Return the query as it can be searched for."""
        return clean_query(self._given.get("q", ""), length=QUERY_LENGTH)

    def name(self, name: str) -> str:
        """Return a name as it was given; whether there is such a thing the caller knows."""
        text = clean_query(self._given.get(name, ""), length=_LONGEST_NAME + 1)
        if len(text) > _LONGEST_NAME:
            self.refuse(name)
            return ""
        return text

    def choice(self, name: str) -> str:
        """Return one of the parameter's choices, or its default."""
        text, parameter = self._text(name), _BY_NAME[name]
        if text and text not in (parameter.choices or {}):
            self.refuse(name)
            return parameter.default
        return text or parameter.default

    def number(self, name: str) -> int:
        """Return a number within the parameter's bounds, or its default; 0 where it has none."""
        text, parameter = self._text(name), _BY_NAME[name]
        default = int(parameter.default or 0)
        if not text:
            return default
        is_number = text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER
        if is_number and parameter.first <= int(text) <= parameter.last:
            return int(text)
        self.refuse(name)
        return default

    def date(self, name: str) -> dt.date | None:
        """Return a day."""
        text = self._text(name)
        if not text:
            return None
        with contextlib.suppress(ValueError):
            day = dt.date.fromisoformat(text) if _DAY.fullmatch(text) else None
            if day and _FIRST_YEAR <= day.year <= _LAST_YEAR:
                return day
        self.refuse(name)
        return None

    def _text(self, name: str) -> str:
        return self._given.get(name, "").strip()
