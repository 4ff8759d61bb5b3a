"""Which sites: fields that offer the sites of the platform, and days without colour on them."""

from datetime import datetime
from typing import Any

from django import forms
from typing_extensions import override

from registry.contract import State, TenantRef
from registry.models import City
from registry.selectors import directory

NOBODY = (State.CLOSED, State.PURGED)
MOMENT = {"type": "datetime-local"}


def sites_there_are() -> list[TenantRef]:
    """Return the sites that are not closed, by region."""
    return sorted((ref for ref in directory().by_uuid.values() if ref.state not in NOBODY), key=lambda ref: (ref.region_code, ref.slug))


class PlacesForm(forms.Form):
    """Whose pages: all sites of a city, or some."""

    cities = forms.MultipleChoiceField(label="全部站点", required=False, widget=forms.CheckboxSelectMultiple)
    sites = forms.MultipleChoiceField(label="或者只选这些站点", required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cities = [(slug, f"{name}的全部站点") for slug, name in City.objects.order_by("slug").values_list("slug", "name")]
        self.fields["cities"].choices = cities  # type: ignore[attr-defined] # a choice field
        self.fields["sites"].choices = [(ref.slug, ref.name) for ref in sites_there_are()]  # type: ignore[attr-defined] # as above

    @override
    def clean(self) -> dict[str, Any]:
        """Refuse what is for nobody."""
        cleaned = super().clean() or {}
        if not cleaned.get("cities") and not cleaned.get("sites"):
            self.add_error("sites", "请选择全部站点，或至少一个站点。")
        return cleaned

    def chosen(self) -> tuple[list[City], list[TenantRef]]:
        """Return the cities that were chosen whole, and the sites of other cities; call it when the form is valid."""
        cities = list(City.objects.filter(slug__in=self.cleaned_data["cities"]).order_by("slug"))
        whole = {city.slug for city in cities}
        wanted = set(self.cleaned_data["sites"])
        return cities, [ref for ref in sites_there_are() if ref.slug in wanted and ref.city_slug not in whole]

    def reached(self) -> list[TenantRef]:
        """Return every site that was chosen, by name or with its city."""
        cities, sites = self.chosen()
        whole = {city.slug for city in cities}
        return [ref for ref in sites_there_are() if ref.city_slug in whole or ref in sites]


class GreyForm(PlacesForm):
    """Where, from when, until when, and why."""

    starts_at = forms.DateTimeField(label="开始", widget=forms.DateTimeInput(attrs=MOMENT), help_text="到时自动变灰。")
    ends_at = forms.DateTimeField(label="结束", widget=forms.DateTimeInput(attrs=MOMENT), help_text="到时自动恢复彩色，最长31天。")
    reason = forms.CharField(label="事由", max_length=200, help_text="如 国家公祭日。写入审计记录，公众看不到。")
    field_order = ("starts_at", "ends_at", "reason", "cities", "sites")

    @override
    def clean(self) -> dict[str, Any]:
        """Refuse an end before the beginning, beside the field."""
        cleaned = super().clean()
        first, last = cleaned.get("starts_at"), cleaned.get("ends_at")
        if first and last and last <= first:
            self.add_error("ends_at", "结束时间必须晚于开始时间。")
        return cleaned

    def time(self) -> tuple[datetime, datetime, str]:
        """Return from when, until when, and why."""
        values = self.cleaned_data
        return values["starts_at"], values["ends_at"], values["reason"]


class AnnouncementForm(PlacesForm):
    """A notice for the readers of several sites; it has its number from the start, so that pressing twice publishes once."""

    number = forms.UUIDField(widget=forms.HiddenInput)
    title = forms.CharField(label="标题", max_length=200)
    text = forms.CharField(label="正文", max_length=20_000, widget=forms.Textarea(attrs={"rows": 10}), help_text="一行一段，不带格式。")
    field_order = ("number", "title", "text", "cities", "sites")


class NumbersForm(forms.Form):
    """The numbers of the rows that something is done to; carried along, not typed."""

    numbers = forms.CharField(widget=forms.HiddenInput, max_length=4000)

    def clean_numbers(self) -> list[int]:
        """Return the numbers.

        Raises:
            ValidationError: they are none.

        """
        parts = str(self.cleaned_data["numbers"]).split(",")
        if not all(part.isascii() and part.isdigit() and len(part) < 16 for part in parts):  # noqa: PLR2004 - what a row's number can have
            raise forms.ValidationError("请从列表中选择。")
        return [int(part) for part in parts]
