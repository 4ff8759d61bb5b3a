"""Which pages fulfil an entry, where a column's content goes, a corrected publication time."""

import datetime as dt
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from typing_extensions import override
from wagtail.admin.widgets import AdminPageChooser
from wagtail.models import Page

from tenants.pages.models import ColumnPage


class _Columns(forms.ModelMultipleChoiceField):  # type: ignore[type-arg] # Django's fields are not generic at run time
    """Columns by name, those below others set in."""

    @override
    def label_from_instance(self, obj: Any) -> str:
        return f"{'　' * (obj.depth - 3)}{obj.title}"


class _Column(forms.ModelChoiceField):  # type: ignore[type-arg] # as above
    """As above, one."""

    @override
    def label_from_instance(self, obj: Any) -> str:
        return f"{'　' * (obj.depth - 3)}{obj.title}"


class FulfilmentForm(forms.Form):
    """The columns, and a single text, that fulfil an entry."""

    columns = _Columns(
        ColumnPage.objects.none(),
        label="栏目",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="都不选时，按栏目类别和名称自动对应。",
    )
    text = forms.ModelChoiceField(
        Page.objects.none(), label="或一篇文章", required=False, widget=AdminPageChooser, help_text="整个事项只用一篇文章公开时选择。"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["columns"].queryset = ColumnPage.objects.live().order_by("path")  # type: ignore[attr-defined] # a choice field
        texts = Page.objects.live().filter(depth__gt=2).exclude(content_type__model__in=("columnpage", "homepage"))
        self.fields["text"].queryset = texts  # type: ignore[attr-defined] # as above

    def pages(self) -> list[Page]:
        """Return all that was chosen."""
        text = self.cleaned_data["text"]
        return [*self.cleaned_data["columns"], *([text] if text else [])]


class DeleteColumnForm(forms.Form):
    """What becomes of a column's content."""

    MOVE, DELETE = "move", "delete"

    choice = forms.ChoiceField(
        label="栏目里的内容", choices=[(MOVE, "移到另一个栏目"), (DELETE, "连同内容一起删除")], widget=forms.RadioSelect
    )
    target = _Column(ColumnPage.objects.none(), label="移到", required=False)
    confirmed = forms.CharField(label="确认删除", required=False, help_text="连同内容一起删除时，请输入本栏目的名称。")

    def __init__(self, *args: Any, column: ColumnPage, targets: QuerySet[ColumnPage], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.column = column
        self.fields["target"].queryset = targets  # type: ignore[attr-defined] # as above

    @override
    def clean(self) -> dict[str, Any]:
        """Ask for the target, or for the column's name, as the choice needs."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if given.get("choice") == self.MOVE and not given.get("target") and "target" not in self.errors:
            self.add_error("target", "请选择内容移到哪个栏目。")
        if given.get("choice") == self.DELETE and given.get("confirmed", "").strip() != self.column.title:
            self.add_error("confirmed", f"请输入栏目名称“{self.column.title}”，确认连同内容一起删除。")
        return given


class PublicationTimeForm(forms.Form):
    """A corrected publication time and why."""

    published_at = forms.DateTimeField(
        label="发布时间", widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
    reason = forms.CharField(
        label="理由",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="例：从旧网站迁入，恢复原时间。会记入审计日志。",
    )

    def clean_published_at(self) -> dt.datetime:
        """Refuse a time that lies ahead."""
        given: dt.datetime = self.cleaned_data["published_at"]
        if given > timezone.now():
            raise forms.ValidationError("发布时间不能晚于现在。")
        return given
