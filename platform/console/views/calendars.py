"""Working days: which years are known, and taking in a year's table with a report by line."""

import datetime as dt

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from calendars import selectors, services
from calendars.contract import Arrangement, Line, LineProblem, SpecialDay
from calendars.models import Day, Version
from console.contract import Mark, Preview, Tone
from console.forms.rules import CalendarForm
from console.views.access import EVERY, OPERATIONS, officers, page
from console.views.asking import Question, ask
from observability.addresses import client_address

_PROBLEMS = {
    LineProblem.UNREADABLE: "日期应写作2026-01-31，is_working应为1或0",
    LineProblem.WEEKDAY: "这天本来就上班，请删去这一行",
    LineProblem.EMPTY: "名称和依据不能为空",
    LineProblem.TWICE: "同一天出现两次，请删去一行",
    LineProblem.SOURCES: "同一年的依据和公布日期必须一致",
}
_SAME = Mark(Tone.QUIET, "与现有相同")
_UNDO = "旧的一版保留着：再录入一次原来的表格，就成为新的一版并重新生效。"


@officers(EVERY)
@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    """Show the years whose working days are known, and which are missing."""
    versions = selectors.current_versions()
    known, year = {version.year for version in versions}, timezone.localdate().year
    shown = [
        {"year": row.year, "number": row.number, "source": row.source, "published_on": row.published_on, "ordered": _by_day(row)}
        for row in versions
    ]
    return page(request, "calendar", {"versions": shown, "missing": [each for each in (year, year + 1) if each not in known]})


@officers(OPERATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def import_year(request: HttpRequest) -> HttpResponse:
    """Ask for a table, report on each line, then take it in."""
    form = CalendarForm(request.POST, request.FILES) if request.method == "POST" else CalendarForm()

    def carry_out() -> HttpResponse:
        wanted, by = _arrangements(form), request.user.get_username()
        with transaction.atomic():
            taken = [each.year for each in wanted if services.import_arrangement(each, by=by, address=client_address(request))]
        messages.success(request, f"已录入：{'、'.join(f'{year}年' for year in taken)}。")
        return HttpResponseRedirect(reverse("console_calendar"))

    question = Question(
        title="录入一年的工作日安排",
        form=form,
        back=reverse("console_calendar"),
        foresee=lambda: _preview(form),
        carry_out=carry_out,
        hint="按国务院办公厅公布的放假安排录入。同一年再次录入时成为新的一版，旧版保留。",
        confirm="确认录入",
    )
    return ask(request, question)


def _preview(form: CalendarForm) -> Preview:
    lines = _lines(form)
    known = {year: selectors.known_days(year) for year in {line.day.day.year for line in lines if line.day}}
    rows = tuple((line.number, line.text, _result(line, known)) for line in lines)
    wrong = [line for line in lines if line.problem]
    if wrong or not lines:
        text = f"{len(wrong)}行有问题，请返回修改；全部改好以前，一行也不会录入。" if lines else "表格里没有日子。"
        return Preview((), _UNDO, warnings=(text,), rows=rows)
    return Preview(tuple(text for each in services.arrangements_of(lines) if (text := _will(each, known[each.year]))), _UNDO, rows=rows)


def _will(wanted: Arrangement, known: dict[dt.date, SpecialDay]) -> str:
    foreseen = services.foresee(wanted)
    if foreseen is None:
        return ""
    days = set(wanted.days)
    kept = days & set(known.values())
    gone = [day for day in known if day not in {each.day for each in days}]
    text = f"{wanted.year}年成为第{foreseen}版，依据“{wanted.source}”：{len(days)}天，其中{len(days) - len(kept)}天是新的或与现有不同"
    return f"{text}；现有的{len(gone)}天不再特殊。" if gone else f"{text}。"


def _result(line: Line, known: dict[int, dict[dt.date, SpecialDay]]) -> Mark:
    if line.problem or line.day is None:
        return Mark(Tone.BAD, _PROBLEMS[line.problem or LineProblem.UNREADABLE])
    kept = known[line.day.day.year].get(line.day.day)
    if kept is None:
        return Mark(Tone.GOOD, "新增")
    return _SAME if kept == line.day else Mark(Tone.WARNING, f"改变：现有为{kept.name}（{'上班' if kept.is_working else '放假'}）")


def _lines(form: CalendarForm) -> list[Line]:
    return services.read_lines(form.cleaned_data["text"].splitlines())


def _arrangements(form: CalendarForm) -> list[Arrangement]:
    return services.arrangements_of(_lines(form))


def _by_day(version: Version) -> list[Day]:
    return sorted(version.days.all(), key=lambda day: day.day)
