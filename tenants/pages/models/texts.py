"""What all texts share, and articles."""

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.http import HttpRequest
from typing_extensions import override
from wagtail.admin.panels import FieldPanel, FieldRowPanel
from wagtail.fields import StreamField
from wagtail.models import Page

from registry.contract import TenantRef
from search.contract import PageKind, Tab
from tenants.pages import blocks, composing, describing
from tenants.pages.models.sitepage import TITLE, SitePage
from tenants.pages.panels import FilmsPanel


class TextPage(SitePage):
    """What articles and documents share."""

    subtitle = models.CharField("副标题", max_length=200, blank=True)
    source = models.CharField("来源", max_length=100, blank=True)
    editor_name = models.CharField("责任编辑", max_length=40, blank=True)
    keywords = models.CharField("关键词", max_length=100, blank=True, help_text="用逗号分隔。")
    summary = models.CharField("摘要", max_length=300, blank=True)
    body = StreamField(blocks.BodyBlock(), verbose_name="正文", blank=True)
    attachments = StreamField(blocks.AttachmentsBlock(required=False), verbose_name="附件", blank=True)
    topics = ArrayField(
        models.CharField(max_length=40),
        verbose_name="专题",
        default=list,
        blank=True,
        db_default=models.Value([], ArrayField(models.CharField())),
        help_text="选中的专题页面会自动收录本文。",
    )
    source_id = models.CharField(
        "来源编号",
        max_length=64,
        null=True,
        blank=True,
        unique=True,
        editable=False,
    )

    parent_page_types: ClassVar[list[str]] = ["pages.ColumnPage"]
    subpage_types: ClassVar[list[str]] = []
    show_in_menus_default = False
    promote_panels: ClassVar[list[Any]] = [FieldPanel("topics"), *Page.promote_panels]
    page_kind: ClassVar[PageKind] = PageKind.ARTICLE
    own_tab: ClassVar[Tab | None] = None  # the class of search such texts are found in, whatever their column is for

    class Meta:
        abstract = True

    @override
    def shown(self, request: HttpRequest) -> dict[str, Any]:
        """Return what every text shows."""
        return composing.text(self, request)

    @override
    def in_short(self, tenant: TenantRef) -> str:
        """Return the text's summary, else how it begins."""
        return describing.text_in_short(self) or super().in_short(tenant)

    @override
    def described(self, tenant: TenantRef, url: str) -> list[dict[str, Any]]:
        """Return an article; a type that is something else says what."""
        return [describing.article(self, tenant, url)]

    def search_text(self) -> str:
        """Return all that a reader sees of the text, a paragraph a line; a type that shows more adds it."""
        return blocks.plain_text(self.body)

    def file_ids(self) -> list[int]:
        """Return the numbers of the files the text offers, each once; a type that offers more adds them."""
        return blocks.file_ids_of(self)

    def search_facts(self) -> dict[str, Any]:
        """Return what else search may know, as fields of `search.contract.SearchDocument`."""
        return {}


class ArticlePage(TextPage):
    """News, a notice, an introduction."""

    content_panels: ClassVar[list[Any]] = [
        TITLE,
        FieldPanel("subtitle"),
        FieldRowPanel([FieldPanel("source"), FieldPanel("editor_name")]),
        FieldPanel("summary"),
        FilmsPanel(),
        FieldPanel("body"),
        FieldPanel("attachments"),
        FieldPanel("keywords"),
    ]

    class Meta:
        verbose_name = verbose_name_plural = "文章"
