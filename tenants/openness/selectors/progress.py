"""How complete and how late each entry of the catalogues is, reckoned from what is published."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.db.models import Q, QuerySet
from django.utils import timezone
from wagtail.models import Page

from calendars.contract import UncoveredYearError
from calendars.selectors import WorkingDays
from catalogues.contract import Item, Kind
from registry.contract import Kind as SiteKind
from registry.contract import TenantRef
from rules.contract import Key, Place
from rules.models import Rule
from rules.selectors import day_of
from tenants.openness.composing import items_of
from tenants.openness.contract import FILLED, SEVERITY, Duty, Figure, Late, Lateness, Progress, State, Target
from tenants.openness.models import AnnualReportPage, Fulfilment, GuidePage
from tenants.openness.selectors.duties import days_of, due_day, duties_of, judge, rules_for
from tenants.openness.selectors.figures import NOTHING, Figures, figures, restricted_paths
from tenants.pages.composing import path_of
from tenants.pages.models import ColumnPage, DocumentPage

NO_LATENESS = Lateness(0, (), 0)


def progress(tenant: TenantRef, *, today: dt.date) -> list[Progress]:
    """Return all entries of the site's level with what staff want to know, lateness of each text among it; in the site's schema."""
    hidden = tuple(restricted_paths())
    columns = [column for column in ColumnPage.objects.live().order_by("path") if not hidden or not column.path.startswith(hidden)]
    rules = rules_for(tenant, on=today)
    late = lateness(rules.get(Key.OPENNESS_PUBLISH), hidden)
    return progress_of(items_of(tenant), columns, rules, figures(hidden), hidden=hidden, late=late, today=today)


def progress_of(
    items: Mapping[Kind, Sequence[Item]],
    columns: Sequence[ColumnPage],
    rules: Mapping[str, Rule],
    counted: Figures,
    *,
    hidden: tuple[str, ...],
    today: dt.date,
    late: Lateness = NO_LATENESS,
) -> list[Progress]:
    """Return how far the given entries are; one query asks which pages fulfil them."""
    chosen = _chosen(Fulfilment.objects.all(), columns, hidden)
    by_column = {duty.page_id: duty for duty in duties_of(columns, rules, counted, today=today)}
    known = _Known(rules, counted, by_column, late, today)
    found = []
    for kind, rows in items.items():
        for item in rows:
            targets = chosen.get((kind, item.code)) or [(_target(column), None) for column in columns if fits(column, item)]
            found.append(_progress(kind, item, targets, known))
    return found


def targets_of(kind: Kind, item: Item, columns: Sequence[ColumnPage], *, hidden: tuple[str, ...]) -> list[Target]:
    """Return what fulfils one entry; one query asks for what the site's people say."""
    chosen = _chosen(Fulfilment.objects.filter(kind=kind.value, code=item.code), columns, hidden).get((kind, item.code))
    return [target for target, _ in chosen] if chosen else [_target(column) for column in columns if fits(column, item)]


def _chosen(
    rows: QuerySet[Fulfilment], columns: Sequence[ColumnPage], hidden: tuple[str, ...]
) -> dict[tuple[str, str], list[tuple[Target, Figure | None]]]:
    """Return what the site's people say fulfils each entry: a column counts what it holds, a text counts as one."""
    found: dict[tuple[str, str], list[tuple[Target, Figure | None]]] = {}
    owners = {column.pk: column.responsible for column in columns}
    for row in rows.filter(page__live=True).select_related("page").order_by("page__path"):
        if hidden and row.page.path.startswith(hidden):
            continue
        figure = None if row.page_id in owners else Figure(1, row.page.first_published_at)
        target = Target(row.page_id, row.page.title, path_of(row.page), row.page.path, owners.get(row.page_id, ""), is_chosen=True)
        found.setdefault((row.kind, row.code), []).append((target, figure))
    return found


def fits(column: ColumnPage, item: Item) -> bool:
    """Whether a column fulfils an entry if nobody says otherwise: by its name or by its type."""
    return column.title in (item.title, *item.columns) or column.column_type in item.columns


def _target(column: ColumnPage) -> Target:
    return Target(column.pk, column.title, path_of(column), column.path, column.responsible)


@dataclass(frozen=True, slots=True)
class _Known:
    """What every entry is judged by."""

    rules: Mapping[str, Rule]
    counted: Figures
    duties: Mapping[int, Duty]
    late: Lateness
    today: dt.date


