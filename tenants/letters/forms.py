"""Forms: what a citizen fills in to write and to ask, and what staff fill in to handle a letter."""

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from typing_extensions import override

from intake.forms import PublicForm
from registry.contract import TenantRef
from tenants.letters.contract import Decision, LetterKind, Written

_PHONE = re.compile(r"1[3-9]\d{9}|0\d{2,3}-?\d{7,8}(?:-\d{1,6})?|\d{7,8}")
_LINES = {"rows": 6}


def _told(message: str, **more: str) -> dict[str, str]:
    return {
        "required": message,
        "invalid_choice": "请从给出的选项中选择。",
        "max_length": "最多 %(limit_value)d 个字，现有 %(show_value)d 个字。",
    } | more


class LetterForm(PublicForm):
    """A letter as somebody writes it."""

    kind = forms.ChoiceField(
        label="来信类别", choices=LetterKind.choices, widget=forms.RadioSelect, error_messages=_told("请选择来信类别。")
    )
    subject = forms.CharField(label="标题", max_length=60, help_text="一句话说明事由。", error_messages=_told("请填写标题。"))
    text = forms.CharField(
        label="内容",
        max_length=3000,
        min_length=10,
        widget=forms.Textarea,
        help_text="请写明时间、地点和您的诉求；请不要在内容里写证件号码、银行卡号。",
        error_messages=_told("请填写内容。", min_length="内容太短，请至少写 %(limit_value)d 个字，说明事情的经过和您的诉求。"),
    )
    organ = forms.ChoiceField(label="涉及单位", required=False, help_text="不清楚的可以不选，由工作人员转交。", error_messages=_told(""))
    writer = forms.CharField(
        label="姓名", max_length=40, error_messages=_told("请填写姓名。"), widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    contact = forms.CharField(
        label="联系方式",
        max_length=100,
        help_text="手机、固定电话或电子邮箱，工作人员据此与您核实情况。",
        error_messages=_told("请填写联系方式。"),
    )
    may_publish = forms.ChoiceField(
        label="是否同意公开来信和答复",
        choices=[("yes", "同意：隐去姓名、号码后，可以供其他人查阅"), ("no", "不同意")],
        widget=forms.RadioSelect,
        error_messages=_told("请选择是否同意公开。"),
    )

    def __init__(self, *args: Any, organs: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        organ: forms.ChoiceField = self.fields["organ"]  # type: ignore[assignment] # declared above
        organ.choices = [("", ""), *((name, name) for name in organs)]

    def clean_contact(self) -> str:
        """Refuse what is neither a telephone number nor an address of mail."""
        given: str = self.cleaned_data["contact"]
        contact = given if "@" in given else "".join(given.split())
        if "@" in contact:
            try:
                validate_email(contact)
            except ValidationError as error:
                raise ValidationError("电子邮箱写得不对，请检查。") from error
        elif not _PHONE.fullmatch(contact):
            raise ValidationError("请填写 11 位手机号、带区号的固定电话，或电子邮箱。")
        return contact

    def written(self) -> Written:
        """Return what a valid form says."""
        said = self.cleaned_data
        return Written(
            kind=LetterKind(said["kind"]),
            subject=said["subject"],
            text=said["text"].replace("\r\n", "\n"),
            writer=said["writer"],
            contact=said["contact"],
            organ=said["organ"],
            may_publish=said["may_publish"] == "yes",
        )


class QueryForm(PublicForm):
    """A number and its code."""

    token = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)
    number = forms.CharField(label="编号", max_length=30, error_messages=_told("请填写编号。"))
    code = forms.CharField(label="查询码", max_length=30, error_messages=_told("请填写查询码。"))


# --- staff ----------------------------------------------------------------------


class StaffForm(forms.Form):
    """What a person of the site does with a letter; which field is needed depends on the button."""

    organ = forms.CharField(label="承办单位", required=False, max_length=100, widget=forms.TextInput(attrs={"list": "organs"}))
    reply = forms.CharField(label="答复内容", required=False, max_length=20_000, widget=forms.Textarea(attrs=_LINES))
    reason = forms.CharField(label="理由", required=False, max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
    site = forms.ChoiceField(label="转给网站", required=False)
    decision = forms.ChoiceField(label="是否公开", required=False, choices=[(each.value, each.label) for each in Decision if each.value])

    def __init__(self, *args: Any, sites: Sequence[TenantRef], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._sites = {str(site.uuid): site for site in sites}
        site: forms.ChoiceField = self.fields["site"]  # type: ignore[assignment] # declared above
        site.choices = [("", "请选择"), *((uuid, each.short_name) for uuid, each in self._sites.items())]

    def receiver(self) -> TenantRef | None:
        """Return the chosen site of a valid form."""
        return self._sites.get(self.cleaned_data["site"])

    @override
    def clean(self) -> dict[str, Any]:
        """Let line ends be alike."""
        cleaned: dict[str, Any] = super().clean() or {}
        return cleaned | {"reply": cleaned.get("reply", "").replace("\r\n", "\n")}
