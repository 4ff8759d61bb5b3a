"""A document as it is put on paper: head, title, paragraphs by their part in the text."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tenants.documents.composing import headnote_of, letterhead_of
from tenants.pages.blocks import lines_of, plain_text
from tenants.pages.contract import Line
from tenants.pages.models import DocumentPage

CENTRED = ("title", "number", "part", "chapter", "section")
RIGHT = ("signature", "date")
FLUSH = ("salutation",)


@dataclass(frozen=True, slots=True)
class Paper:
    """What goes onto paper; `notice` says whether the text is still in force, where it is not, `origin` where the file is from."""

    title: str
    note: str
    issuer: str
    doc_no: str
    notice: str
    origin: str
    lines: tuple[Line, ...]


def paper_of(page: DocumentPage, *, origin: str) -> Paper:
    """Return a document for paper. Pictures and seals are not on it: it is the text, not the original."""
    head = letterhead_of(page) or {"issuer": "", "doc_no": ""}
    is_over = page.validity in ("repealed", "expired", "pending")
    return Paper(
        title=page.title,
        note=page.subtitle or headnote_of(page),
        issuer=head["issuer"],
        doc_no=head["doc_no"],
        notice=f"本文件目前的有效性：{page.get_validity_display()}" if is_over else "",
        origin=origin,
        lines=tuple(_lines(page)),
    )


def _lines(page: DocumentPage) -> Iterator[Line]:
    for child in page.body:
        if child.block_type == "official_text":
            yield from lines_of(child.value, title=page.title)
        else:
            yield from (Line(text) for text in plain_text([child]).splitlines() if text)


def text_of(line: Line) -> Any:
    """Return a paragraph with its 第…条 in front."""
    return f"{line.label}　{line.text}" if line.label else line.text
