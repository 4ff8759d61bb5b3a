"""The meters of interpretations by organ and year: diversified, also in other channels, on time; with the list behind each number."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils import timezone

from calendars.contract import UncoveredYearError
from calendars.selectors import WorkingDays
from registry.contract import TenantRef
from rules.contract import Key, NoRuleError, Place
from rules.models import Rule
from rules.selectors import rule
from search.contract import document_key
from tenants.interpretations.composing import documents_by_key, keys_of
from tenants.interpretations.contract import Form, Meter
from tenants.interpretations.models import InterpretationPage, InterpretedDocument
from tenants.pages.contract import ColumnType
from tenants.pages.models import ArticlePage, ColumnPage, DocumentPage

NO_ORGAN = "（未填写解读机关）"


@dataclass(frozen=True, slots=True)
class Text:
    """One interpretation as the meters see it."""

    pk: int
    title: str
    date: dt.date
    organ: str
    kinds: tuple[str, ...]
    diversified: tuple[str, ...]
    unbacked: tuple[str, ...]
    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Timing:
    """How long a document waited for its first interpretation; `days` is none where the working days are not known."""

    document: str
    doc_no: str
    document_date: dt.date
    text: str
    text_pk: int
    organ: str
    date: dt.date
    days: int | None
    allowed: int | None

    @property
    def is_on_time(self) -> bool | None:
        """Whether it came within the working days of the rule; none where that cannot be told."""
        return None if self.days is None or self.allowed is None else self.days <= self.allowed


@dataclass(frozen=True, slots=True)
class OrganYear:
    """The three meters of one organ, or of all."""

    organ: str
    diversified: Meter
    channels: Meter
    on_time: Meter
    untold: int = 0  # documents whose working days are not known


@dataclass(frozen=True, slots=True)
class YearReport:
    """A site's meters of a year, and what they rest on."""

    year: int
    rules: Mapping[Key, Rule | None]
    organs: Sequence[OrganYear]
    total: OrganYear
    texts: Sequence[Text]
    timings: Sequence[Timing]
    untied: Sequence[Text]
    plain_articles: int
    uncovered: Sequence[int] = field(default_factory=tuple)


def place_of(tenant: TenantRef) -> Place:
    """Return whose rules count at a site."""
    return Place.of(region_code=tenant.region_code, tenant=tenant.slug)


def rule_or_none(key: Key, *, on: dt.date, place: Place) -> Rule | None:
    """Return the rule that holds, or none where there is none: then the place has no such duty."""
    try:
        return rule(key, on=on, place=place)
    except NoRuleError:
        return None


def year_report(tenant: TenantRef, *, year: int, today: dt.date) -> YearReport:
    """Return the meters of the interpretations that were published in a year and are public now; runs inside the site's schema."""
    place, on = place_of(tenant), min(dt.date(year, 12, 31), today)
    keys = (Key.INTERPRETATION_DIVERSIFIED, Key.INTERPRETATION_CHANNELS, Key.INTERPRETATION_LATEST)
    rules = {key: rule_or_none(key, on=on, place=place) for key in keys}
    pages = InterpretationPage.objects.live().filter(first_published_at__year=year).order_by("first_published_at", "pk")
    texts = [_text(page) for page in pages.prefetch_related("media", "questions", "channels")]
    uncovered: set[int] = set()
    timings = [each for each in _timings(tenant, place, uncovered) if each.date.year == year]
    tied = set(InterpretedDocument.objects.values_list("page_id", flat=True))
    organs = sorted({text.organ for text in texts} | {timing.organ for timing in timings})
    return YearReport(
        year,
        rules,
        [_organ_year(organ, texts, timings, rules, only=organ) for organ in organs],
        _organ_year("合计", texts, timings, rules),
        texts,
        timings,
        [text for text in texts if text.pk not in tied],
        _plain_articles(year),
        sorted(uncovered),
    )


def years_with_texts() -> list[int]:
    """Return the years in which interpretations were published, the newest first."""
    days = InterpretationPage.objects.live().dates("first_published_at", "year", order="DESC")
    return [day.year for day in days]


