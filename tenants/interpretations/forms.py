"""The editor's forms: forms as check boxes, missing elements beside their fields, and the plan that a document asks for."""

from typing import Any

from django import forms
from django.forms import CheckboxSelectMultiple
from typing_extensions import override
from wagtail.admin.panels import HelpPanel, InlinePanel, MultiFieldPanel

from tenants.interpretations.contract import ELEMENTS, Form, Medium
from tenants.interpretations.models import InterpretationPage, ResponsePage
from tenants.pages.forms import SitePageForm
from tenants.pages.models import DocumentPage
from tenants.pages.panels import ElementPanel, without_captions


class InterpretationForm(SitePageForm):
    """An interpretation's form: at least one form of interpretation."""

    kinds = forms.MultipleChoiceField(
        label="解读形式",
        choices=Form.choices,
        widget=CheckboxSelectMultiple,
        required=False,  # asked for below, in drafts too: a page without any cannot be kept
        help_text=InterpretationPage._meta.get_field("kinds").help_text,
    )

    def clean_kinds(self) -> list[str]:
        """Return the chosen forms.

        Raises:
            ValidationError: none is chosen.

        """
        chosen: list[str] = self.cleaned_data["kinds"]
        if not chosen:
            raise forms.ValidationError("请至少选择一种解读形式。")
        return chosen


class ResponseForm(SitePageForm):
    """An answer's form: it must say which issue it answers; rows that came from another site may lack it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "issue" in self.fields:
            self.fields["issue"].required = True


class WarningsPanel(HelpPanel):
    """What an interpretation still lacks, in one place."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("template", "interpretations/warnings_panel.html")
        super().__init__(**kwargs)

    def warnings(self, page: Any) -> list[str]:
        """Return what the panel says of a page."""
        return warnings_of(page)

    class BoundPanel(HelpPanel.BoundPanel):
        """The panel beside its text."""

        @override
        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            context: dict[str, Any] = super().get_context_data(parent_context)
            return context | {"warnings": self.panel.warnings(self.instance)}


class DutyPanel(WarningsPanel):
    """That a document must be interpreted and nobody said how."""

    @override
    def warnings(self, page: Any) -> list[str]:
        return duty_warnings(page)


def warnings_of(page: InterpretationPage) -> list[str]:
    """Return what an interpretation lacks, as editors read it; of a page that is not kept yet, nothing."""
    if page.pk is None:
        return []
    empty = [label for name, label in ELEMENTS.items() if not getattr(page, name).strip()]
    found = [f"{fault}，不计入多样化解读。" for fault in page.unbacked]
    found += [without_captions(row.title) for row in page.media.all() if row.medium == Medium.VIDEO and row.captions_id is None]
    if not page.interpreted.all():
        found.append("没有指明解读的是哪个文件，文件页面上看不到这篇解读，也不能计算是否按时。")
    if not page.organ.strip():
        found.append("没有填写解读机关，统计时算不到任何机关名下。")
    if empty:
        found.append(f"解读要素尚未填写：{'、'.join(empty)}。正文已经讲清的可以不填。")
    return found


def duty_warnings(page: DocumentPage) -> list[str]:
    """Return that a document must be interpreted and has no plan, as editors read it."""
    duty = next(iter(page.interpretation_duties.all()), None) if page.pk else None
    if duty is None or duty.has_plan:
        return []
    lacking = [
        label for label, value in (("解读机关", duty.organ), ("解读形式", duty.forms), ("计划发布日期", duty.planned_on)) if not value
    ]
    return [f"本文件需要解读，但解读安排还不完整：缺少{'、'.join(lacking)}。解读应与文件同步组织、同步审签、同步部署。"]


def connect() -> None:
    """Give the page types their forms and documents the panel of their duty; called once at start-up, for models stand below forms."""
    InterpretationPage.base_form_class = InterpretationForm
    ResponsePage.base_form_class = ResponseForm
    elements = [ElementPanel(name) for name in ELEMENTS]
    panels = InterpretationPage.content_panels
    at = next(place for place, panel in enumerate(panels) if getattr(panel, "field_name", "") == "body") + 1
    panels[at:at] = [MultiFieldPanel(elements, heading="解读要素", help_text="不是文件的摘要：写清群众和企业要知道的。空着的不显示。")]
    panels.insert(1, WarningsPanel(heading="需要注意"))
    DocumentPage.content_panels += [
        DutyPanel(heading="解读提醒"),
        InlinePanel(
            "interpretation_duties",
            heading="需要解读",
            label="解读安排",
            max_num=1,
            help_text="需要解读的文件加一条；写明由谁、以什么形式、何时解读。",
        ),
    ]
