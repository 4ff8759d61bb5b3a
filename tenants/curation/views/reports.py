"""What is searched for, and the tasks that come of it."""

import csv
import datetime as dt
import io
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from typing_extensions import override

from search.analytics import reports, services
from search.analytics.reports import REPORT_LABELS, Report
from search.models import QueryTask
from tenants.curation.forms import TaskForm
from tenants.curation.views.base import Screen
from tenants.pages.contract import Right
from tenants.pages.views.screens import csv_response

_SPANS = (7, 30, 90)
_HEADINGS = ("搜索词", "搜索次数", "人次", "无结果次数", "有点击次数", "响应时间（毫秒，95%）", "上一时段人次")
_FORMULA = ("=", "+", "-", "@")


class Reports(Screen):
    """One report over some days."""

    template_name = "curation/reports.html"
    page_title = "搜索统计"
    http_method_names = ("get", "head", "options")

    @override
    def get(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Show it, or return it as a file."""
        now = dt.datetime.now(dt.UTC)
        given = request.GET.get("report", "")
        report = Report(given) if given in list(Report) else Report.TOP
        days = next((span for span in _SPANS if request.GET.get("days") == str(span)), 30)
        lines = reports.lines(report, self.owner, days=days, now=now)
        if request.GET.get("format") == "csv":
            return csv_response(_file(lines), f"search-{report}-{days}")
        return self.shown(
            report=report,
            days=days,
            lines=lines,
            totals=reports.totals(self.owner, days=days, now=now),
            reports=REPORT_LABELS.items(),
            spans=_SPANS,
            headings=_HEADINGS,
            least=reports.MIN_SESSIONS,
            sites=reports.sites_of(self.owner.city_slug, days=days, now=now) if self.owner.site is None else [],
        )


class Tasks(Screen):
    """Queries that find nothing, and who sees to them."""

    template_name = "curation/tasks.html"
    page_title = "无结果搜索词"
    http_method_names = ("get", "head", "options")

    @override
    def get(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Show those of one state; the open ones first."""
        state = request.GET.get("state", "")
        rows = QueryTask.objects.owned_by(self.owner)
        rows = rows.filter(state=state) if state in QueryTask.State.values else rows.exclude(state=QueryTask.State.DONE)
        return self.shown(rows=rows.order_by("-sessions", "normal")[:500], states=QueryTask.State.choices, state=state)


class EditTask(Screen):
    """One task."""

    template_name = "curation/task.html"
    page_title = "处理无结果搜索词"
    needs = Right.CHANGE

    @override
    def get(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Show the form and the ways out."""
        task = self._task()
        return self.shown(task=task, form=TaskForm(instance=task))

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Save."""
        task = self._task()
        form = TaskForm(request.POST, instance=task)
        if not form.is_valid():
            return self.shown(task=task, form=form)
        given = form.cleaned_data
        services.settle_task(
            task, state=given["state"], holder=given["holder"], action=given["action"], note=given["note"], owner=self.owner, by=self.by
        )
        messages.success(request, "已保存。")
        return redirect("curation-tasks")

    def _task(self) -> QueryTask:
        return get_object_or_404(QueryTask.objects.owned_by(self.owner), pk=self.kwargs["pk"])


def _file(lines: list[reports.Line]) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(_HEADINGS)
    for line in lines:
        query = f"'{line.query}" if line.query.startswith(_FORMULA) else line.query
        writer.writerow([query, line.searches, line.sessions, line.without_result, line.clicked, line.took_p95_ms, line.before])
    return stream.getvalue()
