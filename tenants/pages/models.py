"""The page types of a site: home, column, article, official document; `composing` puts together what each shows."""

from abc import abstractmethod
from collections.abc import Collection
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.forms import RadioSelect
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from typing_extensions import override
from wagtail.admin.panels import FieldPanel, FieldRowPanel, HelpPanel, MultiFieldPanel, PageChooserPanel, TitleFieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page, PageViewRestriction
from wagtail.url_routing import RouteResult

from library.contract import GENRES
from registry.contract import TenantRef
from registry.selectors import current_tenant, site_url
from rules.contract import Place
from rules.selectors import end_by, rules_of
from search.contract import Category, DocumentClass, PageKind, Tab, Validity
from tenants.pages import blocks, composing, describing
from tenants.pages.blocks.home import HomeBlock
from tenants.pages.composing import front
from tenants.pages.contract import (
    DOCUMENT_CATEGORIES,
    DOCUMENT_CLASSES,
    INDEX_NO_CONSTRAINT,
    LIBRARY_CATEGORIES,
    STALE_RULES,
    VALIDITIES,
    ColumnType,
    HomeLayout,
    PublishedMeanwhileError,
    taken_index_no,
)
from tenants.pages.panels import FilmsPanel

# Wagtail would make the address from the Latin letters and digits of a title: of “2026年工作报告” the year, and so every time.
TITLE = TitleFieldPanel("title", targets=[])


class SitePage(Page):
    """What all pages of a site share; each type names its template after itself and asks `composing` for what it shows."""

    is_followed: ClassVar[bool] = False  # whether it has a feed of its own
    hidden_paths: list[str] | None = None  # where the site's restricted pages stand, once it was asked whether this one is below them
    is_open: bool = False  # whether it was found to be below none of them, for this request
    was_live: bool | None = None  # when it was read; None where it was made otherwise

    class Meta:
        abstract = True

    @classmethod
    @override
    def from_db(cls, db: str | None, field_names: Collection[str], values: Collection[Any]) -> "SitePage":
        """Return a page that remembers whether it was live."""
        page: SitePage = super().from_db(db, field_names, values)
        page.was_live = page.__dict__.get("live")  # which may not have been read
        return page

    @override
    def with_content_json(self, content: dict[str, Any]) -> "SitePage":
        """Return the page with a draft's content; whether it was live is what the page says it was."""
        page: SitePage = super().with_content_json(content)
        page.was_live = self.was_live
        return page

    @override
    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the page, but no draft over a page that went live since the draft was read.

        The editor saves drafts by itself, half a second after each change. One on its way while somebody publishes would write the row as
        it was before: the page would be gone from its address, and nobody would have been told.

        Raises:
            PublishedMeanwhileError: it went live meanwhile.

        """
        if self.pk and self.was_live is False and not self.live:
            with transaction.atomic():
                if Page.objects.select_for_update().filter(pk=self.pk).values_list("live", flat=True).first():
                    raise PublishedMeanwhileError(self.title)
                super().save(*args, **kwargs)
        else:
            super().save(*args, **kwargs)
        self.was_live = self.live

    @override
    def get_view_restrictions(self) -> Any:
        """Return the restrictions that hold for the page; the site's other ones are noted for the lists it shows."""
        if self.is_open:
            return PageViewRestriction.objects.none()
        found, self.hidden_paths = composing.restrictions_on(self)
        return found

    @override
    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Return what the type's template shows, as plain values."""
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        return context | composing.context_of(self, request)

    @abstractmethod
    def shown(self, request: HttpRequest) -> dict[str, Any]:
        """Return what only this type shows, as plain values; `breadcrumb` and `meta` among them."""

    def described(self, tenant: TenantRef, url: str) -> list[dict[str, Any]]:  # noqa: ARG002 - types that say something need both
        """Return what the page is about in the words of schema.org; the way to it is added by itself."""
        return []

    @override
    def get_url_parts(self, request: HttpRequest | None = None) -> tuple[int, str | None, str | None] | None:
        """Return the site's number, its root address and the page's path.

        Where readers' pages are not served (the editor's host, commands), the path is the whole address: “view live” leads to readers.
        """
        parts: tuple[int, str | None, str | None] | None = super().get_url_parts(request)
        tenant = current_tenant()
        if parts is None or parts[2] is not None or tenant is None:
            return parts
        return parts[0], "", site_url(tenant, composing.path_of(self))


