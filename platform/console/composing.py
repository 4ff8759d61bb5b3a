"""The lines of files: audit entries as JSON Lines for programs, tables as CSV for spreadsheets."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
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


def table_lines(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Yield a table's lines as CSV that spreadsheets read as UTF-8; no cell is a formula."""
    yield "\N{ZERO WIDTH NO-BREAK SPACE}" + _csv_line(columns)
    for row in rows:
        yield _csv_line([harmless(cell) for cell in row])


def _json_lines(rows: Iterable[TrailRow]) -> Iterator[str]:
    for row in rows:
        yield json.dumps(asdict(row) | {"at": row.at.isoformat()}, ensure_ascii=False) + "\n"


def _csv_lines(rows: Iterable[TrailRow]) -> Iterator[str]:
    yield from table_lines(COLUMNS, (_cells(row) for row in rows))


def _cells(row: TrailRow) -> list[object]:
    values = asdict(row) | {"at": row.at.isoformat(), "detail": json.dumps(row.detail, ensure_ascii=False)}
    return [values[name] for name in COLUMNS]


def _csv_line(cells: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()
