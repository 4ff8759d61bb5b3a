"""The text as Word, in the sizes of 党政机关公文格式 (GB/T 9704-2012); fonts by the names that office machines have."""

from io import BytesIO
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from tenants.documents.exporting.paper import CENTRED, FLUSH, RIGHT, Paper, text_of

BODY, HEADING, TITLE = "仿宋_GB2312", "黑体", "方正小标宋简体"
RED = RGBColor(0xC8, 0x10, 0x2E)


def word_of(paper: Paper) -> bytes:
    """Return the document as a .docx file."""
    document = Document()
    _set_page(document)
    if paper.issuer:
        _add(document, paper.issuer, font=TITLE, size=36, align=WD_ALIGN_PARAGRAPH.CENTER, colour=RED)
        _add(document, paper.doc_no, align=WD_ALIGN_PARAGRAPH.CENTER, rule=True)
    _add(document, paper.title, font=TITLE, size=22, align=WD_ALIGN_PARAGRAPH.CENTER)
    for small in filter(None, (paper.note, *paper.notices)):
        _add(document, small, size=14, align=WD_ALIGN_PARAGRAPH.CENTER)
    for line in paper.lines:
        _add_line(document, line)
    _add(document, f"来源：{paper.origin}", size=10.5)
    document.core_properties.title = paper.title
    document.core_properties.author = paper.issuer
    kept = BytesIO()
    document.save(kept)
    return kept.getvalue()


def _set_page(document: Any) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin, section.left_margin, section.right_margin = Mm(37), Mm(35), Mm(28), Mm(26)


def _add_line(document: Any, line: Any) -> None:
    if line.css_class in CENTRED:
        _add(document, text_of(line), font=HEADING, align=WD_ALIGN_PARAGRAPH.CENTER)
    elif line.css_class in RIGHT:
        _add(document, text_of(line), align=WD_ALIGN_PARAGRAPH.RIGHT)
    else:
        _add(document, text_of(line), indent=line.css_class not in FLUSH)


def _add(
    document: Any,
    text: str,
    *,
    font: str = BODY,
    size: float = 16,
    align: Any = None,
    indent: bool = False,
    colour: RGBColor | None = None,
    rule: bool = False,
) -> None:
    paragraph = document.add_paragraph()
    run = paragraph.add_run(text)
    run.font.name, run.font.size = font, Pt(size)
    run._element.rPr.rFonts.set(qn("w:eastAsia"), font)  # noqa: SLF001 - python-docx sets the Latin font alone
    if colour is not None:
        run.font.color.rgb = colour
    form = paragraph.paragraph_format
    form.alignment, form.line_spacing, form.space_after = align, Pt(max(28, size * 1.4)), Pt(0)
    form.first_line_indent = Pt(size * 2) if indent else None
    if rule:
        _underline(paragraph)


def _underline(paragraph: Any) -> None:
    """Draw the red rule below the head, as a border of the paragraph."""
    border, bottom = OxmlElement("w:pBdr"), OxmlElement("w:bottom")
    for name, value in (("val", "single"), ("sz", "12"), ("space", "8"), ("color", "C8102E")):
        bottom.set(qn(f"w:{name}"), value)
    border.append(bottom)
    paragraph._p.get_or_add_pPr().append(border)  # noqa: SLF001 - python-docx has no borders
