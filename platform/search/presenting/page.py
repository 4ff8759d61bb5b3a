"""The search page's variables."""

import dataclasses
import datetime as dt
from dataclasses import dataclass
from typing import Any

from registry.contract import TenantRef
from search.contract import MAX_DEPTH, Facet, Found
from search.presenting import choices, hits
from search.presenting.linking import Linker
from search.requests.parameters import Reach
from search.requests.understanding import Asked

_AROUND = 2  # page numbers beside the current one


@dataclass(frozen=True, slots=True)
class Paths:
    """Where the page and what belongs to it are found."""

    page: str
    feed: str
    feedback: str
    api: str


def context(
    asked: Asked, found: Found, *, tenant: TenantRef | None, paths: Paths, today: dt.date, total_without_filters: int = 0
) -> dict[str, Any]:
    """Return the template's variables, right for today; `total_without_filters` is asked for where the reader's choices left nothing."""
    link = Linker(_answered(asked, found), path=paths.page, has_scopes=tenant is not None)
    last_page = last_page_of(asked, found)
    errors = [problem.message for problem in asked.problems]
    if asked.question.page > last_page:
        errors.append(f"没有第 {asked.question.page} 页，结果只到第 {last_page} 页。")
    in_cards = {hit.key for hit in found.services}
    search = {
        "query": asked.question.text,
        "scope": asked.reach.value,
        "total": found.total,
        "total_text": total_text(found),
        "took_ms": found.took_ms,
        "degraded": found.is_degraded,
        "first": (min(asked.question.page, last_page) - 1) * asked.question.size + 1,
        "promoted": [hits.promoted(each) for each in found.promoted],
        "hits": [hits.shown(hit, today=today) for hit in found.hits if hit.key not in in_cards],
        "services": [hits.shown(hit, today=today) for hit in found.services],
        "correction": _correction(asked, found, link),
        "is_partial": found.is_partial,
        "lift": _lift(asked, found, link),
        "tabs": choices.tabs(asked, found, link),
        "facets": choices.facets(asked, found, link),
        "days": choices.days(asked, link),
        "places": choices.places(asked, link),
        "chips": choices.chips(asked, link),
        "is_narrowed": asked.question.is_narrowed,
        "widen_url": link.without_filters(),
        "total_without_filters": total_without_filters,
        "sorts": choices.sorts(asked, link),
        "scopes": choices.scopes(asked, link, tenant),
        "advice": _advice(asked, found),
        "errors": errors,
        "feed_url": link.to(paths.feed, sort="", size=""),
        "api_url": paths.api,
        "feedback_url": paths.feedback,
    }
    return {"search": search, "pagination": _pagination(min(asked.question.page, last_page), last_page, link)}


def _answered(asked: Asked, found: Found) -> Asked:
    """Return what the hits answer, which further pages and choices keep to: the correction, where it was taken."""
    if found.correction is None or not found.correction.is_applied:
        return asked
    return dataclasses.replace(asked, question=dataclasses.replace(asked.question, text=found.correction.text))


def _correction(asked: Asked, found: Found, link: Linker) -> dict[str, Any] | None:
    """Return what was probably meant, and the way back to what was typed."""
    if found.correction is None:
        return None
    return {
        "is_applied": found.correction.is_applied,
        "text": found.correction.text,
        "original": asked.question.text,
        "url": link(q=found.correction.text),
        "original_url": link(q=asked.question.text, exact="1"),
    }


def _lift(asked: Asked, found: Found, link: Linker) -> dict[str, Any] | None:
    """Return whose results came earlier, or might, and the way to the other order; nothing where it changed nothing."""
    lift = asked.question.lift
    if lift is None or found.is_degraded:
        return None
    are_lifted = {count.value in lift.regions for count in found.facets.get(Facet.REGION, ())}
    if are_lifted != {True, False}:
        return None
    return {"names": "、".join(lift.names), "is_on": lift.is_on, "url": link(lift="0" if lift.is_on else "")}


def total_text(found: Found) -> str:
    """Return the number of texts for people; beyond MAX_DEPTH nobody counts."""
    return f"{found.total:,}" if found.is_exact else f"{MAX_DEPTH:,}+"


def last_page_of(asked: Asked, found: Found) -> int:
    """Return the number of the last page there is."""
    size = asked.question.size
    return max(1, min(-(-found.total // size), MAX_DEPTH // size))


def _advice(asked: Asked, found: Found) -> list[str]:
    if found.hits or not asked.question.text:
        return []
    advice = ["检查有没有错别字，或换一种说法。", "减少搜索词，只留最要紧的几个字。", "知道文号时直接输入文号，例如“国发〔2019〕5号”。"]
    if asked.reach is Reach.SITE:
        advice.insert(0, "改搜“全市”，市政府、各县（市、区）和各部门一起查。")
    if found.is_degraded:
        advice.insert(0, "搜索服务正在恢复，请稍后再试。")
    return advice


def _pagination(number: int, pages: int, link: Linker) -> dict[str, Any] | None:
    if pages <= 1:
        return None
    shown = sorted({1, pages, *range(max(1, number - _AROUND), min(pages, number + _AROUND) + 1)})
    links: list[dict[str, Any]] = []
    for position, page in enumerate(shown):
        if position and page - shown[position - 1] > 1:
            links.append({"number": None, "url": "", "is_current": False, "is_gap": True})
        links.append({"number": page, "url": link(page=page), "is_current": page == number, "is_gap": False})
    return {
        "number": number,
        "pages": pages,
        "previous_url": link(page=number - 1) if number > 1 else "",
        "next_url": link(page=number + 1) if number < pages else "",
        "links": links,
    }
