"""The form in which a citizen writes an opinion, and the editor's form of a consultation."""

from collections.abc import Sequence
from typing import Any

from django import forms
from typing_extensions import override

from intake.contract import Purpose
from intake.forms import PublicForm
from intake.services import open_form
from library.contract import RelationError
from library.selectors import find_document
from registry.contract import TenantRef
from registry.selectors import current_tenant
from tenants.consultations.composing import ADDRESS, offer_form
from tenants.consultations.contract import LONGEST_OPINION, LONGEST_REASON
from tenants.consultations.models import ConsultationPage
from tenants.pages.forms import SitePageForm

_TOO_LONG = "最多 %(limit_value)d 字，现在有 %(show_value)d 字。"


class OpinionForm(PublicForm):
    """The opinion itself; name and contact only if somebody wants to be asked back."""

    text = forms.CharField(
        label="意见内容",
        max_length=LONGEST_OPINION,
        widget=forms.Textarea,
        help_text=f"请写明对哪一条、有什么意见、建议怎样修改。最多 {LONGEST_OPINION} 字。",
        error_messages={"required": "请填写您的意见。", "max_length": f"意见{_TOO_LONG}请精简或分几次提交。"},
    )
    name = forms.CharField(
        label="姓名或单位",
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"max_length": f"姓名或单位{_TOO_LONG}"},
    )
    contact = forms.CharField(label="电话或电子邮箱", max_length=100, required=False, error_messages={"max_length": f"联系方式{_TOO_LONG}"})

    def shown_on(self, page: ConsultationPage, *, token: str, faults: Sequence[str] = ()) -> dict[str, Any]:
        """Return the form of a page as plain values, with all that somebody wrote and what is wrong with it."""
        return self.shown(action=f"{ADDRESS}{page.pk or 0}/#opinion", button="提交意见", token=token, faults=faults)


class WithholdForm(forms.Form):
    """Why an opinion is withheld, and whether its words go too."""

    reason = forms.CharField(
        label="撤除理由",
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="例如：广告、与征集事项无关、重复提交、本人要求撤回。不写提意见人的姓名和联系方式。",
        error_messages={"required": "请写明撤除的理由。", "max_length": f"理由{_TOO_LONG}"},
    )
    erases_text = forms.BooleanField(
        label="同时删除意见内容", required=False, help_text="含有违法内容、他人隐私或者国家秘密、商业秘密的选中；删除后不能恢复。"
    )


def new_token(tenant: TenantRef) -> str:
    """Return the mark by which a form counts once."""
    return open_form(tenant, Purpose.COMMENT)


def blank_form(page: ConsultationPage, tenant: TenantRef) -> dict[str, Any]:
    """Return the form of a page as somebody finds it."""
    return OpinionForm().shown_on(page, token=new_token(tenant))


class ConsultationForm(SitePageForm):
    """A consultation's form: long enough, or with a reason; the final document is one that is there.

    Asked here and not by the page: rows that come from an archive are kept as they were published.
    """

    @override
    def clean(self) -> dict[str, Any]:
        """Refuse a period that is too short without a reason, and a document that nobody published."""
        cleaned = super().clean()
        asked = ("kind", "affects_market", "starts_on", "ends_on", "short_reason")
        told = ConsultationPage(**{name: cleaned[name] for name in asked if cleaned.get(name) is not None}).lacks_reason()
        if told:
            self.add_error("short_reason", told)
        self._find_final(str(cleaned.get("final_reference") or ""))
        return cleaned

    def _find_final(self, reference: str) -> None:
        tenant = current_tenant()
        self.instance.final_target = ""
        if tenant is None or not reference:
            return
        try:
            self.instance.final_target = find_document(reference, city_slug=tenant.city_slug).key
        except RelationError as error:
            self.add_error("final_reference", str(error))


def connect() -> None:
    """Make it the form of consultations, and let their pages show the other; called once at start-up, for models stand below forms."""
    ConsultationPage.base_form_class = ConsultationForm
    offer_form(blank_form)
