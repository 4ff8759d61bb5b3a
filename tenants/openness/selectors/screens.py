"""What columns of the openness platform show at the right of its five entries."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, TextField, Value, Window
from django.db.models.functions import Cast
from django.http import HttpRequest
from django.utils import timezone
from wagtail.documents import get_document_model
from wagtail.models import CollectionViewRestriction, Page

from catalogues import selectors as catalogues
from catalogues.contract import KIND_LABELS, LEVEL_LABELS, Item, Kind
from library.contract import Choice, Facet
from library.selectors import list_subjects
from registry.contract import KIND_LABELS as SITE_KINDS
from registry.contract import Kind as SiteKind
from registry.contract import TenantRef
from registry.selectors import directory, site_url
from tenants.documents.composing import ADDRESS as LIBRARY
from tenants.openness.composing import FIELD_MARK, catalogue_of, columns_of, platform
from tenants.openness.contract import LEVELS, Progress, State, Target
from tenants.openness.models import AnnualReportPage, GuidePage
from tenants.openness.selectors.duties import rules_for
from tenants.openness.selectors.figures import figures
from tenants.openness.selectors.progress import progress_of, targets_of, texts_of
from tenants.pages.composing import HOME_CRUMB, ROWS, hidden_paths, items_of, items_with, pagination, path_of, readable
from tenants.pages.contract import Fact
from tenants.pages.models import ArticlePage, ColumnPage, DocumentPage

LAYOUT = "openness/platform.html"
NEWEST = 10
LONGEST_NUMBER = 6


def _framed(page: ColumnPage, request: HttpRequest, template: str, **content: Any) -> dict[str, Any]:
    """Return a column's content inside the platform; outside it, as in any column."""
    around = platform(page, request)
    shared = {"content_template": template, "years": []}
    if around is None:
        return shared | content
    way = [column for column in columns_of(request) if page.path.startswith(column.path)]
    crumbs = [HOME_CRUMB, *({"title": column.title, "url": path_of(column)} for column in way)]
    inside = {"layout_template": LAYOUT, "platform": around, "breadcrumb": crumbs, "siblings": [], "children": []}
    return shared | inside | content


def _texts(page: ColumnPage, request: HttpRequest) -> Any:
    return (
        readable(Page.objects.exclude(content_type__model="columnpage"), request).descendant_of(page).order_by("-first_published_at", "-pk")
    )


