"""One form for each verb, made from its request."""

from collections.abc import Mapping
from dataclasses import MISSING, fields
from datetime import date, datetime
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from django import forms
from typing_extensions import override

from console.forms.places import sites_there_are
from provisioning.contract import Request, Verb
from registry.contract import FILING_LABELS, KIND_LABELS, Kind
from registry.models import City
from registry.selectors import directory
from theming.catalogue import catalogue

LABELS = {
    "slug": ("标识", "小写字母、数字和连字符，开通后用于内部名称，如 xiaodian"),
    "new_slug": ("新标识", "小写字母、数字和连字符"),
    "name": ("站点名称", "如 太原市小店区人民政府"),
    "short_name": ("简称", "如 小店区"),
    "kind": ("类别", ""),
    "city_slug": ("城市", ""),
    "region_code": ("行政区划代码", "六位数字，如 140105"),
    "theme": ("主题", ""),
    "blueprint": ("建站蓝本", "如 county；留空则按类别"),
    "domain": ("主域名", "留空则使用平台分配的域名"),
    "new_domain": ("新域名", ""),
    "aliases": ("其他域名", "每行一个"),
    "administrator": ("站点系统管理员", "已有账号的用户名，可留空"),
    "identifier": ("网站标识码", "十位数字"),
    "organizer": ("主办单位", ""),
    "undertaker": ("承办单位", ""),
    "contact_phone": ("联系电话", ""),
    "contact_address": ("地址", ""),
    "icp": ("ICP备案编号", ""),
    "police_record": ("公安备案号", ""),
    "reason": ("原因", "写入审计记录"),
    "override_reason": ("手续不全仍要开通的理由", "手续不齐时必填；由您负责，写入审计记录"),
    "first_day": ("第一天", "至少提前十个工作日"),
    "last_day": ("最后一天", "含当天，最长三十天"),
    "redirect_to": ("原域名跳转到", "完整网址；留空则在原域名显示关停公告"),
    "notice_url": ("公告网址", "已在别处发布的关停公告；留空则发布在上级门户"),
    "announced_on": ("本站公告日期", "如 2026-11-01"),
}
# What a field is called where its verb means something else by it.
OF_VERB = {
    "site add-domain": {
        "domain": ("域名", "如 www.xiaodian.gov.cn；中文域名请写成 xn-- 开头的形式"),
        "override_reason": ("没有验证归属仍要增加的理由", "平台域名以外的域名须先有归属记录；没有时必填，由您负责，写入审计记录"),
    },
    "site remove-domain": {"domain": ("域名", "以后不再指向本站；主域名须先换掉")},
    "site clone": {
        "with_content": ("连同已发布的内容", "不选只照栏目和设置建；人员、草稿、备案编号都不复制"),
    },
}
LEFT_OUT = {
    "site clone": {"kind", "blueprint", "identifier", "icp", "police_record"},  # the source's, or given to one site alone
    "site remove-domain": {"override_reason"},
}
# What a verb means to readers, where its steps do not say it.
MEANINGS = {
    "site resume": "网站立即恢复对公众开放；已公布的临时下线随之取消。",
    "site purge": "网站的内容、图片、附件和检索记录全部删除，域名释放，不能恢复。关停时的归档文件保留。",
}
_BY_OFFICER = "override_officer"


class ListField(forms.CharField):
    """Several values, one a line."""

    @override
    def clean(self, value: Any) -> Any:
        """Return the lines that are not empty."""
        return [line.strip() for line in str(super().clean(value) or "").splitlines() if line.strip()]


