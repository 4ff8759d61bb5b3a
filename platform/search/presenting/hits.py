"""Found texts as the page and the API show them."""

import datetime as dt
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.utils.safestring import mark_safe

from registry.contract import TenantRef
from registry.selectors import site_url
from search.contract import CATEGORY_LABELS, TAB_LABELS, VALIDITY_LABELS, Category, FoundFile, Hit, Match, Promoted
from search.documents import CHINA

COPIES_NAMED = 20
MATCH_LABELS = {
    Match.NUMBER: "文号",
    Match.TITLE: "标题",
    Match.PINYIN: "拼音",
    Match.ARTICLE: "条文",
    Match.BODY: "正文",
    Match.FILE: "附件",
}


def promoted(each: Promoted) -> dict[str, Any]:
    """Return what editors put first, as the page and the API show it."""
    return {
        "title": each.title,
        "url": site_url(each.site, each.path) if each.site else each.address,
        "site_name": each.site.name if each.site else "",
        "key": each.key,
    }


def shown(hit: Hit, *, today: dt.date) -> dict[str, Any]:
    """Return a hit as the page's template shows it today."""
    label = VALIDITY_LABELS.get(hit.validity)
    return {
        "key": hit.key,
        "title_html": mark_safe(hit.title_html),  # noqa: S308 - escaped by `analysis.marking`
        "snippet_html": mark_safe(hit.snippet_html),  # noqa: S308 - as above
        "url": site_url(hit.site, hit.path),
        "site_name": hit.site.name,
        "kind_label": _kind_label(hit),
        "doc_no": hit.doc_no,
        "index_no": hit.index_no,
        "issuer": hit.issuer,
        "date": _day(hit.published_at),
        "validity": {"code": hit.validity.value, "label": label} if label else None,
        "status": _status(hit, today),
        "article": {"label": hit.article, "url": f"{site_url(hit.site, hit.path)}#{hit.anchor}"} if hit.anchor else None,
        "matches": [MATCH_LABELS[match] for match in hit.matches],
        "is_in_file": Match.FILE in hit.matches,
        "files": [_file(hit.site, file) for file in hit.files],
        "summary": hit.summary,
        "card": _card(hit),
        "coming": {"url": site_url(hit.coming.site, hit.coming.path), "day": hit.coming.day} if hit.coming else None,
        "copies": len(hit.copies),
        "copies_sites": [{"name": copy.site.name, "url": site_url(copy.site, copy.path)} for copy in hit.copies[:COPIES_NAMED]],
    }


def told(hit: Hit, *, today: dt.date) -> dict[str, Any]:
    """Return a hit as the API tells it today."""
    return {
        "id": hit.key,
        "source_id": hit.source_id,
        "title": hit.title,
        "title_html": hit.title_html,
        "snippet_html": hit.snippet_html,
        "summary": hit.summary,
        "url": site_url(hit.site, hit.path),
        "site": hit.site.slug,
        "site_name": hit.site.name,
        "tab": hit.tab.value,
        "kind": hit.category.value,
        "doc_no": hit.doc_no,
        "index_no": hit.index_no,
        "issuer": hit.issuer,
        "validity": hit.validity.value,
        "status": _status(hit, today),
        "published_at": hit.published_at.astimezone(CHINA).isoformat() if hit.published_at else None,
        "article": hit.article,
        "article_url": f"{site_url(hit.site, hit.path)}#{hit.anchor}" if hit.anchor else "",
        "matched_in": [match.value for match in hit.matches],
        "files": [
            {"title": file.title, "extension": file.extension, "size": file.size, "url": site_url(hit.site, file.path)}
            for file in hit.files
        ],
        "card": _card(hit),
        "coming": _coming(hit),
        "copies": [{"site": copy.site.slug, "url": site_url(copy.site, copy.path)} for copy in hit.copies[:COPIES_NAMED]],
    }


def _card(hit: Hit) -> dict[str, Any] | None:
    if hit.card is None or not (hit.card.facts or hit.card.entry):
        return None
    entry = site_url(hit.site, hit.card.entry) if hit.card.entry.startswith("/") else hit.card.entry
    return {"facts": [{"label": fact.label, "text": fact.text} for fact in hit.card.facts], "entry": entry}


def _coming(hit: Hit) -> dict[str, str | None] | None:
    if hit.coming is None:
        return None
    day = hit.coming.day
    return {"url": site_url(hit.coming.site, hit.coming.path), "effective_date": day.isoformat() if day else None}


def _status(hit: Hit, today: dt.date) -> dict[str, str] | None:
    """Return how a matter stands today, and until when; nothing of a page that is no matter."""
    phase = hit.card.phase_on(today) if hit.card else None
    return {"code": phase.code, "label": phase.label, "note": phase.note} if phase else None


def _kind_label(hit: Hit) -> str:
    """Return what an article is by its column, and what a document is by itself."""
    return TAB_LABELS.get(hit.tab, CATEGORY_LABELS[hit.category]) if hit.category is Category.ARTICLE else CATEGORY_LABELS[hit.category]


def _file(site: TenantRef, file: FoundFile) -> dict[str, str]:
    note = "较长，仅检索前 20 万字" if file.is_cut else "文字未能读取，仅按标题检索" if file.is_unread else ""
    return {
        "title": file.title,
        "url": site_url(site, file.path),
        "extension": file.extension.upper(),
        "size_text": filesizeformat(file.size),
        "note": note,
    }


def _day(moment: dt.datetime | None) -> dt.date | None:
    return moment.astimezone(CHINA).date() if moment else None
