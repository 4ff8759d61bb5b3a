"""Rows of text from and to CSV and XLSX, as office programs write and open them."""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import openpyxl
from typing_extensions import override

MOST_ROWS = 20_000
MOST_COLUMNS = 40
MOST_UNPACKED = 100 * 1024 * 1024
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would take for a formula


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a line of a file, and how to mend it."""

    line: int
    field: str
    mend: str

    @override
    def __str__(self) -> str:
        return f"line {self.line}, {self.field}: {self.mend}"


class SheetError(ValueError):
    """A file that cannot be read as rows; the message, in Chinese, says what to do."""


def read(content: bytes) -> Iterator[tuple[int, list[str]]]:
    """Yield the file's rows with their line, the first sheet of a workbook; empty rows are left out.

    Raises:
        SheetError: it is neither CSV nor XLSX, or too long.

    """
    rows = _workbook(content) if content.startswith(b"PK") else _lines(content)
    for number, row in enumerate(islice(rows, MOST_ROWS + 1), start=1):
        if number > MOST_ROWS:
            raise SheetError(f"文件超过 {MOST_ROWS} 行，请分成几个文件。")
        if any(row):
            yield number, row


def written_csv(rows: Iterable[Sequence[str]]) -> bytes:
    """Return rows as CSV with the mark by which spreadsheets know UTF-8; nothing in it is taken for a formula."""
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\r\n").writerows([_inert(value) for value in row] for row in rows)
    return ("\ufeff" + stream.getvalue()).encode()


def written_xlsx(rows: Iterable[Sequence[str]], *, title: str) -> bytes:
    """Return rows as a workbook of one sheet whose cells are all text."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _cell(sheet: Any, value: str) -> Any:
    cell = openpyxl.cell.WriteOnlyCell(sheet, openpyxl.cell.cell.ILLEGAL_CHARACTERS_RE.sub("", value))
    cell.data_type = "s"
    return cell


def _inert(value: str) -> str:
    return f"'{value}" if value.startswith(_FORMULA) else value


def _plain(value: str) -> str:
    """Return what was written before `_inert` guarded it."""
    text = value.strip().replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    return text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA) else text


def _lines(content: bytes) -> Iterator[list[str]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        try:
            for row in csv.reader(io.StringIO(text, newline="")):
                yield [_plain(value) for value in row[:MOST_COLUMNS]]
        except csv.Error as error:
            raise SheetError("文件不是有效的 CSV，请用电子表格另存为 CSV（UTF-8）或 XLSX 后再上传。") from error
        return
    raise SheetError("文件的编码无法识别，请另存为 CSV（UTF-8）或 XLSX 后再上传。")


def _workbook(content: bytes) -> Iterator[list[str]]:
    try:
        _check_size(content)
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        for row in book.worksheets[0].iter_rows(max_col=MOST_COLUMNS, values_only=True):
            cells = [_plain(_text(value)) for value in row]
            yield cells[: max((place for place, cell in enumerate(cells, start=1) if cell), default=0)]
    except SheetError:
        raise
    except Exception as error:  # whatever a damaged workbook makes its reader raise, the person is told the same
        raise SheetError("工作簿无法打开，文件可能已损坏；请用电子表格另存为 XLSX 后再上传。") from error


def _check_size(content: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if sum(member.file_size for member in archive.infolist()) > MOST_UNPACKED:
            raise SheetError("工作簿解压后过大，请删去多余的工作表和图片后再上传。")


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
