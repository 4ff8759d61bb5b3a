"""Organs with their inner units and leaders, and the power list of each, item by item and version by version."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Deferrable
from django.http import HttpRequest, HttpResponse
from modelcluster.fields import ParentalKey
from typing_extensions import override
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel
from wagtail.models import Orderable, Page

from registry.contract import TenantRef
from search.contract import Category, Tab
from tenants.organs import composing
from tenants.organs.contract import (
    FILING_ELEMENTS,
    ITEM_ELEMENTS,
    ITEM_FIELDS,
    LEADER_ELEMENTS,
    ORGAN_ELEMENTS,
    POWER_LIST_ELEMENTS,
    OrganKind,
    PowerKind,
)
from tenants.pages import describing
from tenants.pages.blocks import plain_text
from tenants.pages.contract import ColumnType
from tenants.pages.models import TITLE, ColumnPage, TextPage
from tenants.pages.panels import ElementPanel, MissingPanel, missing_of

_BASIS = {element.name: element.basis for element in (*ORGAN_ELEMENTS, *FILING_ELEMENTS, *LEADER_ELEMENTS, *POWER_LIST_ELEMENTS)}


def _element(name: str, **kwargs: Any) -> ElementPanel:
    return ElementPanel(name, basis=_BASIS.get(name) or _BASIS.get(f"{name}_id", ""), **kwargs)


class InnerUnit(Orderable):
    """An inner unit (内设机构) of an organ."""

    organ = ParentalKey("organs.OrganPage", on_delete=models.CASCADE, related_name="units")
    name = models.CharField("名称", max_length=100)
    duty = models.TextField("职责", blank=True)
    phone = models.CharField("电话", max_length=60, blank=True)

    panels: ClassVar[list[Any]] = [FieldRowPanel([FieldPanel("name"), FieldPanel("phone")]), FieldPanel("duty")]

    class Meta(Orderable.Meta):
        verbose_name = verbose_name_plural = "内设机构"

    @override
    def __str__(self) -> str:
        return self.name


class OrganLeader(Orderable):
    """One of an organ's leaders: 姓名、照片、简历、分工、讲话."""

    organ = ParentalKey("organs.OrganPage", on_delete=models.CASCADE, related_name="leaders")
    name = models.CharField("姓名", max_length=40)
    post = models.CharField("职务", max_length=100, blank=True)
    photo = models.ForeignKey("media.SiteImage", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="照片")
    resume = models.TextField("简历", blank=True)
    division = models.TextField("工作分工", blank=True)
    speeches = models.ForeignKey(
        "wagtailcore.Page",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="讲话与活动",
        help_text="选择登载其讲话或活动的栏目。",
    )

    panels: ClassVar[list[Any]] = [
        FieldRowPanel([FieldPanel("name"), _element("post")]),
        _element("photo"),
        _element("division"),
        _element("resume"),
        FieldPanel("speeches"),
    ]

    class Meta(Orderable.Meta):
        verbose_name = verbose_name_plural = "领导"

    @override
    def __str__(self) -> str:
        return f"{self.name} {self.post}".strip()


