"""The filter of the audit trail."""

from datetime import date, datetime, time
from typing import Any

from django import forms
from django.utils import timezone

from console.contract import TrailFilter
from registry.selectors import directory


class TrailForm(forms.Form):
    """Which audit entries are wanted."""

    actor = forms.CharField(label="操作人", required=False, max_length=150)
    action = forms.CharField(label="操作", required=False, max_length=60)
    site = forms.CharField(label="站点标识", required=False, max_length=40)
    subject = forms.CharField(label="对象", required=False, max_length=200)
    since = forms.DateField(label="从", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label="到", required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def clean_site(self) -> Any:
        """Return the site's uuid.

        Raises:
            ValidationError: no such site.

        """
        slug = self.cleaned_data["site"]
        site = directory().by_slug.get(slug) if slug else None
        if slug and site is None:
            raise forms.ValidationError("没有这个站点。")
        return site.uuid if site else None

    def filter(self) -> TrailFilter:
        """Return what the form asks for; nothing narrows when it is not valid."""
        if not self.is_valid():
            return TrailFilter()
        values = self.cleaned_data
        until = values["until"]
        return TrailFilter(
            actor=values["actor"],
            action=values["action"],
            site=values["site"],
            subject=values["subject"],
            since=_midnight(values["since"]),
            until=_midnight(date.fromordinal(until.toordinal() + 1)) if until and until < date.max else None,
        )


def _midnight(day: date | None) -> datetime | None:
    return timezone.make_aware(datetime.combine(day, time.min)) if day else None