class HomePage(SitePage):
    """The first page of a site."""

    lead = models.ForeignKey(
        "wagtailcore.Page",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="头条",
        help_text="首页最醒目位置的一条；不选则取最新的政务动态。",
    )

    most_panels = models.PositiveSmallIntegerField(
        "首页栏目数",
        default=composing.MOST_PANELS,
        validators=[MinValueValidator(1), MaxValueValidator(12)],
        help_text="首页最多列出几个栏目。",
    )
    panel_rows = models.PositiveSmallIntegerField(
        "每栏条数",
        default=composing.PANEL_ROWS,
        validators=[MinValueValidator(1), MaxValueValidator(20)],
        help_text="首页每个栏目最多列出几条。",
    )

    layout = models.CharField(
        "版式",
        max_length=20,
        blank=True,
        choices=HomeLayout.choices,
        db_default="",
        help_text="选一种即可用，右侧可预览；栏目按类别自动对应。不选，则并排列出勾选了“在首页列出”的栏目。",
    )
    blocks = StreamField(
        HomeBlock(required=False),
        verbose_name="自行组合",
        blank=True,
        null=True,
        help_text="添加板块后，首页以这里的板块为准，不再用上面的版式。没有内容的板块自动隐藏。",
    )

    content_panels: ClassVar[list[Any]] = [
        TITLE,
        PageChooserPanel("lead"),
        FieldPanel("layout", widget=RadioSelect),
        HelpPanel("“政府信息公开”入口由系统放在首页固定位置，不能移除（国办公开办函〔2019〕61号）。", heading="政府信息公开入口"),
        FieldPanel("blocks"),
        MultiFieldPanel([FieldRowPanel([FieldPanel("most_panels"), FieldPanel("panel_rows")])], heading="不选版式时"),
    ]
    max_count = 1
    parent_page_types: ClassVar[list[str]] = ["wagtailcore.Page"]
    subpage_types: ClassVar[list[str]] = ["pages.ColumnPage"]

    class Meta:
        verbose_name = verbose_name_plural = "首页"

    @override
    def shown(self, request: HttpRequest) -> dict[str, Any]:
        """Return the lead, the newest texts of columns and the entries of openness."""
        return front.home(self, request)

    @override
    def described(self, tenant: TenantRef, url: str) -> list[dict[str, Any]]:
        """Return the site and how to search it."""
        return [describing.website(tenant)]

    @override
    def route(self, request: HttpRequest, path_components: list[str]) -> RouteResult:
        """Find the page of an address in two queries however deep it lies; Wagtail would ask for each level.

        Readers cannot sign on, so a page with a view restriction is none of theirs, whatever the restriction asks for.

        Raises:
            Http404: no live page has the address, or nobody may read it without signing on.

        """
        page = self._below(path_components) if path_components else self if self.live else None
        if page is None or page.get_view_restrictions():
            raise Http404
        page.is_open = True
        return RouteResult(page)

    def _below(self, path_components: list[str]) -> Any:
        address = f"{self.url_path}{'/'.join(path_components)}/"
        page = Page.objects.live().filter(slug=path_components[-1], url_path=address).first()  # the slug has an index
        return page and page.specific


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
    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Return the list; a page beyond the last answers 404 and says where the last one is."""
        response: HttpResponse = super().serve(request, *args, **kwargs)
        if response.context_data and response.context_data.get("is_beyond_last"):  # type: ignore[attr-defined] # a TemplateResponse
            response.status_code = 404
        return response


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


class DocumentPage(TextPage):
    """An official text with its number, issuer, dates and validity."""

    doc_no = models.CharField("发文字号", max_length=120, blank=True, help_text="例：国发〔2019〕5号。多个字号用分号隔开。")
    index_no = models.CharField("索引号", max_length=60, blank=True)
    issuer = models.CharField("发文机关", max_length=200, blank=True)
    category = models.CharField("文件类别", max_length=30, choices=DOCUMENT_CATEGORIES, default=Category.POLICY.value)
    signed_date = models.DateField("成文日期", null=True, blank=True)
    effective_date = models.DateField("施行日期", null=True, blank=True)
    validity = models.CharField("有效性", max_length=10, choices=VALIDITIES, default=Validity.UNKNOWN.value)
    source_url = models.URLField("原文地址", max_length=300, blank=True)
    place = models.CharField("适用地区", max_length=60, blank=True)
    document_class = models.CharField(
        "文件种类", max_length=12, choices=DOCUMENT_CLASSES, default=DocumentClass.OTHER.value, db_default=DocumentClass.OTHER.value
    )
    genre = models.CharField("公文种类", max_length=8, choices=[(name, name) for name in GENRES], blank=True, default="", db_default="")
    subject = models.CharField("主题分类", max_length=4, blank=True, default="", db_default="")
    combined_class = models.CharField("组配分类", max_length=4, blank=True, default="", db_default="")
    is_trial = models.BooleanField("试行、暂行", default=False, db_default=False)
    valid_until = models.DateField("有效期至", null=True, blank=True, help_text="最后一个有效日；次日起自动标为失效。")
    # What it would be if no other document repealed or amended it; empty where none does.
    own_validity = models.CharField(max_length=10, blank=True, default="", db_default="", editable=False)
    text_group = models.CharField("同文编组", max_length=64, blank=True, editable=False, help_text="同一文件的各版本与转载共用。")
    version_date = models.DateField("版本日期", null=True, blank=True, editable=False)

    page_kind = PageKind.DOCUMENT
    exclude_fields_in_copy: ClassVar[list[str]] = ["index_no"]

    content_panels: ClassVar[list[Any]] = [
        TITLE,
        FieldPanel("subtitle"),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("doc_no"), FieldPanel("index_no")]),
                FieldRowPanel([FieldPanel("issuer"), FieldPanel("category")]),
                FieldRowPanel([FieldPanel("document_class"), FieldPanel("genre")]),
                FieldRowPanel([FieldPanel("subject"), FieldPanel("combined_class")]),
                FieldRowPanel([FieldPanel("signed_date"), FieldPanel("effective_date")]),
                FieldRowPanel([FieldPanel("validity"), FieldPanel("valid_until"), FieldPanel("is_trial")]),
                FieldPanel("place"),
                FieldRowPanel([FieldPanel("source"), FieldPanel("editor_name")]),
                FieldPanel("source_url"),
            ],
            heading="公文要素",
        ),
        FieldPanel("summary"),
        FilmsPanel(),
        FieldPanel("body"),
        FieldPanel("attachments"),
        FieldPanel("keywords"),
    ]

    class Meta:
        verbose_name = verbose_name_plural = "公文"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["index_no"],
                condition=~models.Q(index_no=""),
                name=INDEX_NO_CONSTRAINT,
                violation_error_message="这个索引号已用于本网站的另一份文件。请另编一个，或留空由系统编号。",
            )
        ]

    @override
    def clean(self) -> None:
        """Refuse an index number that another document of the site has, by that document's name.

        Raises:
            ValidationError: another document has it.

        """
        super().clean()
        self.index_no = self.index_no.strip()
        others = DocumentPage.objects.filter(index_no=self.index_no).exclude(pk=self.pk) if self.index_no else DocumentPage.objects.none()
        if (other := others.first()) is not None:
            raise ValidationError({"index_no": taken_index_no(self.index_no, other.title, is_live=other.live)})

    @override
    def shown(self, request: HttpRequest) -> dict[str, Any]:
        """Return the text with its table of facts and its contents."""
        return composing.document(self, request)

    @override
    def described(self, tenant: TenantRef, url: str) -> list[dict[str, Any]]:
        """Return an official document with its number, its issuer and its legal force."""
        return [describing.legislation(self, tenant, url)]

    @override
    def search_facts(self) -> dict[str, Any]:
        """Return the number, the issuer, the validity and which versions belong together."""
        return {
            "category": Category(self.category),
            "doc_nos": tuple(self.doc_nos),
            "index_no": self.index_no,
            "issuer": self.issuer,
            "place": self.place,
            "validity": Validity(self.validity),
            "group": self.text_group,
            "version_date": self.version_date,
            "document_class": DocumentClass(self.document_class) if self.category in LIBRARY_CATEGORIES else None,
            "subject": self.subject,
            "combined_class": self.combined_class,
            "signed_date": self.signed_date,
            "effective_date": self.effective_date,
            "valid_until": self.valid_until,
        }

    @property
    def doc_nos(self) -> list[str]:
        """The document numbers, one each."""
        return [number for raw in self.doc_no.replace("；", ";").split(";") if (number := raw.strip())]
