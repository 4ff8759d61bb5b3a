"""Compares a site with a blueprint: what to add, what to change, and what its own people made and nobody overwrites.

Three sides decide: what the blueprint wants, what the site has, and what was last applied there. What the site still has as it was
applied may be changed; anything else was the work of the site's people and is left alone.
"""

from collections.abc import Iterator, Mapping

from blueprints.contract import Blueprint, Difference, Facts, Value, Verdict

Items = Mapping[str, Facts]

THEME, SETTINGS, WORKFLOW = "theme", "settings", "workflow"
ROLES, COLUMNS, ORDER, PAGES = "roles/", "columns/", "order/", "pages/"


def compare(wanted: Blueprint, present: Blueprint, *, base: Blueprint | None) -> list[Difference]:
    """Return every difference of a site from a blueprint, in the blueprint's order; `base` is what was last applied there."""
    want, have, before = items(wanted), items(present), items(base) if base else {}
    found: list[Difference] = []
    missing: set[str] = set()
    for item, facts in want.items():
        if item in have:
            found += _facts(item, facts, have[item], before.get(item, {}))
        elif not item.startswith(ORDER):
            verdict = _verdict_on_missing(item, have, before, missing)
            if verdict is not Verdict.ADD:
                missing.add(item)
            found.append(Difference(item, "", _summary(facts), None, verdict))
    found += _orders(want, have, before, added={entry.item for entry in found if entry.verdict is Verdict.ADD})
    return found + list(_not_wanted(want, have, before))


def items(blueprint: Blueprint) -> Items:
    """Return a blueprint as facts by item; what it does not mention is not there."""
    flat: dict[str, Facts] = {THEME: {"": blueprint.theme}}
    if blueprint.settings:
        flat[SETTINGS] = blueprint.settings
    flat |= {f"{ROLES}{name}": {"": rights} for name, rights in blueprint.roles.items()}
    if flow := blueprint.workflow:
        flat[WORKFLOW] = {"": (flow.name, *(f"{step.name}: {', '.join(step.roles)}" for step in flow.steps))}
    for column in blueprint.columns:
        flat[COLUMNS + column.path] = {
            "title": column.title,
            "type": column.type,
            "description": column.description,
            "keywords": column.keywords,
            "on_home": column.is_on_home,
            "in_menu": column.is_in_menu,
        }
    for page in blueprint.pages:
        flat[PAGES + page.path] = {"title": page.title, "kind": page.kind, "summary": page.summary, "text": page.text}
    return flat | {f"{ORDER}{parent}": {"": names} for parent, names in _order(blueprint).items()}


def _order(blueprint: Blueprint) -> dict[str, tuple[str, ...]]:
    below: dict[str, tuple[str, ...]] = {}
    for column in blueprint.columns:
        parent, _, name = column.path.rpartition("/")
        below[parent] = (*below.get(parent, ()), name)
    return below


def _facts(item: str, wanted: Facts, present: Facts, before: Facts) -> Iterator[Difference]:
    if item.startswith(ORDER):
        return
    for fact, value in wanted.items():
        has = present.get(fact)
        if has != value:
            is_as_applied = fact in before and before[fact] == has
            yield Difference(item, fact, value, has, Verdict.CHANGE if is_as_applied else Verdict.EDITED)


def _verdict_on_missing(item: str, have: Items, before: Items, missing: set[str]) -> Verdict:
    room, _, path = item.partition("/")
    above = COLUMNS + path.rpartition("/")[0]
    if item in before or above in missing:
        return Verdict.REMOVED
    other = PAGES if room + "/" == COLUMNS else COLUMNS
    return Verdict.OWN if other + path in have else Verdict.ADD  # the path is taken by something else


def _orders(want: Items, have: Items, before: Items, *, added: set[str]) -> Iterator[Difference]:
    """Compare the order of columns that both have; new ones come to their place by being added there."""
    for item, facts in want.items():
        if not item.startswith(ORDER) or item not in have:
            continue
        wanted, present = _names(facts), _names(have[item])
        shared = [name for name in wanted if name in present]
        now = [name for name in present if name in shared]
        if shared != now:
            applied = [name for name in _names(before.get(item, {})) if name in shared]
            is_as_applied = [name for name in now if name in applied] == applied and bool(applied)
            path = item.removeprefix(ORDER)
            full = tuple(name for name in wanted if name in shared or f"{COLUMNS}{path}/{name}".replace("//", "/") in added)
            yield Difference(item, "", full, tuple(now), Verdict.CHANGE if is_as_applied else Verdict.EDITED)


def _names(facts: Facts) -> tuple[str, ...]:
    names = facts.get("", ())
    return names if isinstance(names, tuple) else ()


def _not_wanted(want: Items, have: Items, before: Items) -> Iterator[Difference]:
    for item, facts in have.items():
        if item not in want and item.startswith((COLUMNS, PAGES)):
            is_from_blueprint = item in before
            if is_from_blueprint or item.startswith(COLUMNS):
                yield Difference(item, "", None, _summary(facts), Verdict.DROPPED if is_from_blueprint else Verdict.OWN)


def _summary(facts: Facts) -> Value | None:
    return facts.get("title", facts.get(""))
