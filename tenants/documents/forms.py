"""The editor's form of a document: relations are checked before anything is saved."""

from typing_extensions import override
from wagtail.admin.panels import InlinePanel

from library.contract import RelationError
from library.services import check_relations
from registry.selectors import current_tenant
from tenants.pages.forms import SitePageForm
from tenants.pages.models import DocumentPage


class DocumentPageForm(SitePageForm):
    """A document's form; what it says of other documents must make sense."""

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


def connect() -> None:
    """Make it the form of documents, with the relations below the document's facts; called once at start-up."""
    DocumentPage.base_form_class = DocumentPageForm
    DocumentPage.content_panels = [
        *DocumentPage.content_panels,
        InlinePanel("relations", heading="与其他文件的关系", label="关系"),
    ]
