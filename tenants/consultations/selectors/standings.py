"""How each consultation stands: its last day, by when it must be answered, whether that is late; and the figures of a year."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, Q
from django.utils import timezone

from calendars.contract import UncoveredYearError
from calendars.selectors import WorkingDays
from registry.contract import TenantRef
from rules.contract import Key
from rules.models import Rule
from rules.selectors import rules_of
from tenants.consultations.composing import place_of, standing
from tenants.consultations.contract import STATUS_LABELS, Status, status_of
from tenants.consultations.models import ConsultationPage

KEYS = (Key.CONSULTATION_FEEDBACK, Key.CONSULTATION_A_YEAR, Key.COLUMN_WARNING)
COUNTED = Count("opinions", filter=Q(opinions__withheld_at=None))  # a withheld one is none
_ORDER = (Status.CLOSED, Status.OPEN, Status.UPCOMING, Status.ANSWERED)


@dataclass(frozen=True, slots=True)
class Standing:
    """A consultation as staff see it; `due_on` and `late_by` (working days) are none where they cannot be told, and `untold` says why."""

    pk: int
    title: str
    organ: str
    kind: str
    status: Status
    starts_on: dt.date
    ends_on: dt.date
    opinions: int
    offline: int
    due_on: dt.date | None
    late_by: int | None
    untold: str
    answered_on: dt.date | None
    is_soon: bool

    @property
    def is_overdue(self) -> bool:
        """Whether people still wait for an answer that is late."""
        return self.status is Status.CLOSED and bool(self.late_by)

    @property
    def label(self) -> str:
        """How it stands, in a word."""
        return STATUS_LABELS[self.status]

    @property
    def text(self) -> str:
        """What staff read about the answer."""
        if self.status is Status.ANSWERED:
            return f"{self.answered_on:%Y-%m-%d}反馈" + (f"，逾期{self.late_by}个工作日" if self.late_by else "")
        if self.untold:
            return self.untold
        if self.late_by:
            return f"已逾期{self.late_by}个工作日"
        return f"应于{self.due_on:%Y-%m-%d}前反馈"


@dataclass(frozen=True, slots=True)
class Year:
    """The figures of a year, as the site's yearly report asks for them; `wanted` is none where no rule asks for a number."""

    year: int
    held: int
    opinions: int
    answered: int
    wanted: int | None


def standings(tenant: TenantRef, *, today: dt.date) -> list[Standing]:
    """Return the live consultations of the site: those that wait for an answer first, the longest waiting first of all; three queries."""
    rules = rules_of(KEYS, on=today, place=place_of(tenant))
    pages = ConsultationPage.objects.live().annotate(received=COUNTED).defer("body", "attachments", "note", "feedback")
    calendar = WorkingDays()
    rows = [(page, page.starts_on, page.ends_on) for page in pages.order_by("-ends_on", "pk")]
    found = [_standing(page, (first, last), rules, calendar, today) for page, first, last in rows if first and last]
    return sorted(found, key=lambda each: (_ORDER.index(each.status), each.ends_on if each.status is not Status.ANSWERED else dt.date.min))


def _standing(
    page: ConsultationPage, period: tuple[dt.date, dt.date], rules: dict[str, Rule], calendar: WorkingDays, today: dt.date
) -> Standing:
    starts_on, ends_on = period
    answered_on = timezone.localdate(page.answered_at) if page.answered_at else None
    status = status_of(starts_on, ends_on, is_answered=answered_on is not None, today=today)
    due_on, late_by, untold = _due(ends_on, rules.get(KEYS[0]), calendar, min(answered_on or today, today))
    warning = rules.get(Key.COLUMN_WARNING)
    return Standing(
        pk=page.pk,
        title=page.title,
        organ=page.organ,
        kind=page.get_kind_display(),
        status=status,
        starts_on=starts_on,
        ends_on=ends_on,
        opinions=page.received,
        offline=page.offline_count,
        due_on=due_on,
        late_by=late_by,
        untold=untold,
        answered_on=answered_on,
        is_soon=bool(status is Status.CLOSED and due_on and warning and not late_by and (due_on - today).days <= warning.value),
    )


def _due(ended: dt.date, row: Rule | None, calendar: WorkingDays, until: dt.date) -> tuple[dt.date | None, int | None, str]:
    """Return by when a consultation that ended is answered, and how many working days `until` lies behind that."""
    if row is None:
        return None, None, "本地没有反馈时限的规定"
    try:
        due = calendar.after(ended, row.value)
        return due, calendar.between(due, until) if until > due else 0, ""
    except UncoveredYearError as error:
        return None, None, f"{error.year}年工作日安排尚未导入，不能计算时限"


def pressing(found: list[Standing]) -> list[Standing]:
    """Return those whose answer is late, or due soon."""
    return [each for each in found if each.is_overdue or each.is_soon]


def figures(tenant: TenantRef, *, year: int, today: dt.date) -> Year:
    """Return how many consultations of a year there were, opinions on them, and answers."""
    rows = ConsultationPage.objects.live().filter(starts_on__year=year)
    online = rows.aggregate(received=COUNTED)["received"]
    counts = rows.values_list("offline_count", flat=True)
    answered = rows.filter(standing(Status.ANSWERED, today, prefix="")).count()
    row = rules_of(KEYS, on=today, place=place_of(tenant)).get(Key.CONSULTATION_A_YEAR)
    return Year(year, len(counts), online + sum(counts), answered, row.value if row else None)
