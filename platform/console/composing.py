"""Audit entries as the lines of a file: JSON Lines for programs, CSV for spreadsheets."""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, fields
from enum import StrEnum

from console.contract import TrailRow

COLUMNS = [field.name for field in fields(TrailRow)]
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


class Form(StrEnum):
    """How entries are written out."""

    JSONL = "jsonl"
    CSV = "csv"


def lines(rows: Iterable[TrailRow], *, form: Form) -> Iterator[str]:
    """Yield the file's lines with their line ends."""
    yield from _csv_lines(rows) if form is Form.CSV else _json_lines(rows)


def harmless(value: object) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _json_lines(rows: Iterable[TrailRow]) -> Iterator[str]:
    for row in rows:
        yield json.dumps(asdict(row) | {"at": row.at.isoformat()}, ensure_ascii=False) + "\n"


def _csv_lines(rows: Iterable[TrailRow]) -> Iterator[str]:
    yield "\N{ZERO WIDTH NO-BREAK SPACE}" + _csv_line(COLUMNS)  # spreadsheets then read it as UTF-8
    for row in rows:
        values = asdict(row) | {"at": row.at.isoformat(), "detail": json.dumps(row.detail, ensure_ascii=False)}
        yield _csv_line([harmless(values[name]) for name in COLUMNS])


def _csv_line(cells: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()
