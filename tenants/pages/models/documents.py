"""Official documents."""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest
from typing_extensions import override
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel

from library.contract import GENRES
from registry.contract import TenantRef
from search.contract import Category, DocumentClass, PageKind, Validity
from tenants.pages import composing, describing
from tenants.pages.contract import (
    DOCUMENT_CATEGORIES,
    DOCUMENT_CLASSES,
    INDEX_NO_CONSTRAINT,
    LIBRARY_CATEGORIES,
    VALIDITIES,
    taken_index_no,
)
from tenants.pages.models.sitepage import TITLE
from tenants.pages.models.texts import TextPage
from tenants.pages.panels import FilmsPanel


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
