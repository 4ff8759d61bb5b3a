"""What a document says of others, as its editors write it: it travels with the page's revisions and its site's export."""

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from modelcluster.fields import ParentalKey
from typing_extensions import override
from wagtail.admin.panels import FieldPanel, FieldRowPanel
from wagtail.models import Orderable

from library.contract import OF_DOCUMENTS, Member, RelationError, RelationKind, Wanted
from library.selectors import find_document
from registry.selectors import current_tenant
from tenants.pages.models import DocumentPage


class DocumentRelation(Orderable):
    """One relation; `reference` is what the editor typed, `target` the document that was found by it."""

    page = ParentalKey(DocumentPage, on_delete=models.CASCADE, related_name="relations")
    kind = models.CharField("关系", max_length=12, choices=[(kind.value, kind.label) for kind in OF_DOCUMENTS])
    reference = models.CharField("对方文件", max_length=300, help_text="填写发文字号、完整标题或网页地址；可以是本市其他网站的文件。")
    effective_on = models.DateField("自何日起", null=True, blank=True, help_text="废止、修改自哪一天起生效；留空则自发布时起。")
    target = models.CharField(max_length=80, editable=False)

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
