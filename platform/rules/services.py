"""Verbs: set a rule from a day on, what held before stays in the table; let a site's own rules follow it to another slug."""

import dataclasses
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from observability.audit import record_audit
from rules.contract import Mark, RuleExistsError, RuleOverlapError, RuleUnitError, RuleValueError, Scope, Unit
from rules.models import Rule
from rules.selectors import rules_of_site

LEAP_YEAR = 2024  # 29 February is a day of the year too
ALL_PERCENT = 100


@dataclass(frozen=True, slots=True)
class Wanted:
    """A rule as somebody wants it to be from a day on."""

    key: str
    value: int
    unit: Unit
    basis: str
    mark: Mark
    valid_from: dt.date
    scope: Scope = Scope.NATION
    scope_code: str = ""
    valid_to: dt.date | None = None
    note: str = ""

    @property
    def facts(self) -> dict[str, Any]:
        """The columns of the row."""
        return {name: getattr(value, "value", value) for name, value in dataclasses.asdict(self).items()}


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What adding a rule would do: whether it is there already, which row it ends, and on which day."""

    is_known: bool
    ended: Rule | None = None
    ended_on: dt.date | None = None


def foresee(wanted: Wanted) -> Foreseen:
    """Return what `set_rule` would do, and change nothing.

    Raises:
        RuleExistsError: the same scope has another value from the same day on.
        RuleOverlapError: a later row of the scope begins while this one would hold.
        RuleUnitError: the rule counts something else.
        RuleValueError: the number or the days cannot be.

    """
    return _foresee(wanted, list(Rule.objects.filter(key=wanted.key)))


@transaction.atomic
def set_rule(wanted: Wanted, *, by: str, address: str = "") -> bool:
    """Add a rule and end the one of the same scope that held until then; return whether anything changed.

    Raises:
        RuleExistsError, RuleOverlapError, RuleUnitError, RuleValueError: as `foresee`.

    """
    foreseen = _foresee(wanted, list(Rule.objects.select_for_update().filter(key=wanted.key)))
    if foreseen.is_known:
        return False
    before = foreseen.ended
    if before is not None:
        before.valid_to = foreseen.ended_on
        before.save(update_fields=["valid_to"])
    Rule.objects.create(**wanted.facts)
    detail = {"before": str(before) if before else "", "after": {name: str(value) for name, value in wanted.facts.items()}}
    record_audit("rule.set", actor=by, subject=wanted.key, detail=detail, address=address)
    return True


@transaction.atomic
def follow_site(old: str, new: str, *, by: str, address: str = "") -> int:
    """Let the rules of one site go with it to its new slug, all there ever were; return how many. A second time finds none."""
    rows = rules_of_site(old).update(scope_code=new)
    if rows:
        record_audit("rule.followed", actor=by, subject=new, detail={"before": old, "after": new, "rows": rows}, address=address)
    return rows


def _foresee(wanted: Wanted, rows: Sequence[Rule]) -> Foreseen:
    _check_value(wanted)
    if other := next((row.unit for row in rows if row.unit != wanted.unit), None):
        raise RuleUnitError(wanted.key, Unit(other), wanted.unit)
    same = [row for row in rows if (row.scope, row.scope_code) == (wanted.scope.value, wanted.scope_code)]
    kept = next((row for row in same if row.valid_from == wanted.valid_from), None)
    if kept is not None:
        if all(getattr(kept, name) == value for name, value in wanted.facts.items()):
            return Foreseen(is_known=True)
        raise RuleExistsError(f"There is already {kept}. A rule is never rewritten: choose another first day.")
    later = min((row for row in same if row.valid_from > wanted.valid_from), key=lambda row: row.valid_from, default=None)
    if later is not None and (wanted.valid_to is None or wanted.valid_to >= later.valid_from):
        raise RuleOverlapError(str(later), later.valid_from)
    before = max((row for row in same if row.valid_from < wanted.valid_from), key=lambda row: row.valid_from, default=None)
    if before is None or (before.valid_to is not None and before.valid_to < wanted.valid_from):
        return Foreseen(is_known=False)
    return Foreseen(is_known=False, ended=before, ended_on=wanted.valid_from - dt.timedelta(days=1))


def _check_value(wanted: Wanted) -> None:
    if wanted.valid_to is not None and wanted.valid_to < wanted.valid_from:
        raise RuleValueError(f"The last day {wanted.valid_to} is before the first, {wanted.valid_from}.")
    if wanted.unit is Unit.PERCENT and wanted.value > ALL_PERCENT:
        raise RuleValueError(f"{wanted.value} percent is more than all: give 0 to 100.")
    if wanted.unit is Unit.MONTH_DAY:
        try:
            dt.date(LEAP_YEAR, wanted.value // 100, wanted.value % 100)
        except ValueError:
            raise RuleValueError(f"{wanted.value} is no day of the year: write month and day, 131 for 31 January.") from None
