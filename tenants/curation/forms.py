"""One form a kind of rule, the import of a file, a task."""

from collections.abc import Mapping
from typing import Any

from django import forms
from typing_extensions import override

from registry.contract import TenantRef
from search.curation.files import COLUMNS
from search.curation.rules import RuleValue
from search.curation.targets import TargetError, resolve
from search.models import QueryTask, Rule, RuleKind

_HELP = {
    "address": "本市各网站的网页地址，或以 / 开头的本站路径；推荐结果也可指向政府网站（.gov.cn）。",
    "title": "不填则用网页自己的标题。",
    "position": "同一搜索词有几个推荐时，小的在前；最多显示三个。",
    "is_two_way": "勾选后，搜任意一个词都会带出另一个。",
}
_DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class RuleForm(forms.ModelForm):  # type: ignore[type-arg] # Django's forms are not generic at run time
    """Fields of one kind of rule; an address is resolved to its page while it is checked."""

    def __init__(self, *args: Any, kind: str, tenant: TenantRef, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind, self.tenant = kind, tenant
        self.instance.kind = kind
        for name in [name for name in self.fields if name not in COLUMNS[kind]]:
            del self.fields[name]
        for name, field in self.fields.items():
            field.label = COLUMNS[kind][name]
            field.help_text = _HELP.get(name, "")
            field.required = name in ("phrase", "words", "address") or (name in ("match", "effect", "position") and not self.is_bound)
        self.order_fields(COLUMNS[kind])

    class Meta:
        model = Rule
        fields = (
            "phrase",
            "words",
            "match",
            "address",
            "title",
            "position",
            "effect",
            "is_two_way",
            "starts_on",
            "ends_on",
            "holder",
            "note",
        )
        widgets = {"starts_on": _DATE, "ends_on": _DATE}

    def clean_match(self) -> str:
        """Return the way to match; left empty, the whole query."""
        return self.cleaned_data["match"] or "exact"

    def clean_effect(self) -> str:
        """Return what becomes of the page; left empty, it is hidden."""
        return self.cleaned_data["effect"] or "hide"

    def clean_position(self) -> int:
        """Return the place in the order; left empty, the first."""
        return int(self.cleaned_data["position"] or 1)

    @override
    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        starts, ends = cleaned.get("starts_on"), cleaned.get("ends_on")
        if starts and ends and ends < starts:
            self.add_error("ends_on", "结束日期不能早于开始日期。")
        if cleaned.get("words") and cleaned.get("words") == cleaned.get("phrase"):
            self.add_error("words", "两个词相同。")
        if cleaned.get("address"):
            self._resolve(cleaned["address"])
        return cleaned

    def _resolve(self, address: str) -> None:
        try:
            target = resolve(address, standing_on=self.tenant)
        except TargetError as error:
            self.add_error("address", str(error))
            return
        is_unwanted = self.kind == RuleKind.WORST
        if target.site and (target.row is None or not target.row.is_live):
            self.add_error("address", "这个地址没有公开发布的网页。")
        elif is_unwanted and target.site is None:
            self.add_error("address", "只能屏蔽本市网站的网页。")
        elif is_unwanted and self.tenant.kind != "city" and target.site and target.site.uuid != self.tenant.uuid:
            self.add_error("address", "只能屏蔽本站的网页；其他网站的网页请由市级处理。")
        else:
            self.instance.page = target.key

    def value(self) -> RuleValue:
        """Return the checked rule as a plain value; for the import of a file."""
        names = [name for name in RuleValue.__dataclass_fields__ if name != "is_own"]
        return RuleValue(**{name: getattr(self.instance, name) for name in names})

    def messages(self) -> list[str]:
        """Return all mistakes, each with its field."""
        return [
            f"{self.fields[name].label}：{message}" if name in self.fields else str(message)
            for name, all_ in self.errors.items()
            for message in all_
        ]


def checked(fields: Mapping[str, str], *, kind: str, tenant: TenantRef) -> RuleValue | list[str]:
    """Return a line of a file as a rule, or what is wrong with it."""
    form = RuleForm(dict(fields), kind=kind, tenant=tenant)
    return form.value() if form.is_valid() else form.messages()


class ImportForm(forms.Form):
    """A CSV file that replaces the draft's rules of one kind."""

    file = forms.FileField(label="CSV 文件", help_text="第一行是列名，与导出的文件相同；UTF-8 或 GB18030 编码，最大 2 MB。")

    def clean_file(self) -> bytes:
        """Return the file's content, if it is not too long."""
        given = self.cleaned_data["file"]
        if given.size > 2 * 1024 * 1024:
            raise forms.ValidationError("文件超过 2 MB。")
        content: bytes = given.read()
        return content


class TaskForm(forms.ModelForm):  # type: ignore[type-arg] # as above
    """Who has a task, how far it is, what was done."""

    class Meta:
        model = QueryTask
        fields = ("state", "holder", "action", "note")

    @override
    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("state") == QueryTask.State.ASSIGNED and not cleaned.get("holder"):
            self.add_error("holder", "处理中的任务要有负责人。")
        if cleaned.get("state") == QueryTask.State.DONE and not cleaned.get("action"):
            self.add_error("action", "办结前请选择处理办法。")
        return cleaned


class WhyForm(forms.Form):
    """A query and the page somebody asks about."""

    q = forms.CharField(label="搜索词", max_length=200)
    address = forms.CharField(label="网页地址", max_length=500, help_text="完整网址，或以 / 开头的本站路径。")
    scope = forms.ChoiceField(label="范围", choices=[("city", "全市"), ("site", "本站")], required=False)
