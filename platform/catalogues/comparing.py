"""What one edition of a catalogue has that another has not; entries are known by their code."""

from collections.abc import Iterable

from catalogues.contract import ENTRY_LABELS, LEVEL_LABELS, SEPARATOR, Difference, Item


def compare(older: Iterable[Item], newer: Iterable[Item]) -> Difference:
    """Return entries added, removed and changed, each in the order of its edition."""
    before, after = ({item.code: item for item in items} for items in (older, newer))
    changed = [(item, tuple(_fields(before[code], item))) for code, item in after.items() if code in before]
    return Difference(
        added=tuple(item for code, item in after.items() if code not in before),
        removed=tuple(item for code, item in before.items() if code not in after),
        changed=tuple((item, fields) for item, fields in changed if fields),
    )


def _fields(before: Item, after: Item) -> Iterable[tuple[str, str, str]]:
    for name, label in ENTRY_LABELS.items():
        was, becomes = (said(item, name) for item in (before, after))
        if was != becomes:
            yield label, was, becomes


def said(item: Item, name: str) -> str:
    """Return a field of an entry as people write it."""
    value = getattr(item, name)
    if name == "levels":
        return SEPARATOR.join(LEVEL_LABELS[level] for level in value)
    if isinstance(value, bool):
        return "是" if value else ""
    return SEPARATOR.join(value) if isinstance(value, tuple) else str(value)
