"""Columns: lists of texts, or of columns."""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from typing_extensions import override
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel

from registry.contract import TenantRef
from registry.selectors import current_tenant
from rules.contract import Place
from rules.selectors import end_by, rules_of
from tenants.pages import composing
from tenants.pages.contract import STALE_RULES, ColumnType
from tenants.pages.models.sitepage import TITLE, SitePage


class ColumnPage(SitePage):
    """A column (栏目): a list of texts, or of columns below it."""

    introduction = models.CharField("栏目说明", max_length=200, blank=True, help_text="一句话说明本栏目放什么。")
    column_type = models.CharField("栏目类别", max_length=20, choices=ColumnType.choices, default=ColumnType.OTHER)
    keywords = models.CharField("关键词", max_length=100, blank=True, help_text="用逗号分隔。")
    is_on_home = models.BooleanField("在首页列出", default=False)
    responsible = models.CharField(
        "责任单位", max_length=60, blank=True, default="", db_default="", help_text="谁负责本栏目：科室、部门或责任人。"
    )
    update_days = models.PositiveSmallIntegerField(
        "更新期限（天）",
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text="最多多少天须有更新。留空按栏目类别的规定；填写的只能比规定更短。",
    )
    least_items = models.PositiveSmallIntegerField(
        "最少条数", null=True, blank=True, help_text="至少应有多少条。留空按规定；填 0 表示不作要求。"
    )

    content_panels: ClassVar[list[Any]] = [
        TITLE,
        FieldPanel("introduction"),
        FieldRowPanel([FieldPanel("column_type"), FieldPanel("is_on_home")]),
        FieldPanel("keywords"),
        MultiFieldPanel(
            [FieldPanel("responsible"), FieldRowPanel([FieldPanel("update_days"), FieldPanel("least_items")])], heading="更新要求"
        ),
    ]
    parent_page_types: ClassVar[list[str]] = ["pages.HomePage", "pages.ColumnPage"]
    # What may stand in a column, each type says itself: rooms bring their own.
    is_followed = True

    class Meta:
        verbose_name = verbose_name_plural = "栏目"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(update_days=None) | models.Q(update_days__gt=0), name="pages_update_days_positive")
        ]

    @override
    def clean(self) -> None:
        """Refuse an own deadline that is longer than what the rule for the column's type allows."""
        super().clean()
        key, tenant, today = STALE_RULES.get(ColumnType(self.column_type)), current_tenant(), timezone.localdate()
        if not (self.update_days and key and tenant):
            return
        row = rules_of([key], on=today, place=Place.of(region_code=tenant.region_code, tenant=tenant.slug)).get(key)
        longest = (end_by(row, start=today) - today).days if row else self.update_days
        if self.update_days > longest:
            label = ColumnType(self.column_type).label
            raise ValidationError(
                {"update_days": f"“{label}”类栏目规定最长 {longest} 天须有更新，自定期限只能更短：请填 {longest} 或更小。"}
            )

    @override
    def shown(self, request: HttpRequest) -> dict[str, Any]:
        """Return the column's texts, or what is filled into columns of its type."""
        return composing.column(self, request)

    @override
    def in_short(self, tenant: TenantRef) -> str:
        """Return what the column is for."""
        said = self.introduction or self.search_description
        return said or f"{tenant.name}“{self.title}”栏目，{ColumnType(self.column_type).label}。"

    @override
    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Return the list; a page beyond the last answers 404 and says where the last one is."""
        response: HttpResponse = super().serve(request, *args, **kwargs)
        if response.context_data and response.context_data.get("is_beyond_last"):  # type: ignore[attr-defined] # a TemplateResponse
            response.status_code = 404
        return response
