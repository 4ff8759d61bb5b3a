"""Items of a power list from CSV or XLSX: good rows go into a draft, each bad one gets its line, the column, and how to mend it."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.core.exceptions import ValidationError

from spreadsheets import sheets
from tenants.organs.contract import ITEM_FIELDS, KIND_LABELS, Fault, Report
from tenants.organs.models import PowerItem, PowerListPage

NEEDED = ("code", "kind", "name")
_ALL_KINDS = "、".join(KIND_LABELS.values())
_KINDS = {label: value for value, label in KIND_LABELS.items()} | {value: value for value in KIND_LABELS}


def draft_of(page: PowerListPage) -> PowerListPage:
    """Return the list as its editors see it: the newest draft, or what is published."""
    draft: PowerListPage = page.get_latest_revision_as_object()
    return draft


def import_items(page: PowerListPage, content: bytes, *, user: Any = None, is_complete: bool = False, is_trial: bool = False) -> Report:
    """Bring a list's draft in step with a file, known by code; a second run changes nothing. Runs in the caller's transaction.

    `is_complete`: items that the file lacks are taken out, unless it has a bad row. `is_trial`: nothing is written.

    Raises:
        sheets.SheetError: the file cannot be read, or lacks columns.

    """
    report = Report()
    draft = draft_of(page)
    known = {item.code: item for item in draft.items.all()}
    rows = _checked(content, report)
    kept = [_bring(known.get(code), fields, report) for code, fields in rows.items()]
    others = [item for code, item in known.items() if code not in rows]
    if is_complete and not report.faults:
        report.removed, others = len(others), []
    if not report.is_empty and not is_trial:
        draft.items = _in_order(known, kept, others)
        draft.save_revision(user=user, changed=True)
    return report


def _in_order(known: Mapping[str, PowerItem], kept: list[PowerItem], others: list[PowerItem]) -> list[PowerItem]:
    """Return the draft's items: those it had in their place, the new ones after them."""
    new = [item for item in kept if item.code not in known]
    left = {item.code for item in (*kept, *others)}
    items = [item for code, item in known.items() if code in left] + new
    for place, item in enumerate(items):
        item.sort_order = place
    return items


def _bring(item: PowerItem | None, fields: Mapping[str, str], report: Report) -> PowerItem:
    if item is None:
        report.added += 1
        return PowerItem(**fields)
    changes = {name: value for name, value in fields.items() if getattr(item, name) != value}
    for name, value in changes.items():
        setattr(item, name, value)
    report.changed += bool(changes)
    report.unchanged += not changes
    return item


def _checked(content: bytes, report: Report) -> dict[str, dict[str, str]]:
    """Return the good rows by code; the others are told in the report."""
    lines = sheets.read(content)
    columns = _columns(lines)
    rows: dict[str, dict[str, str]] = {}
    seen: dict[str, int] = {}
    for number, cells in lines:
        fields = {name: cells[place] if place < len(cells) else "" for name, place in columns.items()}
        faults = [*_faults(number, fields), *_second(number, fields["code"], seen)]
        if not faults:
            fields["kind"] = _KINDS[fields["kind"]]
            faults = _refused(number, fields)
        report.faults += faults
        if not faults:
            rows[fields["code"]] = fields
    return rows


def _columns(lines: Iterator[tuple[int, list[str]]]) -> dict[str, int]:
    """Return where each field stands, read from the first row."""
    _, head = next(lines, (0, []))
    found = {name: head.index(label) for name, label in ITEM_FIELDS.items() if label in head}
    missing = [ITEM_FIELDS[name] for name in NEEDED if name not in found]
    if missing:
        raise sheets.SheetError(f"第一行缺少列：{'、'.join(missing)}。请先导出一份清单，按它的列名填写。")
    return found


def _faults(number: int, fields: Mapping[str, str]) -> list[Fault]:
    faults = [Fault(number, ITEM_FIELDS[name], f"填写{ITEM_FIELDS[name]}，不能为空。") for name in NEEDED if not fields[name]]
    if fields["kind"] and fields["kind"] not in _KINDS:
        faults.append(Fault(number, ITEM_FIELDS["kind"], f"没有“{fields['kind'][:20]}”这种权力类型，请改为：{_ALL_KINDS}。"))
    return faults


def _second(number: int, code: str, seen: dict[str, int]) -> list[Fault]:
    if code and code in seen:
        return [Fault(number, ITEM_FIELDS["code"], f"编码“{code[:60]}”与第 {seen[code]} 行重复，请改为不同的编码或删去一行。")]
    seen[code] = number
    return []


def _refused(number: int, fields: Mapping[str, str]) -> list[Fault]:
    """Return what the item's own fields refuse, such as a name that is too long."""
    try:
        PowerItem(**fields).clean_fields(exclude=["page", "sort_order"])
    except ValidationError as error:
        return [Fault(number, ITEM_FIELDS.get(name, name), " ".join(messages)) for name, messages in error.message_dict.items()]
    return []
