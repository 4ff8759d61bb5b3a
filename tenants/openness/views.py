"""Screens of the editor: columns that need somebody, how far each entry is, which pages fulfil it, and two questions asked of editors."""

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar, TypeVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from typing_extensions import override
from wagtail.models import Page

from catalogues.contract import KIND_LABELS, LEVEL_LABELS, Item, Kind
from registry.contract import TenantRef
from rules.contract import Key
from tenants.openness import services
from tenants.openness.composing import items_of
from tenants.openness.contract import FILLED, STATE_LABELS, Duty, Progress, State
from tenants.openness.forms import DeleteColumnForm, FulfilmentForm, PublicationTimeForm
from tenants.openness.models import Fulfilment
from tenants.openness.selectors.duties import WARNED, duties, rules_for
from tenants.openness.selectors.figures import restricted_paths
from tenants.openness.selectors.progress import gaps, lateness, progress, totals, worst_first
from tenants.pages.models import ColumnPage, TextPage
from tenants.pages.views import screens

LOOK, CHANGE = "openness.view_fulfilment", "openness.change_fulfilment"
_FORMULA = ("=", "+", "-", "@")
MOST_LATE = 200
Row = TypeVar("Row")


class Screen(screens.Screen):
    """A page of the editor that a right of Django's opens."""

    permission: ClassVar[str] = LOOK
    header_icon = "list-ul"
    http_method_names: Sequence[str] = ("get", "head", "options")

    @override
    def is_allowed(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(self.permission))