class OrganPage(TextPage):
    """An organ (机关): what it does, where and when it is reached, who leads it."""

    kind = models.CharField("机构类别", max_length=20, choices=OrganKind.choices, default=OrganKind.DEPARTMENT)
    position = models.PositiveSmallIntegerField("排序号", default=100, help_text="同类机构中小的在前。")
    address = models.CharField("办公地址", max_length=200, blank=True)
    hours = models.CharField("办公时间", max_length=200, blank=True, help_text="例：工作日 8:30—12:00，14:30—18:00。")
    phone = models.CharField("联系电话", max_length=100, blank=True)
    fax = models.CharField("传真号码", max_length=60, blank=True)
    email = models.EmailField("电子邮箱", blank=True)
    website = models.URLField("网站", max_length=200, blank=True)
    postcode = models.CharField("邮政编码", max_length=6, blank=True)
    responsible_name = models.CharField("政务公开负责同志", max_length=40, blank=True)
    responsible_post = models.CharField("其职务", max_length=100, blank=True)
    filed_on = models.DateField("备案日期", null=True, blank=True)
    filing_receipt = models.CharField("备案回执号", max_length=60, blank=True)
    openness_unit = models.CharField("政府信息公开工作机构", max_length=100, blank=True)
    staff_count = models.PositiveSmallIntegerField("专职人员数", null=True, blank=True)

    content_panels: ClassVar[list[Any]] = [
        MissingPanel(),
        TITLE,
        FieldRowPanel([FieldPanel("kind"), FieldPanel("position")]),
        FieldPanel("summary"),
        _element("body", heading="主要职责"),
        MultiFieldPanel(
            [
                _element("address"),
                FieldRowPanel([_element("hours"), FieldPanel("postcode")]),
                FieldRowPanel([_element("phone"), _element("fax")]),
                FieldRowPanel([_element("email"), FieldPanel("website")]),
            ],
            heading="联系方式",
        ),
        InlinePanel("leaders", heading="领导信息", label="领导"),
        InlinePanel("units", heading="内设机构", label="内设机构"),
        MultiFieldPanel(
            [
                FieldRowPanel([_element("responsible_name"), FieldPanel("responsible_post")]),
                FieldRowPanel([_element("filed_on"), _element("filing_receipt")]),
                FieldRowPanel([_element("openness_unit"), _element("staff_count")]),
            ],
            heading="政务公开负责人备案",
            help_text="供监督检查使用；除工作机构外，不在公开网页上显示。",
        ),
        FieldPanel("attachments"),
        FieldPanel("keywords"),
    ]
    subpage_types: ClassVar[list[str]] = ["organs.PowerListPage"]
    own_tab = Tab.OPENNESS

    class Meta:
        verbose_name = verbose_name_plural = "机构"

    @override
    @classmethod
    def can_create_at(cls, parent: Page) -> bool:
        """Whether an organ may stand there: in a column of type 机构职能."""
        column = parent.specific
        return bool(super().can_create_at(parent) and isinstance(column, ColumnPage) and column.column_type == ColumnType.ORGANS)

    @override
    def shown(self, request: HttpRequest) -> dict[str, Any]:
        """Return duties, contact, leaders, inner units, the power list, and what other rooms add."""
        return composing.organ(self, request)

    @override
    def described(self, tenant: TenantRef, url: str) -> list[dict[str, Any]]:
        """Return the organ as a government organization."""
        facts = {
            "name": self.title,
            "url": url,
            "address": self.address,
            "telephone": self.phone,
            "faxNumber": self.fax,
            "email": self.email,
        }
        known = {name: value for name, value in facts.items() if value}
        return [{"@context": describing.CONTEXT, "@type": "GovernmentOrganization"} | known]

    @override
    def search_text(self) -> str:
        """Return duties, contact, leaders and units, a line each."""
        contact = [self.address, self.hours, self.phone, self.fax, self.email]
        leaders = [f"{leader.post} {leader.name} {leader.division}".strip() for leader in self.leaders.all()]
        units = [f"{unit.name} {unit.phone} {unit.duty}".strip() for unit in self.units.all()]
        return "\n".join(text for text in [plain_text(self.body), *contact, *leaders, *units] if text)

    @override
    def search_facts(self) -> dict[str, Any]:
        """Return what it is, and its name as the office by which readers narrow down."""
        return {"category": Category.ORGAN, "issuer": self.title}

    def responsible(self) -> str:
        """Return who is responsible for openness, with the post."""
        return f"{self.responsible_name} {self.responsible_post}".strip()

    def missing_elements(self) -> list[str]:
        """Return what the organ must publish or file and does not; of leaders and units with their names."""
        missing = missing_of(self, (*ORGAN_ELEMENTS, *FILING_ELEMENTS))
        leaders = list(self.leaders.all())
        missing += [] if leaders else ["领导信息"]
        missing += [] if self.units.all() else ["内设机构"]
        return missing + [f"{leader.name}：{label}" for leader in leaders for label in missing_of(leader, LEADER_ELEMENTS)]


