"""Files as people upload them, and as people make them who mean harm."""

import io
import zipfile
from collections.abc import Iterable, Mapping

import openpyxl
from docx import Document
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

OFD_PAGE = (
    '<?xml version="1.0" encoding="UTF-8"?><ofd:Page xmlns:ofd="http://www.ofdspec.org/2016"><ofd:Content><ofd:Layer>{lines}'
    "</ofd:Layer></ofd:Content></ofd:Page>"
)


def pdf(*pages: str, password: str = "") -> bytes:
    """Return a PDF with one line of Latin text on each page."""
    writer = PdfWriter()
    names = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica"}
    font = DictionaryObject({NameObject(key): NameObject(value) for key, value in names.items()})
    for text in pages:
        page = writer.add_blank_page(width=200, height=200)
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): DictionaryObject({NameObject("/F1"): font})})
        stream = DecodedStreamObject()
        stream.set_data(f"BT /F1 12 Tf 10 100 Td ({text}) Tj ET".encode())
        page[NameObject("/Contents")] = stream
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    return _written(writer.write)


def docx(*paragraphs: str, cells: Iterable[str] = ()) -> bytes:
    """Return a Word document with paragraphs and a table of one row."""
    document = Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    if texts := list(cells):
        row = document.add_table(rows=1, cols=len(texts)).rows[0]
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    return _written(document.save)


def xlsx(*rows: Iterable[object]) -> bytes:
    """Return a workbook of one sheet."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))
    return _written(book.save)


def ofd(*pages: Iterable[str]) -> bytes:
    """Return an OFD whose pages lie in the archive in another order than they are read."""
    places = [f"Pages/Page_{len(pages) - number}/Content.xml" for number in range(len(pages))]
    listed = "".join(f'<ofd:Page ID="{number}" BaseLoc="{place}"/>' for number, place in enumerate(places))
    space = 'xmlns:ofd="http://www.ofdspec.org/2016"'
    members = {
        "OFD.xml": f"<ofd:OFD {space}><ofd:DocBody><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>",
        "Doc_0/Document.xml": f"<ofd:Document {space}><ofd:Pages>{listed}</ofd:Pages></ofd:Document>",
    }
    for place, lines in zip(places, pages, strict=True):
        objects = "".join(f"<ofd:TextObject><ofd:TextCode>{line}</ofd:TextCode></ofd:TextObject>" for line in lines)
        members[f"Doc_0/{place}"] = OFD_PAGE.format(lines=objects)
    return archive(members)


def archive(members: Mapping[str, str | bytes]) -> bytes:
    """Return a ZIP of these members."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            packed.writestr(name, content)
    return target.getvalue()


def bomb() -> bytes:
    """Return a Word document of some kilobytes that unpacks to 90 MB."""
    return archive({"word/document.xml": b" " * (90 * 1024 * 1024)})


def laughs() -> bytes:
    """Return a Word document whose XML names entities that grow to a billion."""
    grown = (f'<!ENTITY {one} "{f"&{other};" * 10}">' for other, one in zip("abcdefgh", "bcdefghi", strict=True))
    entities = '<!ENTITY a "ha">' + "".join(grown)
    return archive({"word/document.xml": f"<!DOCTYPE lol [{entities}]><lol>&i;</lol>"})


def _written(write: object) -> bytes:
    target = io.BytesIO()
    write(target)  # type: ignore[operator] # the libraries' own savers
    return target.getvalue()
