"""Rules of one kind: the list, one rule, its removal, and files in and out."""

import datetime as dt
from functools import partial
from typing import Any

from django.contrib import messages
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from typing_extensions import override

from search.curation import services
from search.curation.files import COLUMNS, FileError, read, written
from search.documents import CHINA
from search.models import Projection, Rule, RuleKind
from tenants.curation.contract import LABELS
from tenants.curation.forms import ImportForm, RuleForm, checked
from tenants.curation.views.base import Screen
from tenants.pages.contract import Right
from tenants.pages.views.screens import csv_response


class RuleScreen(Screen):
    """A screen about one kind of rule."""

    @override
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Know the kind, or there is no such page."""
        if kwargs["kind"] not in COLUMNS:
            raise Http404
        self.kind = RuleKind(kwargs["kind"])
        self.page_title = self.kind.label
        return super().dispatch(request, *args, **kwargs)

    @override
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return the kind beside the rest."""
        return super().get_context_data(**kwargs) | {"kind": self.kind, "columns": COLUMNS[self.kind].values()}

    def rules(self) -> Any:
        """Return the owner's rules of this kind, and no others."""
        return Rule.objects.owned_by(self.owner).filter(kind=self.kind)

    def back(self) -> HttpResponse:
        """Lead back to the list."""
        return redirect("curation-rules", kind=self.kind)


class Rules(RuleScreen):
    """All rules of one kind in the draft."""

    template_name = "curation/rules.html"
    needs_to_post = Right.CHANGE
    http_method_names = ("get", "head", "options")

    @override
    def get(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Show the list; a rule whose page is no longer public, or whose time is over, is flagged."""
        rows = list(self.rules().order_by("phrase", "position", "pk"))
        live = set(Projection.objects.live().filter(pk__in=[row.page for row in rows if row.page]).values_list("pk", flat=True))
        today = dt.datetime.now(CHINA).date()
        return self.shown(rows=[self._line(row, live, today) for row in rows])

    def _line(self, row: Rule, live: set[str], today: dt.date) -> dict[str, Any]:
        cells = [self._cell(row, name) for name in COLUMNS[self.kind]]
        flags = []
        if row.page and row.page not in live:
            flags.append("网页已不公开，不再显示")
        if row.ends_on and row.ends_on < today:
            flags.append("已过期")
        if row.starts_on and row.starts_on > today:
            flags.append("尚未开始")
        return {"pk": row.pk, "phrase": row.phrase, "cells": cells[1:], "flags": flags}

    @staticmethod
    def _cell(row: Rule, name: str) -> str:
        value = getattr(row, name)
        if isinstance(value, bool):
            return "是" if value else "否"
        return "" if value is None else LABELS.get(name, {}).get(str(value), str(value))


class EditRule(RuleScreen):
    """One rule, new or known."""

    template_name = "curation/rule.html"
    needs = Right.CHANGE

    @override
    def get(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Show the form; a new one may come with a phrase from a report."""
        initial = {} if self._known() else {"phrase": request.GET.get("phrase", "")[:100]}
        return self.shown(form=self._form(initial=initial), pk=self.kwargs.get("pk"))

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Save, or show what is wrong."""
        form = self._form(request.POST)
        if form.is_valid():
            try:
                services.save_rule(form.save(commit=False), owner=self.owner, by=self.by)
            except IntegrityError:
                form.add_error(None, "已经有一条相同的规则。")
            else:
                messages.success(request, "已保存到草稿。启用之前，公众的搜索不会变化。")
                return self.back()
        return self.shown(form=form, pk=self.kwargs.get("pk"))

    def _known(self) -> Rule | None:
        pk = self.kwargs.get("pk")
        return get_object_or_404(self.rules(), pk=pk) if pk else None

    def _form(self, data: Any = None, **kwargs: Any) -> RuleForm:
        return RuleForm(data, instance=self._known(), kind=self.kind.value, tenant=self.tenant, **kwargs)


class DeleteRule(RuleScreen):
    """Takes one rule out of the draft."""

    template_name = "curation/delete.html"
    needs = Right.CHANGE

    @override
    def get(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Ask."""
        return self.shown(rule=get_object_or_404(self.rules(), pk=self.kwargs["pk"]))

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Do it."""
        services.delete_rule(get_object_or_404(self.rules(), pk=self.kwargs["pk"]), owner=self.owner, by=self.by)
        messages.success(request, "已从草稿中删除。启用之前，公众的搜索不会变化。")
        return self.back()


class ExportRules(RuleScreen):
    """The draft's rules of one kind as a file."""

    http_method_names = ("get", "head", "options")

    @override
    def get(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Return the file."""
        values = [value for value in services.draft_of(self.owner) if value.kind == self.kind]
        return csv_response(written(self.kind, values, labels=LABELS), f"search-{self.kind}")


class ImportRules(RuleScreen):
    """A file that becomes the draft's rules of one kind; nothing is taken from a file with a mistake in it."""

    template_name = "curation/import.html"
    needs = Right.CHANGE

    @override
    def get(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Show the form."""
        return self.shown(form=ImportForm())

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Take the file, or show its mistakes by line."""
        form = ImportForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.shown(form=form)
        try:
            check = partial(checked, kind=self.kind.value, tenant=self.tenant)
            values, mistakes = read(self.kind, form.cleaned_data["file"], check=check, labels=LABELS)
        except FileError as error:
            form.add_error("file", str(error))
            return self.shown(form=form)
        if mistakes:
            return self.shown(form=form, mistakes=mistakes[:100], more=max(0, len(mistakes) - 100))
        changed = services.replace_kind(self.owner, self.kind, values, by=self.by)
        messages.success(request, f"草稿中的“{self.kind.label}”现有 {len(values)} 条，与导入前相差 {changed} 条。")
        return self.back()
