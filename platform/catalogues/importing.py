"""Catalogues from CSV, as offices keep them: the good lines are kept, each wrong one is told with its field and how to mend it."""

import csv
import io
from collections.abc import Iterable, Mapping

from catalogues.contract import LEVEL_LABELS, SEPARATOR, CatalogueFileError, Item, Level, Problem
from catalogues.models import Entry

COLUMNS = {
    "code": "编码",
    "field": "领域",
    "group": "一级事项",
    "title": "公开事项",
    "content": "公开内容（要素）",
    "basis": "公开依据",
    "timing": "公开时限",
    "organ": "公开主体",
    "channels": "公开渠道和载体",
    "audience": "公开对象",
    "manner": "公开方式",
    "levels": "公开层级",
    "columns": "默认栏目",
    "is_sample": "样例",
}
_NEEDED = ("code", "field", "title", "levels")
_LEVELS = {label: level for level, label in LEVEL_LABELS.items()}
_YES = {"是": True, "1": True, "": False, "否": False, "0": False}
_FORMULA = ("=", "+", "-", "@")


def read(lines: Iterable[str]) -> tuple[list[Item], list[Problem]]:
    """Return the entries of a file and what is wrong with the other lines.

    Raises:
        CatalogueFileError: the first line does not name the columns that every entry needs.

    """
    reader = csv.DictReader(lines)
    if missing := [COLUMNS[name] for name in _NEEDED if COLUMNS[name] not in (reader.fieldnames or ())]:
        raise CatalogueFileError(f"Line 1 must name {'、'.join(COLUMNS.values())}; missing: {'、'.join(missing)}.")
    items: dict[str, Item] = {}
    problems: list[Problem] = []
    for row in reader:
        given = {name: _plain(row.get(heading) or "") for name, heading in COLUMNS.items()}
        if not any(given.values()):
            continue
        wrong = _wrong(reader.line_num, given, items)
        problems += wrong
        if not wrong:
            items[given["code"]] = _item(given)
    return list(items.values()), problems


def _wrong(line: int, given: Mapping[str, str], known: Mapping[str, Item]) -> list[Problem]:
    found = [Problem(line, COLUMNS[name], "write it; it may not be empty.") for name in _NEEDED if not given[name]]
    for name, heading in COLUMNS.items():
        longest = getattr(Entry._meta.get_field(name), "max_length", None)
        if longest and len(given[name]) > longest:
            found.append(Problem(line, heading, f"make it shorter: {len(given[name])} characters, {longest} at most."))
    if given["code"] in known:
        found.append(Problem(line, COLUMNS["code"], f"{given['code']!r} is used by an earlier line; give this one another."))
    if unknown := [word for word in _words(given["levels"]) if word not in _LEVELS]:
        found.append(Problem(line, COLUMNS["levels"], f"{unknown[0]!r} is none of {'、'.join(_LEVELS)}."))
    if given["is_sample"] not in _YES:
        found.append(Problem(line, COLUMNS["is_sample"], "write 是 or leave it empty."))
    return found


def _plain(text: str) -> str:
    """Return a cell without the mark that keeps office programs from calculating it."""
    text = text.strip()
    return text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA) else text


def _words(text: str) -> list[str]:
    for other in (";", "、", "，", ","):
        text = text.replace(other, SEPARATOR)
    return [word.strip() for word in text.split(SEPARATOR) if word.strip()]


def _item(given: Mapping[str, str]) -> Item:
    chosen = {_LEVELS[word] for word in _words(given["levels"])}
    read_ones = {
        "levels": tuple(level for level in Level if level in chosen),
        "columns": tuple(word.strip() for word in given["columns"].replace(";", SEPARATOR).split(SEPARATOR) if word.strip()),
        "is_sample": _YES[given["is_sample"]],
    }
    return Item(**{**given, **read_ones})  # type: ignore[arg-type] # the names are the fields'


def written(items: Iterable[Item]) -> str:
    """Return entries as such a file; read again it gives the same."""
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(COLUMNS.values())
    for item in items:
        values = {name: getattr(item, name) for name in COLUMNS}
        values["levels"] = SEPARATOR.join(LEVEL_LABELS[level] for level in item.levels)
        values["columns"] = SEPARATOR.join(item.columns)
        values["is_sample"] = "是" if item.is_sample else ""
        writer.writerow([f"'{value}" if str(value).startswith(_FORMULA) else value for value in values.values()])
    return stream.getvalue()
