"""The editor's form of a power list, the upload of a file, and the question where an organ's content goes."""

from collections import Counter
from typing import Any

from django import forms
from typing_extensions import override

from tenants.organs.models import OrganPage, PowerListPage
from tenants.pages.forms import SitePageForm

LARGEST_FILE = 8 * 1024 * 1024


class PowerListForm(SitePageForm):
    """A power list's form: no code stands in it twice."""

    @override
    def clean(self) -> dict[str, Any]:
        """Mark every item whose code another one has."""
        cleaned = super().clean()
        rows = [form for form in self.formsets["items"].forms if not form.data.get(form.add_prefix("DELETE"))] if self.formsets else []
        codes = Counter(_code(form) for form in rows)
        for form in rows:
            if _code(form) and codes[_code(form)] > 1:
                form.add_error("code", f"编码“{_code(form)}”在本清单中出现了 {codes[_code(form)]} 次，每个事项的编码必须不同。")
        return cleaned


def _code(form: forms.BaseForm) -> str:
    return str(form.data.get(form.add_prefix("code"), "")).strip()


class ImportForm(forms.Form):
    """A file with items for a power list's draft."""

    file = forms.FileField(label="CSV 或 XLSX 文件", help_text="第一行是列名，与导出的文件相同。CSV 用 UTF-8 或 GB18030 编码；最大 8 MB。")
    is_complete = forms.BooleanField(
        label="文件是完整的清单", required=False, help_text="勾选后，清单中有而文件中没有的事项从草稿中取消；有错误行时不取消任何事项。"
    )

    def clean_file(self) -> bytes:
        """Return the file's content, if it is not too long."""
        given = self.cleaned_data["file"]
        if given.size > LARGEST_FILE:
            raise forms.ValidationError("文件超过 8 MB，请分成几个文件。")
        content: bytes = given.read()
        return content


class HandOverForm(forms.Form):
    """Where the content of an organ that is to be deleted goes."""

    successor = forms.ModelChoiceField(
        label="转给哪个机构", queryset=OrganPage.objects.none(), help_text="下级页面移到所选机构之下，指向本机构的内容改为指向所选机构。"
    )

    def __init__(self, *args: Any, organ: OrganPage, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["successor"].queryset = OrganPage.objects.exclude(pk=organ.pk).order_by("title")  # type: ignore[attr-defined] # a model choice


def connect() -> None:
    """Make it the form of power lists; called once at start-up, for models stand below forms."""
    PowerListPage.base_form_class = PowerListForm
