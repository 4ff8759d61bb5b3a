"""The text as PDF. The font is named, not embedded: every reader of PDF has Adobe's Song for simplified Chinese, or one in its place."""

from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_CENTER, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import HRFlowable, Paragraph, SimpleDocTemplate, Spacer

from tenants.documents.exporting.paper import CENTRED, FLUSH, RIGHT, Paper, text_of

FONT = "STSong-Light"
RED = HexColor("#c8102e")
SIZE, LEADING = 16, 28

pdfmetrics.registerFont(UnicodeCIDFont(FONT))


def pdf_of(paper: Paper) -> bytes:
    """Return the document as a PDF file: A4, the margins and sizes of 党政机关公文格式 (GB/T 9704-2012)."""
    kept = BytesIO()
    template = SimpleDocTemplate(
        kept,
        pagesize=A4,
        topMargin=37 * mm,
        bottomMargin=35 * mm,
        leftMargin=28 * mm,
        rightMargin=26 * mm,
        title=paper.title,
        author=paper.issuer or paper.origin,
        lang="zh-CN",
        invariant=True,
    )
    template.build(_story(paper), onFirstPage=_number, onLaterPages=_number)
    return kept.getvalue()


def _story(paper: Paper) -> list[Any]:
    story: list[Any] = []
    if paper.issuer:
        story += [
            _paragraph(paper.issuer, size=30, align=TA_CENTER, textColor=RED),
            Spacer(1, 16),
            _paragraph(paper.doc_no, align=TA_CENTER),
            HRFlowable(width="100%", thickness=2, color=RED, spaceBefore=6, spaceAfter=28),
        ]
    story += [_paragraph(paper.title, size=22, align=TA_CENTER), Spacer(1, 14)]
    story += [_paragraph(small, size=14, align=TA_CENTER) for small in (paper.note, *paper.notices) if small]
    story.append(Spacer(1, 14))
    story += [_line(line) for line in paper.lines]
    return [*story, Spacer(1, 28), _paragraph(f"来源：{paper.origin}", size=10.5)]


def _line(line: Any) -> Paragraph:
    if line.css_class in CENTRED:
        return _paragraph(text_of(line), align=TA_CENTER, spaceBefore=12)
    if line.css_class in RIGHT:
        return _paragraph(text_of(line), align=TA_RIGHT)
    return _paragraph(text_of(line), indent=0 if line.css_class in FLUSH else 2 * SIZE)


def _paragraph(text: str, *, size: float = SIZE, align: int = 0, indent: float = 0, **more: Any) -> Paragraph:
    style = ParagraphStyle(
        "text",
        fontName=FONT,
        fontSize=size,
        leading=max(LEADING, size * 1.4),
        alignment=align,
        firstLineIndent=indent,
        wordWrap="CJK",
        **more,
    )
    return Paragraph(escape(text).replace("　", "&nbsp;&nbsp;"), style)  # it would fold wide spaces into one narrow


def _number(canvas: Any, template: Any) -> None:
    """Write the page's number below the text."""
    canvas.setFont(FONT, 14)
    canvas.drawCentredString(A4[0] / 2, 20 * mm, f"— {template.page} —")
