"""The form of a time without colour."""

from typing import Any

from django import forms
from typing_extensions import override
from wagtail.admin.widgets import AdminDateTimeInput


class GreyForm(forms.Form):
    """From when, until when, and why."""

    starts_at = forms.DateTimeField(label="开始时间", widget=AdminDateTimeInput)
    ends_at = forms.DateTimeField(label="结束时间", widget=AdminDateTimeInput)
    reason = forms.CharField(label="事由", max_length=200)

    @override
    def clean(self) -> dict[str, Any]:
        """Refuse an end before the beginning, beside the field."""
        cleaned = super().clean() or {}
        first, last = cleaned.get("starts_at"), cleaned.get("ends_at")
        if first and last and last <= first:
            self.add_error("ends_at", "结束时间必须晚于开始时间。")
        return cleaned
