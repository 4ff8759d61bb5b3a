"""What a document's page shows beyond its text: the head of its layout, its relations, its downloads; two queries."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest

from library.contract import Member, Related, RelationKind
from library.selectors import relations_of
from search.contract import DocumentClass, Validity
from tenants.pages.contract import LIBRARY_CATEGORIES
from tenants.pages.models import DocumentPage

ADDRESS = "/wenjianku/"
_OVER = {RelationKind.REPEALS: "废止", RelationKind.AMENDS: "修改"}


def document(page: DocumentPage, request: HttpRequest) -> dict[str, Any]:
    """Return what the page of a document shows beside its text."""
    related = relations_of(Member(request.tenant.uuid, page.pk))  # type: ignore[attr-defined] # set by registry.middleware
    is_own = page.category in LIBRARY_CATEGORIES
    return {
        "headnote": headnote_of(page),
        "letterhead": letterhead_of(page),
        "standing": [_standing(each) for each in related if each.is_inverse and each.kind in _OVER],
        "relations": _groups(each for each in related if each.kind is not RelationKind.INTERPRETS),  # those have a place of their own
        "downloads": [
            {"label": "Word 文档", "url": f"{ADDRESS}{page.pk}.docx", "extension": "DOCX"},
            {"label": "PDF 文档", "url": f"{ADDRESS}{page.pk}.pdf", "extension": "PDF"},
        ],
        "library_url": ADDRESS if is_own else "",
    }


def headnote_of(page: DocumentPage) -> str:
    """Return the note below the title of 规章: when and by which number it was published, from when it is in force."""
    if page.document_class != DocumentClass.RULE or page.category not in LIBRARY_CATEGORIES or page.subtitle:
        return ""
    parts = [
        f"{page.signed_date:%Y年%-m月%-d日}{page.issuer}{page.doc_no}公布" if page.signed_date else "",
        f"自{page.effective_date:%Y年%-m月%-d日}起施行" if page.effective_date else "",
    ]
    said = "　".join(part for part in parts if part)
    return f"（{said}）" if said else ""


def letterhead_of(page: DocumentPage) -> dict[str, str] | None:
    """Return the head of 行政规范性文件: who issues it and its number. There is no seal: the page is no original."""
    if page.document_class != DocumentClass.NORMATIVE or not page.issuer:
        return None
    return {"issuer": page.issuer, "doc_no": page.doc_no}


def _standing(related: Related) -> dict[str, str]:
    """Return what another document does to this one: 已被《…》（…）废止."""
    partner = related.partner
    day = f"自{related.effective_on:%Y年%-m月%-d日}起" if related.effective_on else ""
    return {
        "title": partner.title,
        "url": partner.url,
        "doc_no": partner.doc_no,
        "day": day,
        "verb": _OVER[related.kind],
        "code": {RelationKind.REPEALS: Validity.REPEALED, RelationKind.AMENDS: Validity.AMENDED}[related.kind].value,
    }


def _groups(related: Iterable[Related]) -> list[dict[str, Any]]:
    groups: dict[str, list[dict[str, str]]] = {}
    for each in related:
        partner = each.partner
        site = partner.site.name if partner.site else ""
        item = {"title": partner.title, "url": partner.url, "doc_no": partner.doc_no, "site": site}
        groups.setdefault(each.label, []).append(item)
    return [{"label": label, "items_shown": items} for label, items in groups.items()]