def _text(page: InterpretationPage) -> Text:
    return Text(
        page.pk,
        page.title,
        _day(page.first_published_at),
        page.organ.strip() or NO_ORGAN,
        tuple(Form(kind).label for kind in page.kinds),
        tuple(form.label for form in page.diversified),
        tuple(page.unbacked),
        tuple(dict.fromkeys(row.get_channel_display() for row in page.channels.all())),
    )


def _day(moment: dt.datetime | None) -> dt.date:
    return timezone.localtime(moment).date() if moment else dt.date.min


def _organ_year(
    name: str, texts: Iterable[Text], timings: Iterable[Timing], rules: Mapping[Key, Rule | None], *, only: str | None = None
) -> OrganYear:
    own = [text for text in texts if only in (None, text.organ)]
    told = [timing for timing in timings if only in (None, timing.organ)]
    known = [timing for timing in told if timing.is_on_time is not None]

    def required(key: Key) -> int | None:
        held = rules[key]
        return held.value if held else None

    return OrganYear(
        name,
        Meter(sum(bool(text.diversified) for text in own), len(own), required(Key.INTERPRETATION_DIVERSIFIED)),
        Meter(sum(bool(text.channels) for text in own), len(own), required(Key.INTERPRETATION_CHANNELS)),
        Meter(sum(bool(timing.is_on_time) for timing in known), len(known)),
        len(told) - len(known),
    )


def _timings(tenant: TenantRef, place: Place, uncovered: set[int]) -> list[Timing]:
    """Return, for each document, its first interpretation and how long it took; years whose working days are unknown are noted."""
    rows = list(InterpretedDocument.objects.filter(page__live=True).select_related("page").defer("page__body", "page__attachments"))
    first: dict[str, InterpretationPage] = {}
    for row in sorted(rows, key=lambda row: (row.page.first_published_at or timezone.now(), row.page_id)):
        for key in keys_of([row], tenant):
            first.setdefault(key, row.page)
    facts = _documents(tenant, first)
    calendar, allowed = WorkingDays(), _Allowed(place)
    return [
        _timing(facts[key], page, calendar, allowed, uncovered) for key, page in first.items() if key in facts and page.first_published_at
    ]


def _documents(tenant: TenantRef, keys: Iterable[str]) -> dict[str, tuple[str, str, dt.date]]:
    """Return title, number and day of publication of documents: the site's own from their pages, others' from what search knows."""
    wanted = set(keys)
    rows = DocumentPage.objects.live().filter(first_published_at__isnull=False)
    own = rows.values_list("pk", "title", "doc_no", "first_published_at")
    facts = {key: (title, no, _day(at)) for pk, title, no, at in own if (key := document_key(tenant.uuid, pk)) in wanted}
    others = documents_by_key(wanted - set(facts), tenant)
    return facts | {key: (found.title, found.doc_no, _day(found.date)) for key, found in others.items() if found.date}


class _Allowed:
    """The working days a document may wait, by the day it was published; each day asked for once."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._known: dict[dt.date, int | None] = {}

    def on(self, day: dt.date) -> int | None:
        if day not in self._known:
            held = rule_or_none(Key.INTERPRETATION_LATEST, on=day, place=self._place)
            self._known[day] = held.value if held else None
        return self._known[day]


def _timing(
    document: tuple[str, str, dt.date], page: InterpretationPage, calendar: WorkingDays, allowed: _Allowed, uncovered: set[int]
) -> Timing:
    title, number, published = document
    day = _day(page.first_published_at)
    days: int | None = 0
    if day > published:
        try:
            days = calendar.between(published, day)
        except UncoveredYearError as error:
            uncovered.add(error.year)
            days = None
    return Timing(title, number, published, page.title, page.pk, page.organ.strip() or NO_ORGAN, day, days, allowed.on(published))


def _plain_articles(year: int) -> int:
    """Return how many articles of the year stand in columns for interpretations: they say nothing of forms and channels."""
    count = 0
    for column in ColumnPage.objects.live().filter(column_type=ColumnType.INTERPRETATION):
        count += ArticlePage.objects.live().child_of(column).filter(first_published_at__year=year).count()
    return count
