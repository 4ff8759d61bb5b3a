"""Rows from and to CSV and XLSX."""

import io
import zipfile

import pytest

from spreadsheets import sheets

ROWS = [["编码", "名称"], ["001", "=1+1"], ["A,1", "两\n行"], ["-5", "'已引"]]


def test_what_is_written_reads_back_the_same() -> None:
    expected = list(enumerate(ROWS, start=1))

    assert list(sheets.read(sheets.written_csv(ROWS))) == expected
    assert list(sheets.read(sheets.written_xlsx(ROWS, title="清单"))) == expected


def test_a_spreadsheet_takes_nothing_for_a_formula() -> None:
    assert b"\r\n001,'=1+1\r\n" in sheets.written_csv(ROWS)
    with zipfile.ZipFile(io.BytesIO(sheets.written_xlsx(ROWS, title="清单"))) as book:
        assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")


def test_empty_rows_are_left_out_and_lines_kept() -> None:
    assert list(sheets.read("a,b\n\n , \nc,d\n".encode("gb18030"))) == [(1, ["a", "b"]), (4, ["c", "d"])]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xff\xfe\x00\xd8", "文件的编码无法识别，请另存为 CSV（UTF-8）或 XLSX 后再上传。"),
        (b"PK\x03\x04broken", "工作簿无法打开，文件可能已损坏；请用电子表格另存为 XLSX 后再上传。"),
        (b"a\n" * (sheets.MOST_ROWS + 1), "文件超过 20000 行，请分成几个文件。"),
        (b'"' + b"x" * 200_000 + b'"', "文件不是有效的 CSV，请用电子表格另存为 CSV（UTF-8）或 XLSX 后再上传。"),
    ],
)
def test_a_file_that_cannot_be_read_says_what_to_do(content: bytes, message: str) -> None:
    with pytest.raises(sheets.SheetError) as caught:
        list(sheets.read(content))

    assert str(caught.value) == message


def test_a_workbook_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MOST_UNPACKED", 100)

    with pytest.raises(sheets.SheetError, match="解压后过大"):
        list(sheets.read(sheets.written_xlsx(ROWS, title="清单")))
