"""The form in which a citizen writes an opinion."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms

from intake.contract import Purpose
from intake.forms import PublicForm
from intake.services import open_form
from registry.contract import TenantRef
from tenants.consultations.composing import ADDRESS
from tenants.consultations.contract import LONGEST_OPINION

if TYPE_CHECKING:
    from tenants.consultations.models import ConsultationPage

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

    def shown_on(self, page: "ConsultationPage", *, token: str, faults: Sequence[str] = ()) -> dict[str, Any]:
        """Return the form of a page as plain values, with all that somebody wrote and what is wrong with it."""
        return self.shown(action=f"{ADDRESS}{page.pk or 0}/#opinion", button="提交意见", token=token, faults=faults)


def new_token(tenant: TenantRef) -> str:
    """Return the mark by which a form counts once."""
    return open_form(tenant, Purpose.COMMENT)


def blank_form(page: "ConsultationPage", tenant: TenantRef) -> dict[str, Any]:
    """Return the form of a page as somebody finds it."""
    return OpinionForm().shown_on(page, token=new_token(tenant))
