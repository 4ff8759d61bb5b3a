"""Words of service guides: for whom, how far online, and the ten elements a guide must not lack."""

from collections.abc import Mapping
from enum import StrEnum

from django.db import models


class Audience(models.TextChoices):
    """For whom a service is."""

    PERSON = "person", "个人"
    ENTERPRISE = "enterprise", "企业"
    PROJECT = "project", "项目"


class Depth(models.TextChoices):
    """How far a service can be done online."""

    WINDOW = "window", "窗口办理"
    CONSULT = "consult", "网上咨询"
    RECEIVE = "receive", "网上收件"
    REVIEW = "review", "网上预审"
    ACCEPT = "accept", "网上受理"
    WHOLE = "whole", "全程网办"


class Fee(models.TextChoices):
    """Whether a service costs anything."""

    FREE = "free", "不收费"
    CHARGED = "charged", "收费"


class Origin(models.TextChoices):
    """Where a material comes from."""

    APPLICANT = "applicant", "申请人自备"
    AUTHORITY = "authority", "政府部门核发"
    OTHER = "other", "其他"


class Element(StrEnum):
    """The key elements (重点要素) that inspections look for, in the order of a guide."""

    NAME = "name"
    BASIS = "basis"
    CONDITIONS = "conditions"
    MATERIALS = "materials"
    PLACE = "place"
    ORGAN = "organ"
    FEES = "fees"
    HOURS = "hours"
    PHONE = "phone"
    STEPS = "steps"


ELEMENT_LABELS = {
    Element.NAME: "事项名称",
    Element.BASIS: "设定依据",
    Element.CONDITIONS: "申请条件",
    Element.MATERIALS: "办理材料",
    Element.PLACE: "办理地点",
    Element.ORGAN: "办理机构",
    Element.FEES: "收费标准",
    Element.HOURS: "办理时间",
    Element.PHONE: "联系电话",
    Element.STEPS: "办理流程",
}


# --- guides as a table ---------------------------------------------------------

PLAIN = {  # a column's title → the field; the same both ways
    "事项编码": "code",
    "事项名称": "title",
    "办理机构": "organ_name",
    "摘要": "summary",
    "设定依据": "basis",
    "申请条件": "conditions",
    "收费标准和依据": "fee_standard",
    "办理时间": "hours",
    "咨询电话": "phone",
    "监督投诉电话": "complaint_phone",
    "在线办理入口": "entry",
    "办理结果": "result_name",
}
NUMBERS = {"法定办结时限": "statutory_days", "承诺办结时限": "promised_days", "到现场次数": "visits"}
CHOICES: dict[str, tuple[str, type[models.TextChoices]]] = {"是否收费": ("fee", Fee), "网办深度": ("online_depth", Depth)}
AUDIENCES, EVENTS, MATERIALS, STEPS, WINDOWS, QUESTIONS = "服务对象", "生命周期事件", "办理材料", "办理流程", "办理地点", "常见问题"
NO_MATERIAL = "无需提交"
BAR = "|"
COLUMNS = (
    *("事项编码", "事项名称", "办理机构", AUDIENCES, EVENTS, "摘要", "设定依据", "申请条件", MATERIALS, STEPS, WINDOWS),
    *("办理时间", "法定办结时限", "承诺办结时限", "是否收费", "收费标准和依据", "咨询电话", "监督投诉电话", "网办深度", "到现场次数"),
    *("在线办理入口", "办理结果", QUESTIONS),
)
PARTS = {  # what stands between the bars of a line
    MATERIALS: "名称|原件份数|复印件份数|来源|要求",
    STEPS: "环节|做什么|时限",
    WINDOWS: "窗口名称|地址|办理时间|电话|交通指引",
    QUESTIONS: "问|答",
}


def missing(given: Mapping[Element, object]) -> tuple[Element, ...]:
    """Return the elements that nothing is given for, in the order of a guide."""
    return tuple(element for element in Element if not given.get(element))


def days_text(days: int | None) -> str:
    """Return a time limit in words: 0 is at once, none is nothing."""
    if days is None:
        return ""
    return f"{days} 个工作日" if days else "即时办结"
