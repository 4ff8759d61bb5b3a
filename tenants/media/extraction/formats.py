"""One reader a format: each yields words piece by piece, so that a long file can be left in the middle."""

import codecs
import posixpath
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from tenants.media.extraction import limits, zips
from tenants.media.extraction.limits import UnreadableError

_PLAIN = ("txt", "csv")
_MARKERS = {"word/document.xml": "docx", "xl/workbook.xml": "xlsx", "OFD.xml": "ofd"}
_SHEETS = 50
_CHUNK = 64 * 1024

Reader = Callable[[str], Iterator[str]]


def reader_for(path: str, extension: str) -> Reader:
    """Return the reader for what a file is by its content; its name says only whether plain text may be meant.

    Raises:
        UnreadableError: nothing here reads it.

    """
    head = Path(path).open("rb").read(8)  # noqa: SIM115 - the process ends soon
    if head.startswith(b"%PDF-"):
        return read_pdf
    if head.startswith(b"PK\x03\x04"):
        return _READERS[_office_format(path)]
    if extension in _PLAIN:
        return read_plain
    raise UnreadableError("文件内容与扩展名不符" if extension in _READERS else "暂不支持读取这种格式")


def _office_format(path: str) -> str:
    with zips.opened(path) as archive:
        names = set(archive.namelist())
    for marker, found in _MARKERS.items():
        if marker in names:
            return found
    raise UnreadableError("暂不支持读取这种格式")


def read_pdf(path: str) -> Iterator[str]:
    """Yield the words of a PDF, a page at a time."""
    from pypdf import PdfReader  # noqa: PLC0415 - each child opens one format
    from pypdf.errors import PdfReadError, PyPdfError  # noqa: PLC0415 - as above

    try:
        pdf = PdfReader(path)
        if pdf.is_encrypted and not pdf.decrypt(""):
            raise UnreadableError("文件已加密")
        for number in range(min(len(pdf.pages), limits.PAGES)):
            yield pdf.pages[number].extract_text()
    except PdfReadError as error:
        raise UnreadableError("文件已损坏") from error
    except PyPdfError as error:  # of which a cipher that is not installed is one
        raise UnreadableError("文件已加密") from error


def read_docx(path: str) -> Iterator[str]:
    """Yield the paragraphs and table cells of a Word document, in order."""
    from docx import Document  # noqa: PLC0415 - each child opens one format
    from docx.table import Table  # noqa: PLC0415 - as above

    for part in Document(path).iter_inner_content():
        if isinstance(part, Table):
            for row in part.rows:
                yield " ".join(dict.fromkeys(cell.text.strip() for cell in row.cells))
        else:
            yield part.text


def read_xlsx(path: str) -> Iterator[str]:
    """Yield the rows of a workbook, sheet by sheet."""
    from openpyxl import load_workbook  # noqa: PLC0415 - each child opens one format

    book: Any = load_workbook(Path(path).open("rb"), read_only=True, data_only=True, keep_links=False)  # noqa: SIM115 - as in reader_for
    for sheet in book.worksheets[:_SHEETS]:
        yield str(sheet.title)
        for row in sheet.iter_rows(values_only=True):
            yield " ".join(str(value) for value in row if value is not None)


def read_ofd(path: str) -> Iterator[str]:
    """Yield the text objects of an OFD (GB/T 33190), page by page in the document's own order."""
    with zips.opened(path) as archive:

        def tree(name: str) -> Any:
            return ElementTree.fromstring(archive.read(name))

        for root in _texts(tree("OFD.xml"), "DocRoot"):
            document = root.lstrip("/")
            folder = posixpath.dirname(document)
            for page in tree(document).iter():
                if _plain(page.tag) == "Page" and page.get("BaseLoc"):
                    location = str(page.get("BaseLoc"))
                    name = location.lstrip("/") if location.startswith("/") else posixpath.join(folder, location)
                    for line in tree(name).iter():
                        if _plain(line.tag) == "TextObject":
                            yield "".join(_texts(line, "TextCode"))


def read_plain(path: str) -> Iterator[str]:
    """Yield a text file in UTF-8, UTF-16 with its mark, or GB 18030."""
    with Path(path).open("rb") as stream:
        head = stream.read(_CHUNK)
        if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            encoding = "utf-16"
        elif b"\0" in head:
            raise UnreadableError("文件内容与扩展名不符")
        else:
            encoding = "utf-8-sig" if _is_utf8(head) else "gb18030"
        decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
        while head:
            yield from decoder.decode(head).splitlines()
            head = stream.read(_CHUNK)


def _is_utf8(head: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8-sig")().decode(head)
    except UnicodeDecodeError:
        return False
    return True


def _texts(element: Any, name: str) -> list[str]:
    return [str(child.text) for child in element.iter() if _plain(child.tag) == name and child.text]


def _plain(tag: object) -> str:
    return str(tag).rpartition("}")[2]


_READERS: dict[str, Reader] = {"pdf": read_pdf, "docx": read_docx, "xlsx": read_xlsx, "ofd": read_ofd}
BROKEN = (ParseError, DefusedXmlException, KeyError, ValueError, IndexError, TypeError, AttributeError, OSError, EOFError, RecursionError)
