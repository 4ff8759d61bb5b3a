"""The one verb: set a rule from a day on; what held before stays in the table."""

import dataclasses
import datetime as dt
from dataclasses import dataclass

from django.db import transaction

from observability.audit import record_audit
from rules.contract import Mark, RuleExistsError, Scope, Unit
from rules.models import Rule


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


@transaction.atomic
def set_rule(wanted: Wanted, *, by: str, address: str = "") -> bool:
    """Add a rule and end the one of the same scope that held until then; return whether anything changed.

    Raises:
        RuleExistsError: the same scope has another value from the same day on.

    """
    same = Rule.objects.select_for_update().filter(key=wanted.key, scope=wanted.scope.value, scope_code=wanted.scope_code)
    facts = {name: getattr(value, "value", value) for name, value in dataclasses.asdict(wanted).items()}
    kept = same.filter(valid_from=wanted.valid_from).first()
    if kept is not None:
        if all(getattr(kept, name) == value for name, value in facts.items()):
            return False
        raise RuleExistsError(f"There is already {kept}. A rule is never rewritten: choose another first day.")
    before = same.filter(valid_from__lt=wanted.valid_from).order_by("-valid_from").first()
    if before is not None and (before.valid_to is None or before.valid_to >= wanted.valid_from):
        before.valid_to = wanted.valid_from - dt.timedelta(days=1)
        before.save(update_fields=["valid_to"])
    Rule.objects.create(**facts)
    detail = {"before": str(before) if before else "", "after": {name: str(value) for name, value in facts.items()}}
    record_audit("rule.set", actor=by, subject=wanted.key, detail=detail, address=address)
    return True