class PowerItem(Orderable):
    """One item of a power list."""

    page = ParentalKey("organs.PowerListPage", on_delete=models.CASCADE, related_name="items")
    code = models.CharField("事项编码", max_length=60)
    kind = models.CharField("权力类型", max_length=20, choices=PowerKind.choices)
    name = models.CharField("事项名称", max_length=300)
    basis = models.TextField("设定依据", blank=True)
    unit = models.CharField("实施主体", max_length=200, blank=True)
    process = models.TextField("办理流程", blank=True)
    supervision = models.TextField("责任与监督", blank=True, help_text="责任事项、追责情形与监督方式。")

    panels: ClassVar[list[Any]] = [
        FieldRowPanel([FieldPanel("code"), FieldPanel("kind")]),
        FieldPanel("name"),
        ElementPanel("basis"),
        ElementPanel("unit"),
        ElementPanel("process"),
        ElementPanel("supervision"),
    ]

    class Meta(Orderable.Meta):
        verbose_name = verbose_name_plural = "权责事项"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            # Deferred: codes may change places in one save.
            models.UniqueConstraint(fields=["page", "code"], name="organs_one_item_a_code", deferrable=Deferrable.DEFERRED),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    def row(self) -> dict[str, str]:
        """Return the item as plain values, as versions and files hold it."""
        return {name: str(getattr(self, name)) for name in ITEM_FIELDS}


class PowerListPage(TextPage):
    """The power list (权责清单) of the organ above it."""

    checked_on = models.DateField("最近核对日期", null=True, blank=True, help_text="最近一次对照法律法规和机构职责核对清单的日期。")
    edition = models.CharField("版本名称", max_length=40, blank=True, help_text="例：2026年版。版本号在发布时自动编排。")

    content_panels: ClassVar[list[Any]] = [
        MissingPanel(),
        TITLE,
        FieldRowPanel([_element("checked_on"), FieldPanel("edition")]),
        FieldPanel("summary"),
        FieldPanel("body", heading="说明"),
        InlinePanel("items", heading="权责事项", label="事项"),
        FieldPanel("attachments"),
    ]
    parent_page_types: ClassVar[list[str]] = ["organs.OrganPage"]
    own_tab = Tab.OPENNESS

    class Meta:
        verbose_name = verbose_name_plural = "权责清单"

    @override
    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Return the list, or all of it as a file."""
        wanted = request.GET.get("format", "")
        if wanted in composing.FORMATS:
            return composing.file_response(self, wanted)
        response: HttpResponse = super().serve(request, *args, **kwargs)
        return response

    @override
    def shown(self, request: HttpRequest) -> dict[str, Any]:
        """Return the items by kind, the versions, and what a version changed."""
        return composing.power_list(self, request)

    @override
    def search_facts(self) -> dict[str, Any]:
        """Return what it is, and whose powers these are: the organ above and the units that the items name."""
        organ = self.get_parent()
        units = [name for item in self.items.all() for name in item.unit.split("、")]
        names = dict.fromkeys(name.strip() for name in (organ.title if organ else "", *units))
        return {"category": Category.POWERS, "issuer": "；".join(filter(None, names))}

    @override
    def search_text(self) -> str:
        """Return the explanation and every item by name, with its code and who is responsible."""
        items = [f"{item.name} {item.get_kind_display()} {item.code} {item.unit}".strip() for item in self.items.all()]
        return "\n".join(text for text in [plain_text(self.body), *items] if text)

    def missing_elements(self) -> list[str]:
        """Return what the list lacks; of items with their codes."""
        items = list(self.items.all())
        missing = missing_of(self, POWER_LIST_ELEMENTS) + ([] if items else ["权责事项"])
        return missing + [f"{item.code}：{label}" for item in items for label in missing_of(item, ITEM_ELEMENTS)]


class PowerVersion(models.Model):
    """A power list as it was published once; kept so that readers see what changed."""

    page = models.ForeignKey(PowerListPage, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField("版本号")
    edition = models.CharField("版本名称", max_length=40, blank=True)
    checked_on = models.DateField("最近核对日期", null=True, blank=True)
    published_at = models.DateTimeField("发布时间")
    rows = models.JSONField("事项")
    item_count = models.PositiveIntegerField("事项数")
    added = models.PositiveIntegerField("新增")
    removed = models.PositiveIntegerField("取消")
    changed = models.PositiveIntegerField("调整")

    class Meta:
        verbose_name = verbose_name_plural = "权责清单版本"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["page", "number"], name="organs_one_version_a_number"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.page_id} 第{self.number}版"
