"""Reads: the dated rules as people read them, which holds at a site and why, and whom a new one reaches."""

import datetime as dt

from console.contract import Mark, RuleAnswer, RuleRow, Tone
from registry.contract import State, TenantRef
from registry.models import City, Region
from registry.selectors import directory
from rules.contract import MARK_LABELS, NARROWNESS, SCOPE_LABELS, Place, Scope, Unit
from rules.contract import Mark as Sureness
from rules.models import Rule
from rules.selectors import all_rules, contenders, names
from rules.services import Wanted

_NOW, _TO_COME, _OVER = Mark(Tone.GOOD, "现行"), Mark(Tone.WARNING, "未生效"), Mark(Tone.QUIET, "已过")
_FORMS = {
    Unit.WORKING_DAYS: "{}个工作日",
    Unit.DAYS: "{}日",
    Unit.MONTHS: "{}个月",
    Unit.HOURS: "{}小时",
    Unit.TIMES_A_YEAR: "每年{}次",
    Unit.PERCENT: "{}%",
    Unit.RECORDS: "{}条",
}
_ENDED = (State.CLOSED, State.PURGED)


def rule_rows(*, today: dt.date, text: str = "", key: str = "") -> list[RuleRow]:
    """Return the dated rows, of one rule if asked, whose words contain the text, by key, scope and day."""
    labels, places = names(), place_names()
    rows = [_row(rule, labels, places, today) for rule in all_rules(key)]
    wanted = text.strip().lower()
    return [row for row in rows if not wanted or any(wanted in each.lower() for each in (row.key, row.label, row.basis, row.place))]


def answers_at(site: TenantRef, *, today: dt.date) -> list[RuleAnswer]:
    """Return for each rule the row that holds at a site, with what it goes before."""
    labels, places = names(), place_names()
    found = contenders(on=today, place=place_of(site))
    return [RuleAnswer(_row(rows[0], labels, places, today), _why(rows)) for _, rows in sorted(found.items(), key=lambda item: item[0])]


def reach(wanted: Wanted) -> tuple[list[TenantRef], list[TenantRef], list[str]]:
    """Return the sites at which a new row would hold on its first day, those with a narrower one, and what the first have without it."""
    inside = [
        ref
        for ref in sorted(directory().by_uuid.values(), key=lambda ref: (ref.region_code, ref.slug))
        if ref.state not in _ENDED and place_of(ref).codes()[wanted.scope] == wanted.scope_code
    ]
    holding = {ref.uuid: contenders(on=wanted.valid_from, place=place_of(ref), keys=[wanted.key]).get(wanted.key, []) for ref in inside}
    spared = [ref for ref in inside if any(NARROWNESS[Scope(row.scope)] > NARROWNESS[wanted.scope] for row in holding[ref.uuid])]
    reached = [ref for ref in inside if ref not in spared]
    first = (holding[ref.uuid][0] for ref in reached if holding[ref.uuid])
    now = {f"{value_text(row.value, Unit(row.unit))}（{SCOPE_LABELS[Scope(row.scope)]}）" for row in first}
    return reached, spared, sorted(now)


def unit_of(key: str) -> str:
    """Return what a rule counts; empty where there is no such rule."""
    return all_rules(key).values_list("unit", flat=True).first() or "" if key else ""


def place_of(site: TenantRef) -> Place:
    """Return whose rules count at a site."""
    return Place.of(region_code=site.region_code, tenant=site.slug)


def place_names() -> dict[tuple[str, str], str]:
    """Return what places are called, by scope and code."""
    found = {(Scope.NATION.value, ""): "全国"}
    provinces = Region.objects.filter(level=Region.Level.PROVINCE).values_list("code", "name")
    found |= {(Scope.PROVINCE.value, code[:2]): name for code, name in provinces}
    found |= {(Scope.CITY.value, code): name for code, name in City.objects.values_list("region_id", "name")}
    return found | {(Scope.TENANT.value, ref.slug): ref.name for ref in directory().by_uuid.values()}


def value_text(value: int, unit: Unit) -> str:
    """Return a rule's number with what it counts."""
    return f"每年{value // 100}月{value % 100}日" if unit is Unit.MONTH_DAY else _FORMS[unit].format(value)


def _why(rows: list[Rule]) -> str:
    first = rows[0]
    scope = SCOPE_LABELS[Scope(first.scope)]
    if len(rows) == 1:
        return f"只有{scope}规则"
    others = "、".join(f"{SCOPE_LABELS[Scope(row.scope)]}（{value_text(row.value, Unit(row.unit))}）" for row in rows[1:])
    return f"{scope}规则优先于{others}"


def _row(rule: Rule, labels: dict[str, str], places: dict[tuple[str, str], str], today: dt.date) -> RuleRow:
    state = _TO_COME if rule.valid_from > today else _OVER if rule.valid_to and rule.valid_to < today else _NOW
    return RuleRow(
        key=rule.key,
        label=labels.get(rule.key, rule.key),
        value=value_text(rule.value, Unit(rule.unit)),
        scope=SCOPE_LABELS[Scope(rule.scope)],
        place=places.get((rule.scope, rule.scope_code), rule.scope_code),
        valid_from=rule.valid_from,
        valid_to=rule.valid_to,
        basis=rule.basis,
        mark=MARK_LABELS[Sureness(rule.mark)],
        note=rule.note,
        state=state,
    )
