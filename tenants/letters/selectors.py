"""Reads: by when a letter is due, which come first, what a writer is told, what the column shows, figures by month."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Case, Count, F, Q, QuerySet, When
from django.db.models.functions import TruncMonth
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from calendars.contract import UncoveredYearError
from calendars.selectors import WorkingDays
from intake.services import is_code
from registry.contract import TenantRef
from registry.selectors import directory
from rules.contract import Key, Place
from rules.selectors import end_by, rules_of
from tenants.letters.composing import lines_of
from tenants.letters.contract import ANSWER_RULES, OPEN, Deadlines, LetterKind, LetterState
from tenants.letters.models import AnswerPage, Letter
from tenants.organs.models import OrganPage
from tenants.pages.composing import page_number, pagination, path_of, readable
from tenants.pages.contract import ColumnType
from tenants.pages.models import ColumnPage

ROWS = 20
MONTHS = 12
WHOLE = 100


def place_of(tenant: TenantRef) -> Place:
    """Return whose rules count at a site."""
    return Place.of(region_code=tenant.region_code, tenant=tenant.slug)


def deadlines_of(kind: LetterKind, *, received: dt.date, tenant: TenantRef) -> Deadlines:
    """Return by when a letter that came on a day is to be answered, by the rules of that day."""
    found = rules_of([ANSWER_RULES[kind], Key.LETTER_LONGEST], on=received, place=place_of(tenant))
    days, longest = found.get(ANSWER_RULES[kind]), found.get(Key.LETTER_LONGEST)
    try:
        due_on = WorkingDays().after(received, days.value) if days else None
    except UncoveredYearError:
        due_on = None
    return Deadlines(due_on, end_by(longest, start=received) if longest else None)


def promise_of(tenant: TenantRef, *, on: dt.date) -> str:
    """Return how soon a letter of today is answered, in words; empty where no rule says so."""
    found = rules_of([Key.LETTER_ANSWER_CONSULT, Key.LETTER_ANSWER], on=on, place=place_of(tenant))
    words = [
        f"{label} {row.value} 个工作日内答复"
        for label, key in (("咨询", Key.LETTER_ANSWER_CONSULT), ("投诉和建言", Key.LETTER_ANSWER))
        if (row := found.get(key))
    ]
    return f"{'，'.join(words)}。" if words else ""


def organ_names() -> list[str]:
    """Return the organs of the site that a letter may concern."""
    return list(OrganPage.objects.live().order_by("position", "path").values_list("title", flat=True))


def letter_column() -> ColumnPage | None:
    """Return the site's column for letters; the first where there are several."""
    found: ColumnPage | None = ColumnPage.objects.live().filter(column_type=ColumnType.LETTERS).order_by("path").first()
    return found


def letter_of(number: str, code: str) -> Letter | None:
    """Return the letter of a number and its code; a wrong number and a wrong code are told apart by nothing, the time included."""
    clean = "".join(number.split())
    letter = Letter.objects.filter(number=clean).first()
    return letter if is_code(code, clean, letter.code_hash if letter else "") else None


def status_of(letter: Letter) -> dict[str, Any]:
    """Return what the writer of a letter is told."""
    site = directory().by_uuid.get(letter.handler) if letter.handler else None
    answered = timezone.localtime(letter.answered_at).date() if letter.answered_at else None
    rows = [
        ("编号", letter.number),
        ("标题", letter.subject),
        ("类别", letter.get_kind_display()),
        ("收到日期", timezone.localtime(letter.received_at).date()),
        ("状态", letter.get_state_display()),
        ("办理网站", site.name if site else ""),
        ("承办单位", letter.organ_name),
        ("答复期限", letter.due_on if letter.state not in (LetterState.ANSWERED, LetterState.REFUSED) else ""),
        ("答复日期", answered),
        ("说明", letter.reason if letter.state == LetterState.REFUSED else ""),
    ]
    facts = [{"label": label, "value": str(value)} for label, value in rows if value]
    return {"facts": facts, "reply": lines_of(letter.reply) if letter.state == LetterState.ANSWERED else []}


# --- what readers see -----------------------------------------------------------


def column(page: ColumnPage, request: HttpRequest) -> dict[str, Any]:
    """Return what a column of letters shows: how to write and to ask, figures by month, the published answers."""
    tenant: TenantRef = request.tenant  # type: ignore[attr-defined] # set by registry.middleware
    rows: QuerySet[AnswerPage] = readable(AnswerPage.objects.descendant_of(page), request).order_by("-answered_date", "-pk")
    paginator = Paginator(rows.defer("body", "question", "answer"), ROWS)
    number, is_beyond = page_number(paginator, request)
    answers = [] if is_beyond else list(paginator.page(number).object_list)
    return {
        "write_url": reverse("letter_write") if tenant.is_writable else "",
        "query_url": reverse("letter_query"),
        "rows": [_shown_month(row) for row in monthly(until=timezone.localdate())],
        "answers": [_shown_answer(each) for each in answers],
        "is_beyond_last": is_beyond,
        "pagination": pagination(number, paginator.num_pages, {}),
    }


