"""A document as it is put on paper: head, title, paragraphs by their part in the text."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from exchange.contract import Origin
from search.contract import Validity
from tenants.documents.composing import headnote_of, letterhead_of
from tenants.pages.blocks import lines_of, plain_text
from tenants.pages.contract import Line
from tenants.pages.models import DocumentPage

CENTRED = ("title", "number", "part", "chapter", "section")
RIGHT = ("signature", "date")
FLUSH = ("salutation",)


@dataclass(frozen=True, slots=True)
class Paper:
    """What goes onto paper; `notices`: that the text, or the original of a copy, is not in force; `origin`: where the file is from."""

    title: str
    note: str
    issuer: str
    doc_no: str
    notices: tuple[str, ...]
    origin: str
    lines: tuple[Line, ...]


def paper_of(page: DocumentPage, *, origin: str, copied: Origin | None = None) -> Paper:
    """Return a document for paper. Pictures and seals are not on it: it is the text, not the original.

    `copied`: where the document was taken over from, if it was.
    """
    head = letterhead_of(page) or {"issuer": "", "doc_no": ""}
    return Paper(
        title=page.title,
        note=page.subtitle or headnote_of(page),
        issuer=head["issuer"],
        doc_no=head["doc_no"],
        notices=tuple(_notices(page, copied)),
        origin=origin,
        lines=tuple(_lines(page)),
    )


def _notices(page: DocumentPage, copied: Origin | None) -> Iterator[str]:
    if copied is not None and copied.mark:
        day = f"（{timezone.localtime(copied.marked_at):%Y年%-m月%-d日}）" if copied.marked_at else ""
        yield f"{copied.label}{day}。" + (f"本文转载自{copied.site_name}。" if copied.site_name else "")
    if page.validity in (Validity.REPEALED, Validity.EXPIRED, Validity.PENDING):
        yield f"本文件目前的有效性：{page.get_validity_display()}"


def _lines(page: DocumentPage) -> Iterator[Line]:
    for child in page.body:
        if child.block_type == "official_text":
            yield from lines_of(child.value, title=page.title)
        else:
            yield from (Line(text) for text in plain_text([child]).splitlines() if text)


def text_of(line: Line) -> Any:
    """Return a paragraph with its 第…条 in front."""
    return f"{line.label}　{line.text}" if line.label else line.text
