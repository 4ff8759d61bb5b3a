"""What a document says of others, as its editors write it: it travels with the page's revisions and its site's export."""

import datetime as dt
import re
from string import Formatter
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from modelcluster.fields import ParentalKey
from typing_extensions import override
from wagtail.admin.panels import FieldPanel, FieldRowPanel
from wagtail.contrib.settings.models import BaseSiteSetting
from wagtail.contrib.settings.registry import register_setting
from wagtail.models import Orderable

from library.contract import OF_DOCUMENTS, Member, RelationError, RelationKind, Wanted
from library.selectors import find_document
from registry.selectors import current_tenant
from tenants.documents.contract import TemplateError
from tenants.pages.contract import ADMINISTRATORS
from tenants.pages.models import DocumentPage


class DocumentRelation(Orderable):
    """One relation; `reference` is what the editor typed, `target` the document that was found by it."""

    page = ParentalKey(DocumentPage, on_delete=models.CASCADE, related_name="relations")
    kind = models.CharField("关系", max_length=12, choices=[(kind.value, kind.label) for kind in OF_DOCUMENTS])
    reference = models.CharField("对方文件", max_length=300, help_text="填写发文字号、完整标题或网页地址；可以是本市其他网站的文件。")
    effective_on = models.DateField("自何日起", null=True, blank=True, help_text="废止、修改自哪一天起生效；留空则自发布时起。")
    target = models.CharField(max_length=80, editable=False)
    member_fields: ClassVar[tuple[str, ...]] = ("target",)  # hold a page's key, so an export names what it leads to

    panels: ClassVar[list[object]] = [FieldRowPanel([FieldPanel("kind"), FieldPanel("effective_on")]), FieldPanel("reference")]

    class Meta(Orderable.Meta):
        verbose_name = "与其他文件的关系"

    @override
    def __str__(self) -> str:
        return f"{self.kind} {self.reference} ({self.pk})"

    @override
    def clean(self) -> None:
        """Find the document that is meant.

        Raises:
            ValidationError: there is none, or there are several.

        """
        super().clean()
        tenant = current_tenant()
        if tenant is None or not self.reference:
            return
        try:
            self.target = find_document(self.reference, city_slug=tenant.city_slug).key
        except RelationError as error:
            raise ValidationError({"reference": str(error)}) from error

    def wanted(self) -> Wanted:
        """The relation as the library takes it."""
        return Wanted(RelationKind(self.kind), Member.of_key(self.target), self.effective_on)


@register_setting(icon="list-ol")
class DocumentNumbering(BaseSiteSetting):
    """How a site numbers its documents in the catalogue, and how far it is."""

    code = models.CharField("机关代码", max_length=18, blank=True, help_text="9 位机关代码或 18 位统一社会信用代码。")
    template = models.CharField(
        "索引号模板",
        max_length=60,
        blank=True,
        help_text="例：{code}/{year}-{number:05}。可用 {code}、{year}、{month}、{number}；留空则不自动编号。",
    )
    year = models.PositiveSmallIntegerField(default=0, editable=False)
    last_number = models.PositiveIntegerField(default=0, editable=False)

    panels: ClassVar[list[object]] = [FieldPanel("code"), FieldPanel("template")]
    role_rights: ClassVar[dict[str, tuple[str, ...]]] = {ADMINISTRATORS: ("change",)}

    class Meta:
        verbose_name = "公文索引号"

    @override
    def __str__(self) -> str:
        return f"{self.template} ({self.pk})"

    @override
    def clean(self) -> None:
        """Refuse a template that cannot tell two documents apart.

        Raises:
            ValidationError: it cannot.

        """
        super().clean()
        try:
            day = dt.date(2026, 11, 25)
            is_usable = not self.template or self.numbered(day, 1) != self.numbered(day, 2)
        except (KeyError, IndexError, ValueError, AttributeError):
            is_usable = False
        if not is_usable:
            raise ValidationError({"template": str(TemplateError())})

    def numbered(self, day: dt.date, number: int) -> str:
        """Return the index number of a document of a day."""
        return self.template.format(code=self.code, year=day.year, month=f"{day.month:02}", number=number)[:60]

    def admits(self, number: str) -> bool:
        """Whether an index number has the form of the site's template; any has where there is none."""
        forms = {"code": re.escape(self.code), "year": r"\d{4}", "month": r"\d{2}", "number": r"\d+", None: ""}
        parts = [re.escape(text) + forms.get(name, ".*") for text, name, _, _ in Formatter().parse(self.template)]
        return not self.template or re.fullmatch("".join(parts), number) is not None
