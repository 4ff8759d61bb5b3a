"""Forms of the rules and of the working days."""

import datetime as dt
from typing import Any

from django import forms
from typing_extensions import override

from console.forms.places import sites_there_are
from registry.models import City, Region
from rules.contract import MARK_LABELS, UNIT_LABELS, Mark, Scope, Unit
from rules.selectors import names
from rules.services import Wanted

DAY = {"type": "date"}
LONGEST_FILE = 200_000


class RuleForm(forms.Form):
    """A new row: which rule, where, from when, how much, and what it rests on."""

    key = forms.ChoiceField(label="规则")
    place = forms.ChoiceField(label="适用范围", help_text="范围越小越优先：站点优先于市级，市级优先于省级，省级优先于全国。")
    value = forms.IntegerField(label="数值", min_value=0, max_value=2_147_483_647, help_text="每年的某一天写作月日，如 131 是1月31日。")
    unit = forms.ChoiceField(label="单位", choices=[(unit.value, label) for unit, label in UNIT_LABELS.items()])
    valid_from = forms.DateField(label="第一天", widget=forms.DateInput(attrs=DAY), help_text="今天或以后；以前的日子不改。")
    valid_to = forms.DateField(label="最后一天", required=False, widget=forms.DateInput(attrs=DAY), help_text="含当天；空：一直有效。")
    basis = forms.CharField(label="依据", max_length=200, help_text="法律或文件的名称、文号和条款。")
    mark = forms.ChoiceField(label="依据的可信度", choices=[(mark.value, label) for mark, label in MARK_LABELS.items()])
    note = forms.CharField(label="说明", max_length=200, required=False)

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._today = today
        self.fields["key"].choices = [(key, f"{label}（{key}）") for key, label in names().items()]  # type: ignore[attr-defined] # a choice field
        self.fields["place"].choices = places()  # type: ignore[attr-defined] # as above
        if not self.is_bound:
            self.initial.setdefault("mark", Mark.CHECK.value)

    def clean_valid_from(self) -> dt.date:
        """Refuse a day that is over.

        Raises:
            ValidationError: it is.

        """
        day: dt.date = self.cleaned_data["valid_from"]
        if day < self._today:
            raise forms.ValidationError("第一天不能早于今天：过去的事项已经按当时的规则办理，不作改动。")
        return day

    def wanted(self) -> Wanted:
        """Return the row the person typed; call it when the form is valid."""
        values = self.cleaned_data
        scope, _, code = values["place"].partition(":")
        return Wanted(
            key=values["key"],
            value=values["value"],
            unit=Unit(values["unit"]),
            basis=values["basis"],
            mark=Mark(values["mark"]),
            valid_from=values["valid_from"],
            scope=Scope(scope),
            scope_code=code,
            valid_to=values["valid_to"],
            note=values["note"],
        )


class CalendarForm(forms.Form):
    """A year's table, typed, pasted or as a file."""

    text = forms.CharField(
        label="表格内容（CSV）",
        required=False,
        max_length=LONGEST_FILE,
        widget=forms.Textarea(attrs={"rows": 10, "spellcheck": "false"}),
        help_text="第一行：date,is_working,name,source,published_on。只写与星期不同的日子：工作日放假写0，周末上班写1。",
    )
    file = forms.FileField(label="或者选择文件（UTF-8）", required=False, help_text="选了文件就以文件为准。")

    @override
    def clean(self) -> dict[str, Any]:
        """Take the text out of the file, so that the next page carries it on.

        Raises:
            ValidationError: there is neither, or the file is no text.

        """
        cleaned = super().clean() or {}
        file = cleaned.get("file")
        if file:
            if file.size > LONGEST_FILE:
                raise forms.ValidationError("文件太大，最多200KB。一年的安排只有几十行。")
            try:
                cleaned["text"] = file.read().decode("utf-8-sig")
            except UnicodeDecodeError:
                raise forms.ValidationError("文件不是UTF-8文字。请在电子表格软件里另存为“CSV UTF-8”。") from None
        if not (cleaned.get("text") or "").strip():
            raise forms.ValidationError("请粘贴表格内容，或选择文件。")
        return cleaned


def places() -> list[tuple[str, Any]]:
    """Return where a rule can hold: the nation, then provinces, cities and sites of the platform."""
    cities = list(City.objects.order_by("slug").values_list("region_id", "name"))
    provinces = Region.objects.filter(level=Region.Level.PROVINCE, code__in={f"{code[:2]}0000" for code, _ in cities}).order_by("code")
    groups: list[tuple[str, Any]] = [
        ("全国", [("nation:", "全国")]),
        ("省级", [(f"province:{row.code[:2]}", row.name) for row in provinces]),
        ("市级", [(f"city:{code}", name) for code, name in cities]),
        ("站点", [(f"tenant:{ref.slug}", f"{ref.name}（{ref.slug}）") for ref in sites_there_are()]),
    ]
    return [group for group in groups if group[1]]
