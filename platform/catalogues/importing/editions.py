"""Catalogues from CSV, as offices keep them: the good lines are kept, each wrong one is told with its field and how to mend it."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence

from catalogues.comparing import said
from catalogues.contract import ENTRY_LABELS, LEVEL_LABELS, SEPARATOR, CatalogueFileError, Item, Level
from catalogues.models import Entry
from spreadsheets.sheets import Problem

_NEEDED = ("code", "field", "title", "levels")
_LEVELS = {label: level for level, label in LEVEL_LABELS.items()}
_YES = {"是": True, "1": True, "": False, "否": False, "0": False}
_FORMULA = ("=", "+", "-", "@")


def read(lines: Iterable[str]) -> tuple[list[Item], list[Problem]]:
    """Return the entries of a CSV file's lines, as `read_rows` does."""
    return read_rows(_numbered(lines))


def _numbered(lines: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(lines)
    for row in reader:
        yield reader.line_num, [_plain(cell) for cell in row]


def read_rows(rows: Iterable[tuple[int, list[str]]]) -> tuple[list[Item], list[Problem]]:
    """Return the entries of a whole edition's rows and what is wrong with the others.

    Raises:
        CatalogueFileError: the first line does not name the columns that every entry needs.

    """
    following = iter(rows)
    _, head = next(following, (1, []))
    places = {name: head.index(heading) for name, heading in ENTRY_LABELS.items() if heading in head}
    if missing := [ENTRY_LABELS[name] for name in _NEEDED if name not in places]:
        raise CatalogueFileError(f"Line 1 must name {'、'.join(ENTRY_LABELS.values())}; missing: {'、'.join(missing)}.")
    items: dict[str, Item] = {}
    problems: list[Problem] = []
    for line, cells in following:
        given = {name: _cell(cells, places.get(name)) for name in ENTRY_LABELS}
        if not any(given.values()):
            continue
        wrong = _wrong(line, given, items)
        problems += wrong
        if not wrong:
            items[given["code"]] = _item(given)
    return list(items.values()), problems


def _cell(cells: Sequence[str], place: int | None) -> str:
    return cells[place] if place is not None and place < len(cells) else ""


def _wrong(line: int, given: Mapping[str, str], known: Mapping[str, Item]) -> list[Problem]:
    found = [Problem(line, ENTRY_LABELS[name], "write it; it may not be empty.") for name in _NEEDED if not given[name]]
    found += too_long(line, given)
    if given["code"] in known:
        found.append(Problem(line, ENTRY_LABELS["code"], f"{given['code']!r} is used by an earlier line; give this one another."))
    if unknown := [word for word in _words(given["levels"]) if word not in _LEVELS]:
        found.append(Problem(line, ENTRY_LABELS["levels"], f"{unknown[0]!r} is none of {'、'.join(_LEVELS)}."))
    if given["is_sample"] not in _YES:
        found.append(Problem(line, ENTRY_LABELS["is_sample"], "write 是 or leave it empty."))
    return found


def too_long(line: int, given: Mapping[str, str]) -> list[Problem]:
    """Return the fields of an entry that no row of the table has room for."""
    longest = {name: getattr(Entry._meta.get_field(name), "max_length", None) for name in given}
    return [
        Problem(line, ENTRY_LABELS[name], f"make it shorter: {len(given[name])} characters, {most} at most.")
        for name, most in longest.items()
        if most and len(given[name]) > most
    ]


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
    writer.writerow(ENTRY_LABELS.values())
    for item in items:
        values = [said(item, name) for name in ENTRY_LABELS]
        writer.writerow([f"'{value}" if value.startswith(_FORMULA) else value for value in values])
    return stream.getvalue()