def _paged(
    rows: Any, request: HttpRequest, query: dict[str, str], *, to_items: Callable[[Sequence[Page]], Sequence[Any]]
) -> dict[str, Any]:
    """Return one page of a list and the way to the others; the rows bring their number along, so nothing is counted apart."""
    asked = request.GET.get("page", "1")
    number = max(int(asked), 1) if asked.isascii() and asked.isdigit() and len(asked) <= LONGEST_NUMBER else 1
    counted = rows.annotate(total=Window(Count("pk")))
    pages = list(counted[(number - 1) * ROWS : number * ROWS])
    if not pages and number > 1:  # beyond the last: show the first
        number, pages = 1, list(counted[:ROWS])
    total = pages[0].total if pages else 0
    around = pagination(number, max(-(-total // ROWS), 1), query)
    return {"items": to_items(pages) if pages else [], "total": total, "pagination": around}


# --- the platform's first page ------------------------------------------------


def front(page: ColumnPage, request: HttpRequest) -> dict[str, Any]:
    """Return the newest texts and, on a city's portal, the platforms of its organs."""
    tenant: TenantRef = request.tenant  # type: ignore[attr-defined] # set by registry.middleware
    newest = items_of(list(_texts(page, request)[:NEWEST]))
    return _framed(page, request, "openness/front.html", items=newest, organs=organs_of(tenant, page), total=len(newest))


def organs_of(tenant: TenantRef, page: ColumnPage) -> list[dict[str, Any]]:
    """Return the platforms of the other sites of a city, by kind; for its portal alone."""
    if tenant.kind is not SiteKind.CITY:
        return []
    others = [site for site in directory().of_city(tenant.city_slug) if site.is_live and site.uuid != tenant.uuid]
    known = catalogues.standings(site.uuid for site in others)
    groups = []
    for kind in (SiteKind.DEPARTMENT, SiteKind.COUNTY):
        links = [{"title": site.name, "url": site_url(site, _path(known.get(site.uuid), page))} for site in others if site.kind is kind]
        if links:
            groups.append({"title": SITE_KINDS[kind], "organs": links})
    return groups


def _path(standing: Any, page: ColumnPage) -> str:
    """Return where another site's platform is: as measured there, else where it is here, for blueprints put it at one place."""
    return str(standing.platform_path) if standing and standing.platform_path else path_of(page)


# --- its parts ----------------------------------------------------------------


def guide(page: ColumnPage, request: HttpRequest) -> dict[str, Any]:
    """Return the newest guide with its fields; other texts of the column below it."""
    found = readable(GuidePage.objects.descendant_of(page), request).order_by("-first_published_at", "-pk").first()
    texts = _texts(page, request).exclude(pk=found.pk) if found else _texts(page, request)
    shown = {
        "facts": found.facts if found else [],
        "body_html": found.body if found else "",
        "guide": {"title": found.title, "url": path_of(found), "date": found.last_published_at} if found else None,
    }
    return _framed(page, request, "openness/guide.html", **shown, **_paged(texts, request, {}, to_items=items_of))


def regulations(page: ColumnPage, request: HttpRequest) -> dict[str, Any]:
    """Return the column's texts, each with its files."""
    paged = _paged(_texts(page, request), request, {}, to_items=_with_files)
    return _framed(page, request, "openness/regulations.html", **paged)


def _with_files(pages: Sequence[Page]) -> list[dict[str, Any]]:
    """Return lines with the files below each text: a query for what texts say, and one for the files."""
    found = [page.pk for page in pages]
    documents = DocumentPage.objects.filter(pk__in=found).values_list("pk", "doc_no", "validity", Cast("attachments", TextField()))
    articles = ArticlePage.objects.filter(pk__in=found).values_list("pk", Value(""), Value(""), Cast("attachments", TextField()))
    rows = {pk: (doc_no, validity, _file_ids(blocks)) for pk, doc_no, validity, blocks in documents.union(articles, all=True)}
    wanted = {pk for *_, ids in rows.values() for pk in ids}
    public = get_document_model().objects.exclude(collection__in=CollectionViewRestriction.objects.values("collection"))
    files = public.in_bulk(wanted) if wanted else {}
    items = items_with(pages, {pk: (doc_no, validity) for pk, (doc_no, validity, _) in rows.items()})
    return [
        {**asdict(item), "files": [_file(files[pk]) for pk in rows.get(page.pk, ("", "", ()))[2] if pk in files]}
        for item, page in zip(items, pages, strict=True)
    ]


def _file_ids(blocks: str) -> list[int]:
    return [int(block["value"]) for block in json.loads(blocks or "[]") if block.get("value")]


def _file(file: Any) -> dict[str, str]:
    return {"title": file.title, "url": file.url, "extension": file.file_extension.upper()}


def annual_reports(page: ColumnPage, request: HttpRequest) -> dict[str, Any]:
    """Return all reports by year, the newest year first, and the column's other texts."""
    tenant: TenantRef = request.tenant  # type: ignore[attr-defined] # as above
    reports = readable(AnnualReportPage.objects.descendant_of(page), request).order_by("-year", "organ", "pk")
    by_year: dict[int, list[dict[str, Any]]] = {}
    for report in reports:
        line = {"title": report.title, "url": path_of(report), "organ": report.organ or tenant.name, "date": report.first_published_at}
        by_year.setdefault(report.year, []).append(line)
    others = _texts(page, request).exclude(content_type__model="annualreportpage")
    groups = [{"year": year, "reports": lines} for year, lines in by_year.items()]
    return _framed(page, request, "openness/annual_reports.html", groups=groups, **_paged(others, request, {}, to_items=items_of))


def application(page: ColumnPage, request: HttpRequest) -> dict[str, Any]:
    """Return what the column for applications says, inside the platform."""
    return _framed(page, request, "openness/texts.html", **_paged(_texts(page, request), request, {}, to_items=items_of))


# --- the statutory content ----------------------------------------------------


def catalogue(page: ColumnPage, request: HttpRequest) -> dict[str, Any]:
    """Return one entry with its texts, or the table of a catalogue, filtered; a column of this type elsewhere is a list."""
    around = platform(page, request)
    part = next((each for each in around["parts"] if each["branches"]), None) if around else None
    if part is None or part["url"] != path_of(page):
        return application(page, request)
    known = {item.code: (kind, item) for kind, items in catalogue_of(request).items() for item in items}
    asked = known.get(request.GET.get("item", ""))
    return _entry(page, request, *asked) if asked else _table(page, request, _progress(request))


def _progress(request: HttpRequest) -> list[Progress]:
    tenant, today, hidden = request.tenant, timezone.localdate(), hidden_paths(request)  # type: ignore[attr-defined] # as above
    rules = rules_for(tenant, on=today)
    return progress_of(catalogue_of(request), columns_of(request), rules, figures(hidden), hidden=tuple(hidden), today=today)


def _entry(page: ColumnPage, request: HttpRequest, kind: Kind, item: Item) -> dict[str, Any]:
    targets = targets_of(kind, item, columns_of(request), hidden=tuple(hidden_paths(request)))
    named = [
        ("公开内容（要素）", item.content),
        ("公开依据", item.basis),
        ("公开时限", item.timing),
        ("公开主体", item.organ),
        ("公开渠道和载体", item.channels),
        ("公开对象", item.audience),
        ("公开方式", item.manner),
        ("公开层级", "、".join(LEVEL_LABELS[level] for level in item.levels)),
    ]
    texts = readable(texts_of(targets), request)
    columns = {column.pk for column in columns_of(request)}
    listed = _links([target for target in targets if target.page_id in columns])  # texts stand in the list below
    entry = {"title": item.title, "field": item.field, "is_sample": item.is_sample, "columns": listed}
    facts = [Fact(label, value) for label, value in named if value]
    paged = _paged(texts, request, {"item": item.code}, to_items=items_of)
    return _framed(page, request, "openness/entry.html", entry=entry, facts=facts, back_url=path_of(page), **paged)


def _links(targets: Sequence[Target]) -> list[dict[str, str]]:
    return [{"title": target.title, "url": target.url} for target in targets]


def _table(page: ColumnPage, request: HttpRequest, rows: Sequence[Progress]) -> dict[str, Any]:
    tenant: TenantRef = request.tenant  # type: ignore[attr-defined] # as above
    kinds = [kind for kind in Kind if any(row.kind is kind for row in rows)]
    kind = next((kind for kind in kinds if request.GET.get("catalogue") == kind), Kind.STATUTORY)
    of_kind = [row for row in rows if row.kind is kind]
    levels = [level for level in LEVELS[tenant.kind] if any(level in row.item.levels for row in of_kind)]
    level = next((level for level in levels if request.GET.get("level") == level), None)
    fields = list(dict.fromkeys(row.item.field for row in of_kind))
    field = next((each for each in fields if request.GET.get(FIELD_MARK) == each), "")
    kept = [row for row in of_kind if (not field or row.item.field == field) and (level is None or level in row.item.levels)]
    return _framed(
        page,
        request,
        "openness/catalogue.html",
        years=[],
        catalogues=[{"title": KIND_LABELS[each], "value": each.value, "is_current": each is kind} for each in kinds],
        fields=[{"title": each, "is_current": each == field} for each in fields],
        levels=[{"title": LEVEL_LABELS[each], "value": each.value, "is_current": each is level} for each in levels],
        rows=[_row(row, page) for row in kept],
        has_samples=any(row.item.is_sample for row in kept),
        total=len(kept),
        subjects=_subjects(tenant) if kind is Kind.STATUTORY and not field else [],
    )


def _subjects(tenant: TenantRef) -> list[dict[str, Any]]:
    """Return the site's documents by subject, in two levels, each with where they are listed."""

    def line(choice: Choice) -> dict[str, Any]:
        below = [line(each) for each in choice.below]
        address = f"{LIBRARY}?{urlencode({'scope': 'site', Facet.SUBJECT.value: choice.value})}"
        return {"title": choice.label, "url": address, "count": choice.count, "below": below}

    return [line(choice) for choice in list_subjects([tenant])]


def _row(row: Progress, page: ColumnPage) -> dict[str, Any]:
    return {
        "title": row.item.title,
        "url": f"{path_of(page)}?item={row.item.code}",
        "field": row.item.field,
        "content": row.item.content,
        "basis": row.item.basis,
        "levels": "、".join(LEVEL_LABELS[level] for level in row.item.levels),
        "columns": _links(row.targets),
        "count": row.count,
        "newest": row.newest,
        # One of several columns is late: the entry may have newer texts than that says.
        "status": f"有栏目{row.label}" if row.state is State.OVERDUE and len(row.targets) > 1 else row.label,
        "state": row.state.value,
    }
