"""The guide's form, where codes are boxes to tick, and the form that takes a table."""

from collections.abc import Sequence
from typing import Any

from django import forms
from typing_extensions import override

from tenants.pages.forms import SitePageForm
from tenants.pages.models import ColumnPage
from tenants.services.contract import Audience
from tenants.services.models import ORGAN_NAME_LENGTH, LifeEvent, ServicePage

LARGEST = 5 * 1024 * 1024
EXTENSIONS = ("csv", "xlsx")


def _events() -> list[tuple[str, str]]:
    return [(event.code, str(event)) for event in LifeEvent.objects.filter(is_offered=True).order_by("audience", "position", "pk")]


class ServicePageForm(SitePageForm):
    """A guide's form."""

    audiences = forms.MultipleChoiceField(
        label="服务对象", choices=Audience.choices, required=False, widget=forms.CheckboxSelectMultiple, help_text="可多选。"
    )
    events = forms.MultipleChoiceField(
        label="生命周期事件",
        choices=_events,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="公众按这些事件找事项，可多选；事件本身在“办事服务 › 生命周期事件”里增改。",
    )

    @override
    def clean(self) -> dict[str, Any]:
        """Let a newly chosen organ's name replace the words, unless the words were changed too."""
        cleaned = super().clean()
        organ = cleaned.get("organ")
        if organ is not None and "organ" in self.changed_data and "organ_name" not in self.changed_data:
            cleaned["organ_name"] = organ.title[:ORGAN_NAME_LENGTH]
        return cleaned

    def clean_events(self) -> list[str]:
        """Return the ticked events, and those the guide had that are not offered any more."""
        offered = {code for code, _ in _events()}
        kept = [code for code in self.instance.events if code not in offered]
        return [*self.cleaned_data["events"], *kept]


class ImportForm(forms.Form):
    """A table of services, and the column that takes them."""

    file = forms.FileField(label="表格文件", help_text="CSV（UTF-8 或 GB18030）或 XLSX，第一行是列名，与导出的表格相同；最大 5 MB。")
    column = forms.ChoiceField(label="放入栏目", help_text="已有的事项留在原来的栏目。")
    publish = forms.BooleanField(label="导入后直接发布", required=False, help_text="不勾选则存为草稿，由审核人员发布。")

    def __init__(self, *args: Any, columns: Sequence[ColumnPage], may_publish: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.columns = {str(column.pk): column for column in columns}
        self.fields["column"].choices = [(pk, column.title) for pk, column in self.columns.items()]  # type: ignore[attr-defined] # a ChoiceField
        if not may_publish:
            del self.fields["publish"]

    def clean_file(self) -> bytes:
        """Return the file's content.

        Raises:
            ValidationError: it is too large, or of another kind.

        """
        given = self.cleaned_data["file"]
        if given.size > LARGEST:
            raise forms.ValidationError("文件超过 5 MB，请拆成几个文件。")
        if given.name.rpartition(".")[2].lower() not in EXTENSIONS:
            raise forms.ValidationError("只收 .csv 和 .xlsx 文件；旧的 .xls 请另存为 .xlsx。")
        content: bytes = given.read()
        return content

    @override
    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if "column" in cleaned:
            cleaned["column"] = self.columns[cleaned["column"]]
        return cleaned


def connect() -> None:
    """Make it the guide's form; called once at start-up, for models stand below forms."""
    ServicePage.base_form_class = ServicePageForm
