"""Meters by organ and year, documents that wait for their interpretation, issues by urgency; as pages and as files."""

import csv
import datetime as dt
import io
from abc import abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from typing_extensions import override

from rules.contract import Key
from tenants.interpretations.models import PublicIssue
from tenants.interpretations.selectors.clocks import Standing, standings
from tenants.interpretations.selectors.duties import Waiting, waiting
from tenants.interpretations.selectors.meters import OrganYear, YearReport, year_report, years_with_texts
from tenants.pages.contract import Right
from tenants.pages.views import screens
from tenants.pages.views.screens import csv_response

FORMULA = ("=", "+", "-", "@", "\t", "\r")
Row = Sequence[Any]


class Screen(screens.Screen):
    """A page of the editor that all roles of the site may look at; nothing is changed here."""

    needs_to_post = Right.LOOK  # nothing answers to it
    header_icon = "list-ul"
    http_method_names: Sequence[str] = ("get", "head", "options")

    @override
    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show it, or return it as a file."""
        shown = self.found()
        if request.GET.get("format") == "csv":
            name, rows = self.file(shown)
            return csv_response(_lines(rows), name)
        return self.render_to_response(self.get_context_data(**shown))

    @abstractmethod
    def found(self) -> dict[str, Any]:
        """Return what the page shows."""

    @abstractmethod
    def file(self, shown: dict[str, Any]) -> tuple[str, Iterable[Row]]:
        """Return the file's name and its rows."""


def _lines(rows: Iterable[Row]) -> str:
    stream = io.StringIO()
    csv.writer(stream).writerows([_plain(cell) for cell in row] for row in rows)
    return stream.getvalue()


def _plain(cell: Any) -> str:
    """Return a cell as text that no office program takes for a formula."""
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.startswith(FORMULA) else text


class Meters(Screen):
    """The meters of a year by organ, and the list behind each number."""

    template_name = "interpretations/meters.html"
    page_title = "解读统计"
    header_icon = "view"

    @override
    def found(self) -> dict[str, Any]:
        today = timezone.localdate()
        years = sorted({today.year, *years_with_texts()}, reverse=True)
        asked = self.request.GET.get("year", "")
        year = next((each for each in years if str(each) == asked), today.year)
        report = year_report(self.tenant, year=year, today=today)
        return {
            "report": report,
            "years": years,
            "diversified_rule": report.rules[Key.INTERPRETATION_DIVERSIFIED],
            "channels_rule": report.rules[Key.INTERPRETATION_CHANNELS],
            "latest_rule": report.rules[Key.INTERPRETATION_LATEST],
        }

    @override
    def file(self, shown: dict[str, Any]) -> tuple[str, Iterable[Row]]:
        report: YearReport = shown["report"]
        return f"interpretations-{report.year}", [*_figures(report), (), *_texts(report), (), *_timings(report)]


def _figures(report: YearReport) -> Iterable[Row]:
    yield (
        "解读机关", "解读量", "多样化解读量", "多样化占比", "多样化是否达标", "其他渠道发布量", "其他渠道占比", "其他渠道是否达标",
        "被解读文件数", "按时解读数", "按时率", "无法计算时限的文件数",
    )  # fmt: skip
    for each in (*report.organs, report.total):
        yield _figures_of(each)


def _figures_of(each: OrganYear) -> Row:
    words = {True: "达标", False: "未达标", None: "不适用"}
    diversified, channels, on_time = each.diversified, each.channels, each.on_time
    return (
        each.organ, diversified.total, diversified.counted, diversified.share, words[diversified.is_met], channels.counted, channels.share,
        words[channels.is_met], on_time.total + each.untold, on_time.counted, on_time.share, each.untold,
    )  # fmt: skip


def _texts(report: YearReport) -> Iterable[Row]:
    yield "解读", "发布日期", "解读机关", "形式", "计入多样化", "不计入的原因", "其他渠道"
    for text in report.texts:
        why = "、".join(text.unbacked) or ("" if text.diversified else "只有文字")
        yield text.title, text.date, text.organ, "、".join(text.kinds), "、".join(text.diversified), why, "、".join(text.channels)


def _timings(report: YearReport) -> Iterable[Row]:
    words = {True: "按时", False: "超时", None: "无法计算"}
    yield "文件", "发文字号", "文件公布日期", "最早的解读", "解读机关", "解读发布日期", "相隔工作日", "是否按时"
    for each in report.timings:
        yield each.document, each.doc_no, each.document_date, each.text, each.organ, each.date, each.days, words[each.is_on_time]


class Duties(Screen):
    """Documents marked for interpretation without one."""

    template_name = "interpretations/duties.html"
    page_title = "待解读文件"
    header_icon = "warning"

    @override
    def found(self) -> dict[str, Any]:
        return {"rows": waiting(self.tenant, today=timezone.localdate())}

    @override
    def file(self, shown: dict[str, Any]) -> tuple[str, Iterable[Row]]:
        rows: list[Waiting] = shown["rows"]
        head = ("文件", "发文字号", "公布日期", "解读最迟日期", "状态", "解读机关", "解读人", "解读形式", "计划发布日期", "安排是否完整")
        return "interpretations-due", [head, *map(_waiting_row, rows)]


def _waiting_row(each: Waiting) -> Row:
    duty = each.duty
    plan = (duty.organ, duty.interpreter, duty.forms, duty.planned_on, "完整" if duty.has_plan else "不完整")
    return (each.title, each.doc_no, each.published_on, each.due_on, each.text, *plan)


class Issues(Screen):
    """What must be answered, the most urgent first."""

    template_name = "interpretations/issues.html"
    page_title = "舆情回应台账"
    header_icon = "time"

    @override
    def found(self) -> dict[str, Any]:
        now = dt.datetime.now(dt.UTC)
        rows = standings(self.tenant, now=now)
        return {
            "rows": rows,
            "open": sum(each.is_open for each in rows),
            "may_add": self.request.user.has_perm("interpretations.add_publicissue"),
            "may_change": self.request.user.has_perm("interpretations.change_publicissue"),
            "kinds": PublicIssue._meta.get_field("kind").choices,
        }

    @override
    def file(self, shown: dict[str, Any]) -> tuple[str, Iterable[Row]]:
        rows: list[Standing] = shown["rows"]
        head = (
            "舆情事项",
            "类别",
            "获知时间",
            "来源",
            "责任单位",
            "时限",
            "依据",
            "最迟时间",
            "完成时间",
            "状态",
            "回应篇数",
            "后续进展",
            "阅读量",
            "转发量",
        )
        return "public-issues", [head, *(row for each in rows for row in _standing_rows(each))]


def _standing_rows(each: Standing) -> Iterable[Row]:
    issue = each.issue
    first = (issue.title, issue.get_kind_display(), _moment(issue.noticed_at), issue.source, issue.organ)
    last = (len(each.responses), each.updates, each.reads, each.shares)
    if issue.waived_reason:
        yield (*first, "", "", "", "", f"不公开回应：{issue.waived_reason}", *last)
    for clock in each.clocks:
        hours = f"{clock.label}（{clock.hours}小时）" if clock.hours else clock.label
        yield (*first, hours, clock.basis, _moment(clock.due_at), _moment(clock.stopped_at), clock.text, *last)


def _moment(moment: dt.datetime | None) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}" if moment else ""
