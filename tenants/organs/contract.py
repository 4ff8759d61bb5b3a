"""Words and plain values of organs and their power lists."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.http import HttpRequest

from tenants.pages.contract import Element, Item

REGULATION = "《政府信息公开条例》"


class OrganKind(models.TextChoices):
    """What sort of organ it is; the directory is grouped so, in this order."""

    GOVERNMENT = "government", "政府"
    DEPARTMENT = "department", "政府部门"
    DIRECT = "direct", "直属机构"
    INSTITUTION = "institution", "直属事业单位"
    AGENCY = "agency", "派出机构"
    TOWNSHIP = "township", "乡镇街道"
    OTHER = "other", "其他机构"


class PowerKind(models.TextChoices):
    """The classes of administrative powers, and public services beside them."""

    PERMIT = "permit", "行政许可"
    PENALTY = "penalty", "行政处罚"
    COERCION = "coercion", "行政强制"
    LEVY = "levy", "行政征收"
    PAYMENT = "payment", "行政给付"
    INSPECTION = "inspection", "行政检查"
    CONFIRMATION = "confirmation", "行政确认"
    REWARD = "reward", "行政奖励"
    RULING = "ruling", "行政裁决"
    OTHER = "other", "其他行政权力"
    SERVICE = "service", "公共服务"


# What each must publish; empty ones are marked in the editor and counted in the report, and refuse nothing.
ORGAN_ELEMENTS = (
    Element("body", "主要职责", f"{REGULATION}第二十条第二项"),
    Element("address", "办公地址", f"{REGULATION}第二十条第二项"),
    Element("hours", "办公时间", f"{REGULATION}第二十条第二项"),
    Element("phone", "联系电话", f"{REGULATION}第二十条第二项"),
    Element("fax", "传真号码", f"{REGULATION}第十二条"),
    Element("email", "电子邮箱", f"{REGULATION}第十二条"),
)
LEADER_ELEMENTS = (
    Element("post", "职务", "政府网站“负责人信息”"),
    Element("photo_id", "照片", "政府网站“负责人信息”"),
    Element("resume", "简历", "政府网站“负责人信息”"),
    Element("division", "工作分工", "政府网站“负责人信息”"),
)
FILING_ELEMENTS = (
    Element("responsible_name", "政务公开负责同志", "省级年度工作要点：确定一名负责同志并备案"),
    Element("filed_on", "备案日期", "省级年度工作要点"),
    Element("filing_receipt", "备案回执号", "省级年度工作要点"),
    Element("openness_unit", "政府信息公开工作机构", f"{REGULATION}第四条"),
    Element("staff_count", "专职人员数", "省级年度工作要点：配齐专职人员"),
)
POWER_LIST_ELEMENTS = (Element("checked_on", "最近核对日期", "省级年度工作要点：更新完善权责清单"),)
ITEM_ELEMENTS = (
    Element("basis", "设定依据"),
    Element("unit", "实施主体"),
    Element("process", "办理流程"),
    Element("supervision", "责任与监督"),
)


# A row of a power list: the field, and what it is called in files, tables and differences.
ITEM_FIELDS: Mapping[str, str] = {
    "code": "事项编码",
    "kind": "权力类型",
    "name": "事项名称",
    "basis": "设定依据",
    "unit": "实施主体",
    "process": "办理流程",
    "supervision": "责任与监督",
}
KIND_LABELS: Mapping[str, str] = {kind.value: str(kind.label) for kind in PowerKind}


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of an item, before and after."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ItemChange:
    """What became of one item between two versions."""

    code: str
    name: str
    fields: tuple[FieldChange, ...] = ()


@dataclass(frozen=True, slots=True)
class Differences:
    """What one version of a list has that an older one has not."""

    added: tuple[ItemChange, ...] = ()
    removed: tuple[ItemChange, ...] = ()
    changed: tuple[ItemChange, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether both are the same."""
        return not (self.added or self.removed or self.changed)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one row of a file: its line, the column, and how to mend it."""

    line: int
    field: str
    mend: str


@dataclass
class Report:
    """What a file did to a list: items added, changed, unchanged, taken out, and the rows that were not taken."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    faults: list[Fault] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether the list stays as it is."""
        return not (self.added or self.changed or self.removed)


@dataclass(frozen=True, slots=True)
class OrganList:
    """A list that another room shows on each organ's page; `compose` returns its newest lines, in a fixed number of queries."""

    title: str
    compose: Callable[[Any, HttpRequest], Sequence[Item]]


@dataclass(frozen=True, slots=True)
class Reference:
    """Something that points to an organ: what it is, where it is edited, and whether it can follow to another organ."""

    title: str
    kind: str
    place: str
    edit_url: str
    can_follow: bool


@dataclass(frozen=True, slots=True)
class Content:
    """What is lost with an organ unless somebody says where it goes: pages below it, and what points to it."""

    below: tuple[Reference, ...] = ()
    pointing: tuple[Reference, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing is lost."""
        return not (self.below or self.pointing)


class UnknownListError(LookupError):
    """No power list of the site is meant, or several are; the message names those there are."""

    def __init__(self, asked: str, known: Sequence[str]) -> None:
        super().__init__(f"There is not exactly one power list {asked!r}. Power lists: {', '.join(known) or 'none'}.")
