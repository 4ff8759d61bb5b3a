"""From an answer to what the page's template and the API show: labels, addresses, pages; plain values only."""

import datetime as dt
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.utils.safestring import mark_safe

from registry.contract import TenantRef
from registry.selectors import site_url
from search.contract import CATEGORY_LABELS, MAX_DEPTH, SORT_LABELS, VALIDITY_LABELS, Category, Count, Found, Hit, Promoted, Sort
from search.documents import CHINA
from search.requests import DEFAULT_SIZE, Asked, Reach

COPIES_NAMED = 20
_AROUND = 2  # page numbers beside the current one


def context(asked: Asked, found: Found, *, tenant: TenantRef | None, path: str, default_reach: Reach) -> dict[str, Any]:
    """Return the template's variables."""
    link = _Linker(asked, path=path, default_reach=default_reach)
    last_page = last_page_of(asked, found)
    errors = [problem.message for problem in asked.problems]
    if asked.question.page > last_page:
        errors.append(f"没有第 {asked.question.page} 页，结果只到第 {last_page} 页。")
    search = {
        "query": asked.question.text,
        "scope": asked.reach.value,
        "total": found.total,
        "total_text": str(found.total) if found.is_exact else f"{MAX_DEPTH}+",
        "took_ms": found.took_ms,
        "degraded": found.is_degraded,
        "first": (min(asked.question.page, last_page) - 1) * asked.question.size + 1,
        "promoted": [_promoted(each) for each in found.promoted],
        "hits": [_hit(hit) for hit in found.hits],
        "facets": _facets(asked, found, link),
        "chips": _chips(asked, link),
        "sorts": [
            {"label": label, "url": link(sort=sort), "is_current": asked.question.sort is sort} for sort, label in SORT_LABELS.items()
        ],
        "scopes": _scopes(asked, link, tenant),
        "advice": _advice(asked, found),
        "errors": errors,
    }
    return {"search": search, "pagination": _pagination(min(asked.question.page, last_page), last_page, link)}


def document(asked: Asked, found: Found) -> dict[str, Any]:
    """Return the API's answer."""
    slugs = {str(site.uuid): site.slug for site in asked.sites}
    return {
        "query": asked.question.text,
        "total": found.total,
        "total_relation": "eq" if found.is_exact else "gte",
        "took_ms": found.took_ms,
        "degraded": found.is_degraded,
        "hits": [_api_hit(hit) for hit in found.hits],
        "facets": {
            "site": [
                {"value": slugs[count.value], "label": _site_label(asked, count.value), "count": count.count}
                for count in found.sites
                if count.value in slugs
            ],
            "kind": [
                {"value": count.value, "label": CATEGORY_LABELS[Category(count.value)], "count": count.count} for count in found.kinds
            ],
            "year": [{"value": int(count.value), "label": f"{count.value}年", "count": count.count} for count in found.years],
        },
    }