def _shown_answer(page: AnswerPage) -> dict[str, Any]:
    return {
        "title": page.title,
        "url": path_of(page),
        "kind": page.get_kind_display(),
        "organ": page.organ_name,
        "answered_on": page.answered_date,
    }


@dataclass(frozen=True, slots=True)
class Month:
    """The letters that came within a month, and how many of them are answered by now."""

    first: dt.date
    received: int
    answered: int
    by_kind: dict[LetterKind, int]

    @property
    def rate(self) -> int:
        """How many of a hundred are answered, rounded down: what lacks one is not all."""
        return self.answered * WHOLE // self.received if self.received else 0


def monthly(*, until: dt.date, months: int = MONTHS) -> list[Month]:
    """Return the figures of the months that had letters, the newest first; one query."""
    first = _first_moment(until, months)
    kinds: dict[str, Any] = {kind.value: Count("pk", filter=Q(kind=kind)) for kind in LetterKind}
    answered = Count("pk", filter=Q(state=LetterState.ANSWERED))
    rows: Any = Letter.objects.filter(received_at__gte=first).annotate(month=TruncMonth("received_at")).values("month")
    return [
        Month(
            timezone.localtime(row["month"]).date(),
            row["received"],
            row["answered"],
            {kind: row[kind.value] for kind in LetterKind},
        )
        for row in rows.annotate(received=Count("pk"), answered=answered, **kinds).order_by("-month")
    ]


def _first_moment(until: dt.date, months: int) -> dt.datetime:
    """Return when the first of so many months began, of which the last is the one of `until`."""
    count = until.year * 12 + until.month - months
    return timezone.make_aware(dt.datetime(count // 12, count % 12 + 1, 1))  # noqa: DTZ001 - it is made aware


def _shown_month(month: Month) -> dict[str, Any]:
    return {
        "month": f"{month.first.year}年{month.first.month}月",
        "received": month.received,
        "answered": month.answered,
        "rate": f"{month.rate}%",
        **{kind.value: count for kind, count in month.by_kind.items()},
    }


# --- what staff see -------------------------------------------------------------


def listed(state: str = "") -> QuerySet[Letter]:
    """Return letters, of one state or all: those first that wait for an answer and are due soonest, then the newest."""
    rows = Letter.objects.filter(state=state) if state in LetterState.values else Letter.objects.all()
    waits = Q(state__in=(*OPEN, LetterState.FORWARDED))
    urgent = rows.annotate(is_over=~waits, answer_by=Case(When(waits, then=F("due_on"))))
    return urgent.order_by("is_over", F("answer_by").asc(nulls_first=True), "-received_at", "pk")


def count_by_state() -> dict[str, int]:
    """Return how many letters stand where."""
    counted = dict(Letter.objects.order_by().values_list("state").annotate(count=Count("pk")))
    return {state.value: counted.get(state.value, 0) for state in LetterState}


def count_overdue(*, on: dt.date) -> int:
    """Return how many letters had to be answered before a day."""
    return Letter.objects.filter(state__in=OPEN, due_on__lt=on).count()


@dataclass(frozen=True, slots=True)
class Left:
    """How much time a letter has: working days, less than none where it is late; `is_vetoed` when all patience is over."""

    days: int | None
    is_late: bool
    is_vetoed: bool

    @property
    def words(self) -> str:
        """Say it."""
        if self.is_vetoed:
            return "超过最长期限"
        if self.days is None:
            return "超期" if self.is_late else "未定"
        return f"超期 {-self.days} 个工作日" if self.is_late else f"剩 {self.days} 个工作日"


def left_of(letters: Iterable[Letter], *, on: dt.date) -> dict[int, Left]:
    """Return how much time the letters have that still are to be answered; the calendar is read once."""
    calendar = WorkingDays()
    return {letter.pk: _left(letter, calendar, on) for letter in letters if letter.state in (*OPEN, LetterState.FORWARDED)}


def _left(letter: Letter, calendar: WorkingDays, on: dt.date) -> Left:
    is_late = letter.due_on is not None and letter.due_on < on
    is_vetoed = letter.limit_on is not None and letter.limit_on < on
    days: int | None = None
    try:
        if letter.due_on is not None:
            days = -calendar.between(letter.due_on, on) if is_late else calendar.between(on, letter.due_on)
    except UncoveredYearError:
        days = None
    return Left(days, is_late, is_vetoed)


@dataclass(frozen=True, slots=True)
class Unit:
    """The letters of a year that an organ was given, how many of them are answered, and how many are late."""

    name: str
    received: int
    answered: int
    late: int


def by_unit(*, on: dt.date, months: int = MONTHS) -> list[Unit]:
    """Return the figures of each organ, the busiest first; letters that nobody was given come under a name of their own."""
    rows: Any = Letter.objects.filter(received_at__gte=_first_moment(on, months)).order_by().values_list("organ_name")
    late = Count("pk", filter=Q(state__in=(*OPEN, LetterState.FORWARDED), due_on__lt=on))
    counted = rows.annotate(received=Count("pk"), answered=Count("pk", filter=Q(state=LetterState.ANSWERED)), late=late)
    return [Unit(name or "未分办", *figures) for name, *figures in counted.order_by("-received", "organ_name")]
