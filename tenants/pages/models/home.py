"""The first page of a site."""

from typing import Any, ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.forms import RadioSelect
from django.http import Http404, HttpRequest
from typing_extensions import override
from wagtail.admin.panels import FieldPanel, FieldRowPanel, HelpPanel, MultiFieldPanel, PageChooserPanel
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail.url_routing import RouteResult

from registry.contract import TenantRef
from tenants.pages import composing, describing
from tenants.pages.blocks.home import HomeBlock
from tenants.pages.composing import front
from tenants.pages.contract import HomeLayout
from tenants.pages.models.sitepage import TITLE, SitePage


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
    def in_short(self, tenant: TenantRef) -> str:
        """Return what the site is."""
        return self.search_description or describing.site_in_short(tenant)

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
