"""The editor's form of a document: relations are checked before anything is saved."""

from typing import Any

from django import forms
from typing_extensions import override
from wagtail.admin.panels import InlinePanel, Panel
from wagtail.admin.widgets import AdminDateInput

from library.contract import RelationError
from library.services import check_relations
from registry.selectors import current_tenant
from tenants.documents.contract import NotIssuableError
from tenants.documents.selectors import missing_elements, warnings_about
from tenants.documents.services import check_issuable
from tenants.pages.forms import SitePageForm
from tenants.pages.models import DocumentPage


class DocumentPageForm(SitePageForm):
    """A document's form; what it says of other documents must make sense."""

    @override
    def clean(self) -> dict[str, Any]:
        """Refuse what this site's government cannot issue, and an index number in use."""
        cleaned = super().clean()
        tenant = current_tenant()
        if tenant is not None:
            facts = {name: cleaned.get(name) or "" for name in ("document_class", "issuer", "source_url")}
            try:
                check_issuable(tenant, **facts)
            except NotIssuableError as error:
                self.add_error("document_class", str(error))
        self._check_index_no(cleaned.get("index_no") or "")
        return cleaned

    def _check_index_no(self, number: str) -> None:
        other = DocumentPage.objects.filter(index_no=number).exclude(pk=self.instance.pk).first() if number else None
        if other is not None:
            self.add_error("index_no", f"索引号已用于《{other.title}》。请另编一个，或留空由系统编号。")

    @override
    def is_valid(self) -> bool:
        """Look at the relations once each of them is understood."""
        return bool(super().is_valid() and self._relations_are_possible())

    def _relations_are_possible(self) -> bool:
        tenant = current_tenant()
        formset = self.formsets.get("relations")
        if tenant is None or formset is None:
            return True
        kept = [form.instance for form in formset.forms if form.cleaned_data and not form.cleaned_data.get("DELETE")]
        wanted = [relation.wanted() for relation in kept if relation.target]
        try:
            check_relations(wanted, site=tenant.uuid, page=self.instance.pk, source_title=self.cleaned_data.get("title", ""))
        except RelationError as error:
            self.add_error(None, str(error))
            return False
        return True


class ElementsPanel(Panel):
    """Says which legal elements a document lacks, above its facts; it stops nobody from saving."""

    class BoundPanel(Panel.BoundPanel):
        """The panel of one document."""

        template_name = "official_documents/missing.html"

        @override
        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            """Return what is missing and what is unusual."""
            context: dict[str, Any] = super().get_context_data(parent_context)
            return context | {"missing": missing_elements(self.instance), "warnings": warnings_about(self.instance)}


class CampaignForm(forms.Form):
    """What a new campaign is called and which day it looks at."""

    title = forms.CharField(label="名称", max_length=100, help_text="例：2026年度行政规范性文件清理。")
    as_of = forms.DateField(label="清理截止日", help_text="列出截至这一天已经制定、现行有效的文件。", widget=AdminDateInput)
    is_for_city = forms.BooleanField(label="清理全市各网站的文件", required=False, help_text="各网站各自决定自己的文件。")

    def __init__(self, *args: Any, is_city: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_city:
            del self.fields["is_for_city"]


def connect() -> None:
    """Make it the form of documents, with the relations below the document's facts; called once at start-up."""
    DocumentPage.base_form_class = DocumentPageForm
    DocumentPage.content_panels = [
        ElementsPanel(heading="公文要素检查"),
        *DocumentPage.content_panels,
        InlinePanel("relations", heading="与其他文件的关系", label="关系"),
    ]
