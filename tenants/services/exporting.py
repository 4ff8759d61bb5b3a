"""Guides as a table, a line each: what `importing` reads again; rows within a cell stand a line each, their parts between bars."""

import csv
import io
from collections.abc import Iterable, Iterator

import openpyxl
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font

from tenants.services.composing import questions_of
from tenants.services.contract import (
    AUDIENCES,
    BAR,
    CHOICES,
    COLUMNS,
    EVENTS,
    MATERIALS,
    NO_MATERIAL,
    NUMBERS,
    PLAIN,
    QUESTIONS,
    STEPS,
    WINDOWS,
    Audience,
    Origin,
)
from tenants.services.models import LifeEvent, ServicePage

_FORMULA = ("=", "+", "-", "@", "\t")


def rows_of(pages: Iterable[ServicePage]) -> Iterator[dict[str, str]]:
    """Yield the cells of each guide by the column's title."""
    events = dict(LifeEvent.objects.values_list("code", "label"))
    for page in pages:
        cells = {title: str(getattr(page, field)) for title, field in PLAIN.items()}
        cells |= {title: "" if (count := getattr(page, field)) is None else str(count) for title, field in NUMBERS.items()}
        cells |= {title: dict(labels.choices).get(getattr(page, field), "") for title, (field, labels) in CHOICES.items()}
        cells[AUDIENCES] = "、".join(dict(Audience.choices).get(code, code) for code in page.audiences)
        cells[EVENTS] = "、".join(events.get(code, code) for code in page.events)
        cells[MATERIALS] = _materials(page)
        cells[STEPS] = _joined((row.name, row.detail, row.time_limit) for row in page.steps.all())
        cells[WINDOWS] = _joined((row.name, row.address, row.hours, row.phone, row.route) for row in page.windows.all())
        cells[QUESTIONS] = _joined(questions_of(page))
        yield cells


def _materials(page: ServicePage) -> str:
    if page.needs_no_material:
        return NO_MATERIAL
    rows = page.materials.all()
    return _joined((row.name, str(row.originals), str(row.copies), Origin(row.origin).label, row.note) for row in rows)


def _joined(rows: Iterable[tuple[str, ...]]) -> str:
    return "\n".join(BAR.join(" ".join(part.replace(BAR, "｜").split()) for part in row).rstrip(BAR) for row in rows)


def as_csv(pages: Iterable[ServicePage]) -> bytes:
    """Return the table as CSV that office programs open as they should; what could be read as a formula is quoted."""
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(COLUMNS)
    for cells in rows_of(pages):
        writer.writerow([_plain(cells[title]) for title in COLUMNS])
    return ("\ufeff" + stream.getvalue()).encode()


def as_xlsx(pages: Iterable[ServicePage]) -> bytes:
    """Return the table as a workbook; every cell is text, so none is a formula."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "办事服务"
    sheet.append(COLUMNS)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for number, cells in enumerate(rows_of(pages), start=2):
        for place, title in enumerate(COLUMNS, start=1):
            cell = sheet.cell(row=number, column=place)
            cell.value = ILLEGAL_CHARACTERS_RE.sub("", cells[title])
            cell.data_type = "s"
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = "C2"
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _plain(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
