"""What changed between two versions of a power list; items are known by their code."""

from collections.abc import Mapping, Sequence

from tenants.organs.contract import ITEM_FIELDS, KIND_LABELS, Differences, FieldChange, ItemChange

Row = Mapping[str, str]


def compare(older: Sequence[Row], newer: Sequence[Row]) -> Differences:
    """Return items added, removed and changed, each in the order of its list."""
    before, after = ({row["code"]: row for row in rows} for rows in (older, newer))
    changed = [(row, _fields(before[code], row)) for code, row in after.items() if code in before]
    return Differences(
        tuple(ItemChange(code, row["name"]) for code, row in after.items() if code not in before),
        tuple(ItemChange(code, row["name"]) for code, row in before.items() if code not in after),
        tuple(ItemChange(row["code"], row["name"], fields) for row, fields in changed if fields),
    )


def shown(name: str, value: str) -> str:
    """Return a field's value as people read it."""
    return KIND_LABELS.get(value, value) if name == "kind" else value


def _fields(before: Row, after: Row) -> tuple[FieldChange, ...]:
    return tuple(
        FieldChange(label, shown(name, before.get(name, "")), shown(name, after.get(name, "")))
        for name, label in ITEM_FIELDS.items()
        if before.get(name, "") != after.get(name, "")
    )