def _progress(kind: Kind, item: Item, targets: Sequence[tuple[Target, Figure | None]], known: _Known) -> Progress:
    shown = [target for target, _ in targets]
    outer = _outermost(shown)
    total = NOTHING
    for target, figure in targets:
        if figure is not None or target in outer:
            total = total.plus(figure or known.counted.below(target.path))
    newest = timezone.localtime(total.newest).date() if total.newest else None
    is_standard = kind is Kind.STANDARD
    due = due_day(newest, [known.rules.get(Key.OPENNESS_ITEM_STALE)]) if is_standard else _soonest(shown, known.duties)
    least = days_of(known.rules.get(Key.OPENNESS_ITEM_RECORDS if is_standard else Key.COLUMN_ITEMS))
    state, days = judge(total.count, least, due, today=known.today, warning=days_of(known.rules.get(Key.COLUMN_WARNING)))
    if not targets:
        state, days = State.UNMAPPED, 0
    paths = tuple(target.path for target in outer)
    tardy = sum(each.path.startswith(paths) for each in known.late.late) if paths else 0
    return Progress(kind, item, shown, total.count, least, newest, due, state, days, tardy)


def _outermost(targets: Iterable[Target]) -> list[Target]:
    """Leave out columns that stand below others of the same entry: their texts are counted there."""
    kept: list[Target] = []
    for target in sorted(targets, key=lambda each: each.path):
        if not kept or not target.path.startswith(kept[-1].path):
            kept.append(target)
    return kept


def _soonest(targets: Iterable[Target], duties: Mapping[int, Duty]) -> dt.date | None:
    days = [duty.due for target in targets if (duty := duties.get(target.page_id)) and duty.due]
    return min(days, default=None)


def lateness(row: Rule | None, hidden: Iterable[str]) -> Lateness:
    """Return which official documents were published later than the rule allows after they were signed.

    Documents signed before the rule counted are not judged; where the working days of a year are not known, nobody guesses.
    """
    if row is None:
        return NO_LATENESS
    documents: QuerySet[DocumentPage] = DocumentPage.objects.filter(
        live=True, signed_date__gte=row.valid_from, first_published_at__isnull=False
    ).order_by("path")
    for path in hidden:
        documents = documents.exclude(path__startswith=path)
    days, ends, unknown, judged = WorkingDays(), {}, 0, 0
    found = []
    for page in documents.only("title", "url_path", "path", "depth", "signed_date", "first_published_at"):
        signed, published = page.signed_date, timezone.localtime(page.first_published_at).date()
        if signed is None:  # the query leaves those out
            continue
        if signed not in ends:
            ends[signed] = _last_day(days, signed, row.value)
        last = ends[signed]
        judged, unknown = judged + (last is not None), unknown + (last is None)
        if last and published > last:
            found.append(Late(page.title, path_of(page), page.path, signed, last, published))
    return Lateness(judged, found, unknown)


def _last_day(days: WorkingDays, start: dt.date, count: int) -> dt.date | None:
    try:
        return days.after(start, count)
    except UncoveredYearError:
        return None


def totals(rows: Iterable[Progress]) -> dict[str, int]:
    """Return how many entries there are, are fulfilled, mapped, blank, overdue, and the share fulfilled in percent."""
    listed = list(rows)
    states = Counter(row.state for row in listed)
    filled = sum(states[state] for state in FILLED)
    return {
        "entries": len(listed),
        "fulfilled": filled,
        "unmapped": states[State.UNMAPPED],
        "blank": states[State.BLANK],
        "short": states[State.SHORT],
        "overdue": states[State.OVERDUE],
        "percent": filled * 100 // len(listed) if listed else 0,
    }


def worst_first(rows: Iterable[Progress]) -> list[Progress]:
    """Return entries with those first that need somebody most."""
    return sorted(rows, key=lambda row: (SEVERITY[row.state], -row.days))


def texts_of(targets: Iterable[Target]) -> QuerySet[Page]:
    """Return the live texts that fulfil an entry, the newest first."""
    below = [Q(path__startswith=target.path) for target in targets]
    texts = Page.objects.live().exclude(content_type__model__in=("columnpage", "homepage"))
    wanted = texts.filter(reduce(or_, below)) if below else texts.none()
    newest: QuerySet[Page] = wanted.order_by("-first_published_at", "-pk")
    return newest


def gaps(tenant: TenantRef, *, today: dt.date) -> dict[str, list[str]]:
    """Return what the guide lacks, and the years whose report is due and not there; runs inside the site's schema."""
    guide = GuidePage.objects.live().order_by("-first_published_at", "-pk").first()
    years = set(AnnualReportPage.objects.live().filter(organ__in=("", tenant.name)).values_list("year", flat=True))
    key = Key.OPENNESS_REPORT_ORGAN if tenant.kind is SiteKind.DEPARTMENT else Key.OPENNESS_REPORT_GOVERNMENT
    place = Place.of(region_code=tenant.region_code, tenant=tenant.slug)
    newest = today.year - 1 if today > day_of(key, year=today.year, place=place) else today.year - 2
    wanted = range(min(years, default=newest), newest + 1)
    return {
        "guide": guide.missing if guide else ["公开指南尚未发布"],
        "reports": [str(year) for year in wanted if year not in years],
    }