class Duties(Screen):
    """Which columns are blank, overdue, or due soon."""

    template_name = "openness/admin/duties.html"
    page_title = "栏目更新"

    @override
    def get(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Show them, or return them as a file."""
        found = duties(self.tenant, today=timezone.localdate())
        state, owner = request.GET.get("state", ""), request.GET.get("owner", "")
        kept = [duty for duty in found if (not state or duty.state == state) and (not owner or duty.owner == owner)]
        if request.GET.get("format") == "csv":
            headings = ("栏目", "地址", "类别", "责任单位", "条数", "最少条数", "最近更新", "应更新日期", "状态", "天数")
            return _csv("columns", headings, map(_duty_line, kept))
        return self.shown(
            rows=kept,
            counts=[(value.value, STATE_LABELS[value], sum(duty.state is value for duty in found)) for value in (*WARNED, State.FINE)],
            owners=_by(found, lambda duty: duty.owner, lambda duty: duty.state in WARNED),
            state=state,
            owner=owner,
        )


class Progresses(Screen):
    """How complete and how late each entry of the catalogues is."""

    template_name = "openness/admin/progress.html"
    page_title = "公开事项"

    @override
    def get(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Show one catalogue, or return it as a file."""
        today, found = timezone.localdate(), progress(self.tenant, today=timezone.localdate())
        kinds = [kind for kind in Kind if any(row.kind is kind for row in found)]
        kind = next((kind for kind in kinds if request.GET.get("catalogue") == kind), Kind.STATUTORY)
        of_kind = [row for row in found if row.kind is kind]
        state, field = request.GET.get("state", ""), request.GET.get("field", "")
        kept = [row for row in of_kind if (not state or row.state == state) and (not field or row.item.field == field)]
        if request.GET.get("format") == "csv":
            headings = (
                "编码",
                "领域",
                "公开事项",
                "层级",
                "栏目",
                "责任单位",
                "条数",
                "最少条数",
                "最近公开",
                "应更新日期",
                "状态",
                "天数",
                "逾期公开",
            )
            return _csv(f"openness-{kind.value}", headings, map(_progress_line, kept))
        return self.shown(
            kinds=[(each.value, KIND_LABELS[each]) for each in kinds],
            kind=kind.value,
            rows=worst_first(kept) if state else kept,
            totals=totals(of_kind),
            fields=_by(of_kind, lambda row: row.item.field, lambda row: row.state in FILLED),
            owners=_by(of_kind, lambda row: row.owners, lambda row: row.state in FILLED),
            states=[(value.value, label) for value, label in STATE_LABELS.items()],
            state=state,
            field=field,
            gaps=gaps(self.tenant, today=today),
            may_change=request.user.has_perm(CHANGE),
        )


class Lates(Screen):
    """Which official documents were published after their last day."""

    template_name = "openness/admin/late.html"
    page_title = "逾期公开"

    @override
    def get(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Show them, or return them as a file."""
        row = rules_for(self.tenant, on=timezone.localdate()).get(Key.OPENNESS_PUBLISH)
        found = lateness(row, restricted_paths())
        if request.GET.get("format") == "csv":
            lines = ([late.title, late.url, late.produced, late.due, late.published] for late in found.late)
            return _csv("late", ("标题", "地址", "成文日期", "最后期限", "发布日期"), lines)
        return self.shown(found=found, rows=found.late[:MOST_LATE], days=row.value if row else 0, basis=row.basis if row else "")


class Mapping(Screen):
    """Which columns and texts fulfil one entry."""

    template_name = "openness/admin/mapping.html"
    page_title = "对应栏目"
    permission = CHANGE
    http_method_names = ("get", "post", "head", "options")

    @override
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Know the entry, or there is no such page."""
        if kwargs["kind"] not in list(Kind):
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    @override
    def get(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Show the form with what counts now."""
        kind, item = self._entry()
        now = Page.objects.filter(pk__in=Fulfilment.objects.filter(kind=kind.value, code=item.code).values("page_id"))
        columns = ColumnPage.objects.filter(pk__in=now)
        initial = {"columns": columns, "text": now.exclude(pk__in=columns).first()}
        return self.shown(item=item, form=FulfilmentForm(initial=initial), kind=kind.value)

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Save."""
        kind, item = self._entry()
        form = FulfilmentForm(request.POST)
        if not form.is_valid():
            return self.shown(item=item, form=form, kind=kind.value)
        by = request.user.get_username()
        services.set_fulfilments(self.tenant, kind=kind, code=item.code, pages=form.pages(), by=by)
        messages.success(request, f"已保存“{item.title}”对应的栏目。")
        return redirect(f"{reverse('openness-progress')}?catalogue={kind.value}")

    def _entry(self) -> tuple[Kind, Item]:
        kind = Kind(self.kwargs["kind"])
        item = next((item for item in items_of(self.tenant)[kind] if item.code == self.kwargs["code"]), None)
        if item is None:
            raise Http404
        return kind, item


class PublicationTime(Screen):
    """Corrects when a text counts as published, for who may publish it."""

    template_name = "openness/admin/publication_time.html"
    page_title = "更正发布时间"
    header_icon = "date"
    http_method_names = ("get", "post", "head", "options")

    @override
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Refuse who may not publish the page; only texts have a time of their own."""
        page = get_object_or_404(Page, pk=kwargs["pk"]).specific
        if not isinstance(page, TextPage):
            raise Http404
        if not page.permissions_for_user(request.user).can_publish():
            raise PermissionDenied
        self.page = page
        return super().dispatch(request, *args, **kwargs)

    @override
    def get(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Show the time as it is."""
        return self.shown(page=self.page, form=PublicationTimeForm(initial={"published_at": self.page.first_published_at}))

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Correct it."""
        form = PublicationTimeForm(request.POST)
        if form.is_valid():
            given = form.cleaned_data
            try:
                services.correct_publication_time(
                    self.page, to=given["published_at"], reason=given["reason"], by=request.user, tenant=self.tenant, now=timezone.now()
                )
            except services.PublicationTimeError as error:
                form.add_error("published_at", str(error))
            else:
                messages.success(request, "已更正发布时间，理由已记入审计日志。")
                return redirect("wagtailadmin_pages:edit", self.page.pk)
        return self.shown(page=self.page, form=form)


def delete_column(request: HttpRequest, column: ColumnPage) -> HttpResponse:
    """Ask where a column's content goes, and do as told; who may delete the column was asked before."""
    targets = ColumnPage.objects.exclude(path__startswith=column.path).order_by("path")
    form = DeleteColumnForm(request.POST or None, column=column, targets=targets, initial={"choice": DeleteColumnForm.MOVE})
    tenant: TenantRef = request.tenant  # type: ignore[attr-defined] # as above
    if request.method == "POST" and form.is_valid():
        try:
            told = _dispose(request, column, form, tenant)
        except services.ColumnError as error:
            form.add_error("target", str(error))
        else:
            messages.success(request, told)
            return redirect("wagtailadmin_explore", column.get_parent().pk)
    count = column.get_descendants().count()
    return render(request, "openness/admin/delete_column.html", {"page": column, "form": form, "count": count})


def _dispose(request: HttpRequest, column: ColumnPage, form: DeleteColumnForm, tenant: TenantRef) -> str:
    if form.cleaned_data["choice"] == DeleteColumnForm.DELETE:
        lost = services.delete_with_content(column, by=request.user, tenant=tenant)
        return f"已删除栏目“{column.title}”和其中的 {lost} 个页面。"
    target = form.cleaned_data["target"]
    children = column.get_children()
    if not all(child.permissions_for_user(request.user).can_move_to(target) for child in children.specific()):
        raise services.ColumnError(f"您不能把内容放到“{target.title}”，或那里不能放这类内容；请选择别的栏目。")
    moved = services.move_content_and_delete(column, target=target, by=request.user, tenant=tenant)
    return f"已把 {moved} 个页面移到“{target.title}”，并删除栏目“{column.title}”。"


def _by(rows: Iterable[Row], name: Callable[[Row], str], counts: Callable[[Row], bool]) -> list[dict[str, Any]]:
    """Return how many rows there are of each name, and how many of them count."""
    listed = list(rows)
    total, chosen = Counter(map(name, listed)), Counter(name(row) for row in listed if counts(row))
    return [{"name": each, "total": total[each], "count": chosen[each], "percent": chosen[each] * 100 // total[each]} for each in total]


def _duty_line(duty: Duty) -> list[object]:
    facts = [duty.title, duty.url, duty.type_label, duty.owner, duty.count, duty.least, duty.newest, duty.due]
    return [*facts, STATE_LABELS[duty.state], duty.days]


def _progress_line(row: Progress) -> list[object]:
    item = row.item
    levels = "、".join(LEVEL_LABELS[level] for level in item.levels)
    columns = "、".join(target.title for target in row.targets)
    figures = [row.count, row.least, row.newest, row.due, STATE_LABELS[row.state], row.days, row.late]
    return [item.code, item.field, item.title, levels, columns, row.owners, *figures]


def _csv(name: str, headings: Sequence[str], lines: Iterable[Sequence[object]]) -> HttpResponse:
    """Return a file that office programs open as they should, and that makes none of them calculate."""
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(headings)
    for line in lines:
        texts = ["" if value is None else str(value) for value in line]
        writer.writerow([f"'{text}" if text.startswith(_FORMULA) else text for text in texts])
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return HttpResponse("\ufeff" + stream.getvalue(), content_type="text/csv; charset=utf-8", headers=headers)
