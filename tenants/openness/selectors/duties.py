"""What each column must hold and by when the next text is due: the rule for its type, or the site's own stricter one."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

from django.utils import timezone

from registry.contract import TenantRef
from rules.contract import Key, Place
from rules.models import Rule
from rules.selectors import end_by, rules_of
from tenants.openness.contract import SEVERITY, WITHOUT_TEXTS, Duty, State
from tenants.openness.selectors.figures import Figures, figures, restricted_paths
from tenants.pages.composing import path_of
from tenants.pages.contract import STALE_RULES, ColumnType
from tenants.pages.models import ColumnPage, HomePage

KEYS = (
    *STALE_RULES.values(),
    Key.HOME_STALE,
    Key.COLUMN_ITEMS,
    Key.COLUMN_WARNING,
    Key.OPENNESS_ITEM_RECORDS,
    Key.OPENNESS_ITEM_STALE,
    Key.OPENNESS_PUBLISH,
)
WARNED = (State.BLANK, State.OVERDUE, State.SHORT, State.DUE_SOON)


def rules_for(tenant: TenantRef, *, on: dt.date) -> Mapping[str, Rule]:
    """Return the rules that count for a site on a day."""
    return rules_of(KEYS, on=on, place=Place.of(region_code=tenant.region_code, tenant=tenant.slug))


def duties(tenant: TenantRef, *, today: dt.date) -> list[Duty]:
    """Return the home page's and every live column's duty in the tree's order; runs inside the site's schema, in four queries."""
    hidden = tuple(restricted_paths())
    columns = [column for column in ColumnPage.objects.live().order_by("path") if not hidden or not column.path.startswith(hidden)]
    rules, counted = rules_for(tenant, on=today), figures(hidden)
    home = HomePage.objects.only("pk", "path", "title", "url_path", "depth").first()
    first = [_home_duty(home, rules, counted, today=today)] if home else []
    return [*first, *duties_of(columns, rules, counted, today=today)]


def duties_of(columns: Sequence[ColumnPage], rules: Mapping[str, Rule], counted: Figures, *, today: dt.date) -> list[Duty]:
    """Return the duties of columns; a column that only holds other columns has none of its own."""
    parents = {column.path[: -column.steplen] for column in columns}
    bearing = [column for column in columns if not _is_frame(column, counted, is_parent=column.path in parents)]
    return [_column_duty(column, rules, counted, today=today) for column in bearing]


def _is_frame(column: ColumnPage, counted: Figures, *, is_parent: bool) -> bool:
    return is_parent and not counted.of(column.path).count and column.update_days is None and not column.least_items


def _column_duty(column: ColumnPage, rules: Mapping[str, Rule], counted: Figures, *, today: dt.date) -> Duty:
    kind = ColumnType(column.column_type)
    figure = counted.below(column.path)
    newest = timezone.localtime(figure.newest).date() if figure.newest else None
    due = due_day(newest, [rules.get(STALE_RULES.get(kind, ""))], own_days=column.update_days)
    least = _least(column, kind, rules)
    state, days = judge(figure.count, least, due, today=today, warning=days_of(rules.get(Key.COLUMN_WARNING)))
    return Duty(column.pk, column.title, path_of(column), kind.label, column.responsible, figure.count, least, newest, due, state, days)


def _home_duty(home: HomePage, rules: Mapping[str, Rule], counted: Figures, *, today: dt.date) -> Duty:
    figure = counted.below(home.path)
    newest = timezone.localtime(figure.newest).date() if figure.newest else None
    due, least = due_day(newest, [rules.get(Key.HOME_STALE)]), days_of(rules.get(Key.COLUMN_ITEMS))
    state, days = judge(figure.count, least, due, today=today, warning=days_of(rules.get(Key.COLUMN_WARNING)))
    return Duty(home.pk, "首页（全站最新一条）", "/", "首页", "", figure.count, least, newest, due, state, days)


def _least(column: ColumnPage, kind: ColumnType, rules: Mapping[str, Rule]) -> int:
    if column.least_items is not None:
        return column.least_items
    return 0 if kind in WITHOUT_TEXTS else days_of(rules.get(Key.COLUMN_ITEMS))


def days_of(row: Rule | None) -> int:
    """Return a rule's number; nothing is asked where there is no rule."""
    return row.value if row else 0


def due_day(newest: dt.date | None, rows: Iterable[Rule | None], *, own_days: int | None = None) -> dt.date | None:
    """Return the last day for the next text: the earliest that any of the rules or the own number of days says."""
    if newest is None:
        return None
    days = [end_by(row, start=newest) for row in rows if row]
    return min([*days, *([newest + dt.timedelta(days=own_days)] if own_days else [])], default=None)


def judge(count: int, least: int, due: dt.date | None, *, today: dt.date, warning: int) -> tuple[State, int]:
    """Return how something stands, and the days past its last day or before it."""
    if count == 0 and least:
        return State.BLANK, 0
    left = (due - today).days if due else None
    if left is not None and left < 0:
        return State.OVERDUE, -left
    if count < least:
        return State.SHORT, 0
    if left is not None and left <= warning:
        return State.DUE_SOON, left
    return State.FINE, 0


def warned(found: Iterable[Duty]) -> list[Duty]:
    """Return what somebody must see to, the worst first."""
    rows = [duty for duty in found if duty.state in WARNED]
    return sorted(rows, key=lambda duty: (SEVERITY[duty.state], -duty.days if duty.state is State.OVERDUE else duty.days))