def last_page_of(asked: Asked, found: Found) -> int:
    """Return the number of the last page there is."""
    size = asked.question.size
    return max(1, min(-(-found.total // size), MAX_DEPTH // size))


class _Linker:
    """Makes addresses of this search with other choices; what is as usual is left out."""

    def __init__(self, asked: Asked, *, path: str, default_reach: Reach) -> None:
        self._path = path
        site = next((site.slug for site in asked.sites if site.uuid == asked.question.site), "")
        self._now: dict[str, Any] = {
            "q": asked.question.text,
            "scope": asked.reach,
            "site": site,
            "kind": asked.question.kind or "",
            "year": asked.question.year or "",
            "sort": asked.question.sort,
            "page": 1,
            "size": asked.question.size,
        }
        self._usual: Mapping[str, Any] = {"scope": default_reach, "sort": Sort.RELEVANCE, "page": 1, "size": DEFAULT_SIZE}

    def __call__(self, **changes: Any) -> str:
        chosen = self._now | changes
        kept = {name: str(value) for name, value in chosen.items() if value != "" and value != self._usual.get(name)}
        return f"{self._path}?{urlencode(kept)}" if kept else self._path


def _promoted(each: Promoted) -> dict[str, Any]:
    return {
        "title": each.title,
        "url": site_url(each.site, each.path) if each.site else each.address,
        "site_name": each.site.name if each.site else "",
        "key": each.key,
    }


def _hit(hit: Hit) -> dict[str, Any]:
    label = VALIDITY_LABELS.get(hit.validity)
    return {
        "key": hit.key,
        "title_html": mark_safe(hit.title_html),  # noqa: S308 - escaped by `analysis.marking`
        "snippet_html": mark_safe(hit.snippet_html),  # noqa: S308 - as above
        "url": site_url(hit.site, hit.path),
        "site_name": hit.site.name,
        "kind_label": CATEGORY_LABELS[hit.category],
        "doc_no": hit.doc_no,
        "date": _day(hit.published_at),
        "validity": {"code": hit.validity.value, "label": label} if label else None,
        "copies": len(hit.copies),
        "copies_sites": [{"name": copy.site.name, "url": site_url(copy.site, copy.path)} for copy in hit.copies[:COPIES_NAMED]],
    }


def _api_hit(hit: Hit) -> dict[str, Any]:
    return {
        "id": hit.key,
        "source_id": hit.source_id,
        "title": hit.title,
        "title_html": hit.title_html,
        "snippet_html": hit.snippet_html,
        "url": site_url(hit.site, hit.path),
        "site": hit.site.slug,
        "site_name": hit.site.name,
        "kind": hit.category.value,
        "doc_no": hit.doc_no,
        "published_at": hit.published_at.astimezone(CHINA).isoformat() if hit.published_at else None,
    }


def _facets(asked: Asked, found: Found, link: _Linker) -> list[dict[str, Any]]:
    question = asked.question
    slugs = {str(site.uuid): site.slug for site in asked.sites}
    sites = [
        _value(link, "site", slugs[count.value], _site_label(asked, count.value), count, is_current=str(question.site) == count.value)
        for count in found.sites
        if count.value in slugs
    ]
    kinds = [_value(link, "kind", c.value, CATEGORY_LABELS[Category(c.value)], c, is_current=question.kind == c.value) for c in found.kinds]
    years = [_value(link, "year", c.value, f"{c.value}年", c, is_current=str(question.year) == c.value) for c in found.years]
    facets = [("site", "网站", sites if asked.reach is Reach.CITY else []), ("kind", "类别", kinds), ("year", "年份", years)]
    return [{"name": name, "title": title, "values": values} for name, title, values in facets if values]


def _value(link: _Linker, name: str, value: str, label: str, count: Count, *, is_current: bool) -> dict[str, Any]:
    """Return a facet's value; following the current one lets go of it."""
    return {"label": label, "count": count.count, "url": link(**{name: "" if is_current else value}), "is_current": is_current}


def _site_label(asked: Asked, uuid: str) -> str:
    return next(site.name for site in asked.sites if str(site.uuid) == uuid)


def _chips(asked: Asked, link: _Linker) -> list[dict[str, str]]:
    question = asked.question
    chips = []
    if question.site:
        chips.append({"label": _site_label(asked, str(question.site)), "url": link(site="")})
    if question.kind:
        chips.append({"label": CATEGORY_LABELS[question.kind], "url": link(kind="")})
    if question.year:
        chips.append({"label": f"{question.year}年", "url": link(year="")})
    return chips


def _scopes(asked: Asked, link: _Linker, tenant: TenantRef | None) -> list[dict[str, Any]]:
    if tenant is None:
        return []
    labels = {Reach.CITY: f"全市（{tenant.city_name}）", Reach.SITE: "本站"}
    return [{"label": label, "url": link(scope=reach, site=""), "is_current": asked.reach is reach} for reach, label in labels.items()]


def _advice(asked: Asked, found: Found) -> list[str]:
    if found.hits or not asked.question.text:
        return []
    advice = ["检查有没有错别字，或换一种说法。", "减少搜索词，只留最要紧的几个字。", "知道文号时直接输入文号，例如“国发〔2019〕5号”。"]
    if asked.question.site or asked.question.kind or asked.question.year:
        advice.insert(0, "去掉筛选条件，扩大查找范围。")
    if asked.reach is Reach.SITE:
        advice.insert(0, "改搜“全市”，市政府、各县（市、区）和各部门一起查。")
    if found.is_degraded:
        advice.insert(0, "搜索服务正在恢复，请稍后再试。")
    return advice


def _pagination(number: int, pages: int, link: _Linker) -> dict[str, Any] | None:
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


def _day(moment: dt.datetime | None) -> dt.date | None:
    return moment.astimezone(CHINA).date() if moment else None
