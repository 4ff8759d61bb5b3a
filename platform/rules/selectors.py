"""Reads: which rule holds on a day in a place; the narrowest scope wins, within it the newest."""

import datetime as dt
from calendar import monthrange
from collections.abc import Iterable

from django.db.models import Q, QuerySet

from rules.contract import NARROWNESS, NoRuleError, Place, Scope, Unit
from rules.models import Rule


def rule(key: str, *, on: dt.date, place: Place) -> Rule:
    """Return the row that holds.

    Raises:
        NoRuleError: none does; the message says what to do.

    """
    found = rules_of([key], on=on, place=place).get(key)
    if found is None:
        raise NoRuleError(key, on.isoformat())
    return found


def rules_of(keys: Iterable[str], *, on: dt.date, place: Place) -> dict[str, Rule]:
    """Return the rows that hold of several rules, in one query; a rule without one is left out."""
    return {key: rows[0] for key, rows in contenders(on=on, place=place, keys=keys).items()}


def contenders(*, on: dt.date, place: Place, keys: Iterable[str] | None = None) -> dict[str, list[Rule]]:
    """Return all rows valid on a day in a place by key, in one query; the first of each holds, the others give way to it."""
    here = Q(pk=None)
    for scope, code in place.codes().items():
        if code or scope is Scope.NATION:
            here |= Q(scope=scope.value, scope_code=code)
    rows = holding(on=on).filter(here)
    if keys is not None:
        rows = rows.filter(key__in=[str(key) for key in keys])
    found: dict[str, list[Rule]] = {}
    for row in sorted(rows, key=lambda row: (NARROWNESS[Scope(row.scope)], row.valid_from), reverse=True):
        found.setdefault(row.key, []).append(row)
    return found


def value(key: str, *, on: dt.date, place: Place) -> int:
    """Return the number that holds.

    Raises:
        NoRuleError: none does.

    """
    return rule(key, on=on, place=place).value


def end_of(key: str, *, start: dt.date, place: Place) -> dt.date:
    """Return the day on which a period of days or months ends that begins on `start`.

    Raises:
        NoRuleError: no rule says how long it is.
        ValueError: the rule counts something else.

    """
    return end_by(rule(key, on=start, place=place), start=start)


def end_by(row: Rule, *, start: dt.date) -> dt.date:
    """Return the day on which a period ends that is as long as the row says.

    Raises:
        ValueError: the rule counts something else than days or months.

    """
    if row.unit == Unit.DAYS:
        return start + dt.timedelta(days=row.value)
    if row.unit == Unit.MONTHS:
        months = start.month - 1 + row.value
        year, month = start.year + months // 12, months % 12 + 1
        return dt.date(year, month, min(start.day, monthrange(year, month)[1]))
    raise ValueError(f"The rule {row.key!r} counts {row.unit}; a period needs days or months.")


def day_of(key: str, *, year: int, place: Place) -> dt.date:
    """Return the day of a year that a rule names, such as the last one for the annual report.

    Raises:
        NoRuleError: no rule names it on 1 January of that year.
        ValueError: the rule counts something else.

    """
    row = rule(key, on=dt.date(year, 1, 1), place=place)
    if row.unit != Unit.MONTH_DAY:
        raise ValueError(f"The rule {str(key)!r} counts {row.unit}; a day of the year is needed.")
    return dt.date(year, row.value // 100, row.value % 100)


def holding(*, on: dt.date) -> QuerySet[Rule]:
    """Return the rows valid on a day."""
    return Rule.objects.filter(Q(valid_to=None) | Q(valid_to__gte=on), valid_from__lte=on)


def all_rules(key: str = "") -> QuerySet[Rule]:
    """Return the whole table, or what there ever was of one rule, by key, scope and day."""
    rows = Rule.objects.filter(key=key) if key else Rule.objects.all()
    return rows.order_by("key", "scope", "scope_code", "valid_from")


def rules_of_site(slug: str) -> QuerySet[Rule]:
    """Return what there ever was for one site alone."""
    return Rule.objects.filter(scope=Scope.TENANT.value, scope_code=slug)


def names() -> dict[str, str]:
    """Return what each rule says in words, by key: the remark of its first row."""
    rows = Rule.objects.order_by("key", "pk").values_list("key", "note")
    found: dict[str, str] = {}
    for key, note in rows:
        found[key] = found.get(key) or note
    return {key: note or key for key, note in found.items()}
