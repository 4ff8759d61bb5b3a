"""The editor's form of a document: relations are checked before anything is saved."""

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone
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
from vocabularies.contract import Scheme
from vocabularies.selectors import subject_titles, subject_words, subjects

SCHEMES = {"subject": Scheme.SUBJECT, "combined_class": Scheme.COMBINED}  # by the field they fill


class DocumentPageForm(SitePageForm):
    """A document's form; what it says of other documents must make sense."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, scheme in SCHEMES.items():
            if name in self.fields:
                choices = subject_choices(getattr(self.instance, name), scheme=scheme, today=timezone.localdate())
                self.fields[name] = forms.ChoiceField(label=self.fields[name].label, required=False, choices=choices)

    @override
    def clean(self) -> dict[str, Any]:
        """Refuse what this site's government cannot issue; the document itself refuses an index number in use."""
        cleaned = super().clean()
        tenant = current_tenant()
        if tenant is not None:
            facts = {name: cleaned.get(name) or "" for name in ("document_class", "issuer", "source_url")}
            try:
                check_issuable(tenant, **facts)
            except NotIssuableError as error:
                self.add_error("document_class", str(error))
        return cleaned

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


def subject_choices(kept: str, *, scheme: Scheme = Scheme.SUBJECT, today: dt.date) -> list[tuple[str, Any]]:
    """Return the subjects on offer, second-level ones below their class; one that is offered no more stays where the document has it."""
    tenant = current_tenant()
    offered = subjects(city=tenant.city_slug, on=today, scheme=scheme) if tenant else []
    choices: list[tuple[str, Any]] = [("", "---------")]
    for each in (subject for subject in offered if subject.is_class):
        below = [(one.code, one.title) for one in offered if one.class_code == each.code and not one.is_class]
        choices.append((each.title, [(each.code, f"{each.title}（不分二级）"), *below]) if below else (each.code, each.title))
    if kept and kept not in {subject.code for subject in offered}:
        titles = subject_titles(city=tenant.city_slug, scheme=scheme) if tenant else {}
        choices.append((kept, f"{subject_words(kept, titles)}（已停用）"))
    return choices


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
