"""What readers call beside pages: the library's list, and a document as a file."""

from collections.abc import Iterator, Sequence
from urllib.parse import quote, urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from exchange.selectors import origin_of
from library.contract import FACET_LABELS, OVER, Asked, Choice, Facet, Listing
from library.selectors import list_documents
from registry.contract import Kind, TenantRef
from registry.selectors import directory, site_url
from tenants.documents.composing import ADDRESS
from tenants.documents.exporting import paper_of, pdf_of, word_of
from tenants.pages.composing import HOME_CRUMB, pagination, path_of, readable
from tenants.pages.models import DocumentPage

SCOPES = {"site": "本网站", "city": "全市"}
SHOWN_VALUES = 8  # of a facet, before the rest is folded away
LONGEST_VALUE = 100
LONGEST_NAME = 60
_MAKERS = {
    "docx": (word_of, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "pdf": (pdf_of, "application/pdf"),
}


@require_safe
def library(request: HttpRequest) -> HttpResponse:
    """Return the documents of the site or of the whole city, by what the reader chose; anybody may read it."""
    tenant: TenantRef = request.tenant  # type: ignore[attr-defined] # set by registry.middleware
    scope = request.GET.get("scope", "")
    scope = scope if scope in SCOPES else ("city" if tenant.kind is Kind.CITY else "site")
    sites = directory().of_city(tenant.city_slug) if scope == "city" else [tenant]
    asked = _asked(request)
    listing = list_documents(asked, sites=sites)
    context = {
        "breadcrumb": [HOME_CRUMB, {"title": "文件库", "url": ADDRESS}],
        "canonical_url": site_url(tenant, ADDRESS),
        "meta": [],
        "scopes": [_scope(name, label, scope, asked) for name, label in SCOPES.items()],
        "quick": _quick(scope, asked),
        "facets": _facets(listing, scope, asked),
        "chips": _chips(listing, scope, asked),
        "rows": listing.rows,
        "shows_site": scope == "city",
        "total": listing.total,
        "is_beyond_last": listing.is_beyond,
        "pagination": pagination(listing.page, listing.pages, _query(scope, asked)),
        "feeds": [],
    }
    return render(request, "documents/library.html", context, status=404 if listing.is_beyond else 200)


@require_safe
def download(request: HttpRequest, page: int, kind: str) -> HttpResponse:
    """Return a document's text as a file; anybody may, who may read the page."""
    tenant: TenantRef = request.tenant  # type: ignore[attr-defined] # set by registry.middleware
    document = readable(DocumentPage.objects.filter(pk=page), request).first()
    if document is None or kind not in _MAKERS:
        raise Http404
    make, content_type = _MAKERS[kind]
    address = f"{tenant.name} {site_url(tenant, path_of(document))}"
    content = make(paper_of(document, origin=address, copied=origin_of(tenant, page)))
    name = quote(f"{document.title[:LONGEST_NAME]}.{kind}")
    return HttpResponse(content, content_type=content_type, headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"})


def _asked(request: HttpRequest) -> Asked:
    values = {facet: request.GET.get(facet.value, "")[:LONGEST_VALUE].replace("\x00", "") for facet in Facet}
    if not (values[Facet.YEAR].isascii() and values[Facet.YEAR].isdigit() and len(values[Facet.YEAR]) == 4):  # noqa: PLR2004 - digits of a year
        values[Facet.YEAR] = ""
    page = request.GET.get("page", "1")
    number = int(page) if page.isascii() and page.isdigit() and len(page) < 6 else 1  # noqa: PLR2004 - more pages than there can be
    return Asked({facet: value for facet, value in values.items() if value}, max(1, number))


def _query(scope: str, asked: Asked, **changes: str) -> dict[str, str]:
    chosen = {facet.value: value for facet, value in asked.values.items()} | changes
    return {"scope": scope} | {name: value for name, value in chosen.items() if value}


def _url(scope: str, asked: Asked, **changes: str) -> str:
    return "?" + urlencode(_query(scope, asked, **changes))


def _scope(name: str, label: str, scope: str, asked: Asked) -> dict[str, object]:
    return {"label": label, "url": _url(name, asked), "is_current": name == scope}


def _quick(scope: str, asked: Asked) -> list[dict[str, object]]:
    """Return the three lists that are asked for most: all, in force, repealed or expired."""
    chosen = asked.values.get(Facet.VALIDITY, "")
    lists = {"": "全部文件", "in_force": "现行有效", OVER: "废止和失效"}
    return [{"label": label, "url": _url(scope, asked, validity=value), "is_current": value == chosen} for value, label in lists.items()]


def _facets(listing: Listing, scope: str, asked: Asked) -> list[dict[str, object]]:
    facets: list[dict[str, object]] = []
    for facet, choices in listing.facets.items():
        values = [_value(facet, choice, scope, asked) for choice in choices]
        if values:
            shown = [value for place, value in enumerate(values) if place < SHOWN_VALUES or value["is_current"] or value["below"]]
            more = [value for value in values if value not in shown]
            facets.append({"name": facet.value, "title": FACET_LABELS[facet], "values": shown, "more": more})
    return facets


def _value(facet: Facet, choice: Choice, scope: str, asked: Asked) -> dict[str, object]:
    return {
        "label": choice.label,
        "count": choice.count,
        "url": _url(scope, asked, **{facet.value: "" if choice.is_current else choice.value}),
        "is_current": choice.is_current,
        "below": [_value(facet, each, scope, asked) for each in choice.below],
    }


def _chips(listing: Listing, scope: str, asked: Asked) -> list[dict[str, str]]:
    """Return what is chosen, each with the way to take it back."""
    chips = []
    for facet, value in asked.values.items():
        label = next((label for choice, label in _labelled(listing.facets[facet]) if choice.is_current), value)
        chips.append({"title": FACET_LABELS[facet], "label": label, "url": _url(scope, asked, **{facet.value: ""})})
    return chips


def _labelled(choices: Sequence[Choice]) -> Iterator[tuple[Choice, str]]:
    """Yield values and those below them, the latter with the way to them."""
    for choice in choices:
        yield choice, choice.label
        yield from ((each, f"{choice.label} / {each.label}") for each in choice.below)
