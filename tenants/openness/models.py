"""The guide to openness with the fields the regulation names, the yearly reports, and which pages fulfil an entry of a catalogue."""

from typing import Any, ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.http import HttpRequest
from typing_extensions import override
from wagtail.admin.panels import FieldPanel, FieldRowPanel, HelpPanel, MultiFieldPanel
from wagtail.models import Page

from catalogues.contract import KIND_LABELS, Kind
from search.contract import Tab
from tenants.openness.composing import platform
from tenants.pages import composing
from tenants.pages.contract import ADMINISTRATORS, AUDITORS, EDITORS, REVIEWERS, Fact
from tenants.pages.models import TITLE, TextPage

FIRST_YEAR, LAST_YEAR = 2008, 2100  # the regulation is in force since May 2008
ABSENT = "尚未填写"


class GuidePage(TextPage):
    """The guide (政府信息公开指南): what article 12 of the regulation wants, field by field, and more in the text."""

    classification = models.TextField("分类、编排体系", blank=True, help_text="本机关政府信息怎样分类、怎样编排。（条例第十二条）")
    access = models.TextField("获取方式", blank=True, help_text="通过哪些渠道、到哪里可以得到政府信息。（条例第十二条）")
    office = models.CharField("工作机构名称", max_length=100, blank=True, help_text="政府信息公开工作机构的全称。（条例第十二条）")
    address = models.CharField("办公地址", max_length=200, blank=True, help_text="含门牌号和房间号。（条例第十二条）")
    hours = models.CharField("办公时间", max_length=200, blank=True, help_text="工作日的起止时间，节假日安排。（条例第十二条）")
    phone = models.CharField("联系电话", max_length=60, blank=True, help_text="含区号。（条例第十二条）")
    fax = models.CharField("传真号码", max_length=60, blank=True, help_text="含区号；没有传真的请写“无”。（条例第十二条）")
    internet = models.CharField("互联网联系方式", max_length=200, blank=True, help_text="电子邮箱或网上申请地址。（条例第十二条）")
    application = models.TextField("申请渠道与办理流程", blank=True, help_text="怎样提出申请、申请表在哪里下载、怎样办理。")
    fees = models.TextField("收费说明", blank=True)
    remedies = models.TextField("监督和救济", blank=True, help_text="向谁举报投诉，怎样申请行政复议、提起行政诉讼。")

    STATUTORY: ClassVar[tuple[str, ...]] = ("classification", "access", "office", "address", "hours", "phone", "fax", "internet")
    USUAL: ClassVar[tuple[str, ...]] = ("application", "fees", "remedies")
    own_tab = Tab.OPENNESS

    content_panels: ClassVar[list[Any]] = [
        HelpPanel(template="openness/admin/missing.html"),
        TITLE,
        MultiFieldPanel(
            [
                FieldPanel("classification"),
                FieldPanel("access"),
                FieldRowPanel([FieldPanel("office"), FieldPanel("address")]),
                FieldRowPanel([FieldPanel("hours"), FieldPanel("phone")]),
                FieldRowPanel([FieldPanel("fax"), FieldPanel("internet")]),
            ],
            heading="法定要素（条例第十二条，缺一项都会在页面上显示“尚未填写”）",
        ),
        MultiFieldPanel([FieldPanel("application"), FieldPanel("fees"), FieldPanel("remedies")], heading="通常还应写明"),
        FieldPanel("body"),
        FieldPanel("attachments"),
        FieldRowPanel([FieldPanel("source"), FieldPanel("editor_name")]),
    ]

    class Meta:
        verbose_name = verbose_name_plural = "公开指南"

    @override
    def shown(self, request: HttpRequest) -> dict[str, Any]:
        """Return the text, its fields, and the platform around it."""
        return composing.text(self, request) | {"facts": self.facts, "platform": platform(self, request)}

    @property
    def facts(self) -> list[Fact]:
        """What article 12 names, whether it is there or not, and the usual rest where it is."""
        statutory = [Fact(_label(self, name), getattr(self, name) or ABSENT) for name in self.STATUTORY]
        return [*statutory, *(Fact(_label(self, name), getattr(self, name)) for name in self.USUAL if getattr(self, name))]

    @property
    def missing(self) -> list[str]:
        """What article 12 names and nobody wrote."""
        return [_label(self, name) for name in self.STATUTORY if not getattr(self, name)]

    @override
    def search_text(self) -> str:
        """Return the fields, a paragraph each, and the text."""
        fields = [f"{_label(self, name)}：{value}" for name in (*self.STATUTORY, *self.USUAL) if (value := getattr(self, name))]
        return "\n".join([*fields, super().search_text()])


class AnnualReportPage(TextPage):
    """A yearly report on openness (政府信息公开年报), of the site's own organ or of another."""

    year = models.PositiveSmallIntegerField(
        "年度", validators=[MinValueValidator(FIRST_YEAR), MaxValueValidator(LAST_YEAR)], help_text="报告的是哪一年的工作。"
    )
    organ = models.CharField("报告机关", max_length=100, blank=True, help_text="留空则为本机关；汇集下级机关的年报时填写其全称。")
    own_tab = Tab.OPENNESS

    content_panels: ClassVar[list[Any]] = [
        TITLE,
        FieldRowPanel([FieldPanel("year"), FieldPanel("organ")]),
        FieldPanel("summary"),
        FieldPanel("body"),
        FieldPanel("attachments"),
        FieldRowPanel([FieldPanel("source"), FieldPanel("editor_name")]),
    ]

    class Meta:
        verbose_name = verbose_name_plural = "公开年报"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(year__gte=FIRST_YEAR, year__lte=LAST_YEAR), name="openness_report_year")
        ]

    @override
    def shown(self, request: HttpRequest) -> dict[str, Any]:
        """Return the text with the platform around it."""
        return composing.text(self, request) | {
            "facts": [Fact("年度", str(self.year)), Fact("报告机关", self.organ or request.tenant.name)],  # type: ignore[attr-defined] # set by registry.middleware
            "platform": platform(self, request),
        }


class Fulfilment(models.Model):
    """That a column or a text fulfils an entry of a catalogue, as the site's people say; without any, the column types decide."""

    kind = models.CharField("目录", max_length=12, choices=[(kind.value, label) for kind, label in KIND_LABELS.items()])
    code = models.CharField("编码", max_length=20)
    page = models.ForeignKey(Page, models.CASCADE, related_name="+", verbose_name="栏目或文章")

    role_rights: ClassVar[dict[str, tuple[str, ...]]] = {
        ADMINISTRATORS: ("view", "add", "change", "delete"),
        REVIEWERS: ("view", "add", "change", "delete"),
        EDITORS: ("view",),
        AUDITORS: ("view",),
    }

    class Meta:
        verbose_name = verbose_name_plural = "事项对应"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["kind", "code", "page"], name="openness_fulfils_once"),
            models.CheckConstraint(condition=models.Q(kind__in=[kind.value for kind in Kind]), name="openness_kind_known"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.kind} {self.code}: {self.page_id}"


def _label(page: GuidePage, name: str) -> str:
    return str(page._meta.get_field(name).verbose_name)