class VerbForm(forms.Form):
    """What a verb is asked to do; its fields are those of the verb's request."""

    def __init__(self, verb: Verb[Any], *args: Any, slug: str = "", officer: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._verb, self._slug, self._officer = verb, slug, officer
        hints = get_type_hints(verb.request)
        for field in fields(verb.request):
            if field.name == _BY_OFFICER or (field.name == "slug" and slug) or field.name in LEFT_OUT.get(verb.name, ()):
                continue
            if field.name == "filings":
                self._add_filings()
            else:
                label = OF_VERB.get(verb.name, {}).get(field.name) or LABELS.get(field.name, (field.name, ""))
                self.fields[field.name] = _field(field.name, hints[field.name], label, is_required=_is_required(field))
        if verb.name == "site clone":
            self.fields["theme"] = forms.ChoiceField(
                label="主题", help_text="留空则与来源站点相同", required=False, choices=[("", "与来源站点相同"), *_themes()]
            )
            self.fields["source"] = forms.ChoiceField(label="来源站点", help_text="新站点照它的样子建", choices=_sources)
            self.order_fields(["source", "with_content"])

    def request(self) -> Request:
        """Return the request the person typed; call it when the form is valid."""
        values = {name: _plain(value) for name, value in self.cleaned_data.items() if not name.startswith("filing_")}
        if self._slug:
            values["slug"] = self._slug
        if self._verb.name == "site clone":
            values["kind"] = directory().by_slug[values["source"]].kind.value
        names = {field.name for field in fields(self._verb.request)}
        if "filings" in names:
            values["filings"] = self._filings()
        if _BY_OFFICER in names:
            values[_BY_OFFICER] = self._officer if values.get("override_reason") else ""
        made: Request = self._verb.request.from_json(values)
        return made

    def facts(self) -> list[tuple[str, str]]:
        """Return what was typed, under its labels, for the page that asks once more."""
        shown = ((self.fields[name].label or name, _shown(self.fields[name], value)) for name, value in self.cleaned_data.items())
        return [(str(label), value) for label, value in shown if value]

    def _add_filings(self) -> None:
        for kind, label in FILING_LABELS.items():
            self.fields[f"filing_{kind.value}_number"] = forms.CharField(label=f"{label}：编号", max_length=60, required=False)
            self.fields[f"filing_{kind.value}_date"] = forms.DateField(
                label=f"{label}：日期", required=False, widget=forms.DateInput(attrs={"type": "date"})
            )

    def _filings(self) -> list[Mapping[str, str]]:
        found: list[Mapping[str, str]] = []
        for kind in FILING_LABELS:
            number, day = self.cleaned_data[f"filing_{kind.value}_number"], self.cleaned_data[f"filing_{kind.value}_date"]
            if number and day:
                found.append({"kind": kind.value, "number": number, "issued_on": day.isoformat(), "file": ""})
        return found


def _is_required(field: Any) -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _field(name: str, hint: Any, words: tuple[str, str], *, is_required: bool) -> forms.Field:
    label, help_text = words
    common: dict[str, Any] = {"label": label, "help_text": help_text, "required": is_required}
    kinds = get_args(hint) if get_origin(hint) is UnionType or isinstance(hint, UnionType) else (hint,)
    if name == "city_slug":
        return forms.ChoiceField(choices=_cities, **common)
    if name == "theme":
        return forms.ChoiceField(choices=_themes, **common)
    if Kind in kinds:
        return forms.ChoiceField(choices=[(kind.value, text) for kind, text in KIND_LABELS.items()], initial=Kind.COUNTY.value, **common)
    if bool in kinds:
        return forms.BooleanField(**common | {"required": False})
    if int in kinds:
        return forms.IntegerField(min_value=0, **common)
    if datetime in kinds:
        return forms.DateTimeField(widget=forms.DateTimeInput(attrs={"type": "datetime-local"}), **common)
    if date in kinds or name.endswith("_on"):
        return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}), **common)
    is_list = get_origin(hint) is tuple
    widget = forms.Textarea(attrs={"rows": 3}) if is_list or name in ("reason", "override_reason") else forms.TextInput()
    return ListField(widget=widget, max_length=2000, **common) if is_list else forms.CharField(widget=widget, max_length=2000, **common)


def _cities() -> list[tuple[str, str]]:
    return list(City.objects.order_by("slug").values_list("slug", "name"))


def _themes() -> list[tuple[str, str]]:
    return [(name, theme.label) for name, theme in catalogue().themes.items() if theme.extends]


def _sources() -> list[tuple[str, str]]:
    return [(ref.slug, f"{ref.name}（{ref.slug}）") for ref in sites_there_are() if ref.is_live]


def _shown(field: forms.Field, value: object) -> str:
    if value is True:
        return "是"
    if isinstance(field, forms.ChoiceField):
        labels: dict[Any, Any] = dict(field.choices)  # type: ignore[arg-type] # no groups here
        return str(labels.get(value, value)) if value else ""
    return "、".join(value) if isinstance(value, list) else str(value or "")


def _plain(value: object) -> Any:
    """Return a value as the journal keeps it; a day that was not given is empty."""
    return "" if value is None else value.isoformat() if isinstance(value, date) else value
