"""What every public form has beside its own fields: the mark that makes it count once, and a field that people leave empty."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
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

    def shown(self, *, action: str, button: str, token: str, faults: Sequence[str] = ()) -> dict[str, Any]:
        """Return the form as plain values for `includes/form_fields.html`, with what was typed; `faults` are about no field."""
        own = [self[name] for name in self.fields if name not in PublicForm.base_fields]
        by_field = [{"name": field.name, "message": field.errors[0]} for field in [*own, self["homepage"]] if field.errors]
        return {
            "action": action,
            "button": button,
            "token": token,
            "guard_error": next(iter(self["homepage"].errors), ""),
            "guard_value": self["homepage"].value() or "",
            "faults": [*({"name": "", "message": fault} for fault in (*faults, *self.non_field_errors())), *by_field],
            "fields": [_shown(field) for field in own],
        }


def _shown(field: BoundField) -> dict[str, Any]:
    error, value = next(iter(field.errors), ""), field.value()
    about = [f"{field.name}-error"] if error else []
    about += [f"{field.name}-help"] if field.help_text else []
    choices = getattr(field.field, "choices", ())
    return {
        "name": field.name,
        "kind": _kind(field.field.widget),
        "label": field.label,
        "help": field.help_text,
        "error": error,
        "described_by": " ".join(about),
        "value": "" if value is None else value,
        "most": getattr(field.field, "max_length", None) or 0,
        "autocomplete": field.field.widget.attrs.get("autocomplete", ""),
        "is_required": field.field.required,
        "choices": [{"value": key, "label": label, "is_chosen": str(key) == str(value)} for key, label in choices if key != ""],
    }


def _kind(widget: forms.Widget) -> str:
    if isinstance(widget, forms.RadioSelect):  # which is a Select too
        return "choices"
    return "select" if isinstance(widget, forms.Select) else "lines" if isinstance(widget, forms.Textarea) else "text"
