"""What every public form has beside its own fields: the mark that makes it count once, and a field that people leave empty."""

from typing import Any

from django import forms
from typing_extensions import override

LEAVE_EMPTY = "这一栏请留空，不要填写；如果是浏览器自动填写的，请删去后再提交。"


class PublicForm(forms.Form):
    """A form that anybody may send. Robots fill in every field; a person who does is told, and nothing is lost."""

    token = forms.CharField(max_length=200, widget=forms.HiddenInput)
    homepage = forms.CharField(required=False, max_length=200, label="请留空", widget=forms.TextInput(attrs={"autocomplete": "off"}))

    @override
    def clean(self) -> dict[str, Any]:
        """Refuse what no person fills in."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("homepage"):
            self.add_error("homepage", LEAVE_EMPTY)
        return cleaned
