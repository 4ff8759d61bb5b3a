"""What each page type shows, as plain values for its template; the number of queries does not grow with the number of pages.

Wagtail asks the model for its context, so this stands below `models` and finds the other types through the app registry.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlencode

from django.apps import apps
from django.core.paginator import EmptyPage, PageNotAnInteger, Paginator
from django.db.models import Count, Exists, Q, QuerySet
from django.db.models.functions import ExtractYear
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from wagtail.models import Page, PageViewRestriction

from exchange.selectors import origin_of
from registry.contract import TenantRef
from registry.selectors import site_url
from search.contract import VALIDITY_LABELS, Validity
from tenants.pages import blocks, describing
from tenants.pages.contract import LIBRARY_CATEGORIES, OPENNESS_PARTS, ColumnContent, ColumnType, Fact, Item
from vocabularies.contract import Scheme
from vocabularies.selectors import subject_titles, subject_words, topics

if TYPE_CHECKING:
    from tenants.pages.models import ColumnPage, DocumentPage, HomePage, SitePage, TextPage

ROWS = 20  # rows of a column's page
PANEL_ROWS = 8
MOST_PANELS = 6
PAGES_AROUND = 2
LONGEST_CONTENTS = 1_200
HOME_DEPTH = 2
HOME_CRUMB = {"title": "首页", "url": "/"}
LONG_TEXT = 8  # articles from which a table of contents helps


CONTENTS: dict[
    ColumnType, ColumnContent
] = {}  # what columns of a type show in place of their texts by date; rooms add theirs when they are ready


def fill_columns(column_type: ColumnType, content: ColumnContent) -> None:
    """Show something else than a list by date in all columns of a type."""
    CONTENTS[column_type] = content


# What other rooms add to an official document's page; each gives variables of its own, and the template shows those that are there.
ON_DOCUMENTS: "list[Callable[[DocumentPage, HttpRequest], dict[str, Any]]]" = []


def add_to_documents(compose: "Callable[[DocumentPage, HttpRequest], dict[str, Any]]") -> None:
    """Show more on the pages of all official documents; for rooms that are ready."""
    ON_DOCUMENTS.append(compose)


def context_of(page: "SitePage", request: HttpRequest) -> dict[str, Any]:
    """Return the template's variables for a page of any type; what only its type shows, the type says itself (`shown`)."""
    tenant: TenantRef = request.tenant  # type: ignore[attr-defined] # set by registry.middleware
    url = site_url(tenant, request.path)
    if page.hidden_paths is not None:
        request.hidden_paths = page.hidden_paths  # type: ignore[attr-defined] # ours
    shown = page.shown(request)
    described = [describing.trail(shown["breadcrumb"], tenant), *page.described(tenant, url)]
    about = {"description": page.in_short(tenant), "structured_data": described}
    return {"canonical_url": url, "meta": [], **about, "feeds": feeds_of(page, shown)} | shown


def feeds_of(page: "SitePage", shown: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return what can be followed here: all that is new on the site, and what is new in the column one is in."""
    links = [{"title": "全部更新", "url": "/feed/"}]
    column = next((crumb for crumb in reversed(shown["breadcrumb"]) if crumb["url"] not in ("", "/", path_of(page))), None)
    if page.is_followed:
        links.append({"title": page.title, "url": f"/feed{path_of(page)}"})
    elif column:
        links.append({"title": column["title"], "url": f"/feed{column['url']}"})
    return links


def _way(page: Page) -> list[Page]:
    """Return the pages above a text below the home page, columns as such, in one query; also those that were taken down."""
    above = [page.path[:end] for end in range(page.steplen, len(page.path), page.steplen)]
    return list(Page.objects.filter(path__in=above, depth__gt=HOME_DEPTH).select_related("columnpage").order_by("path"))


class Placed(Protocol):
    """What says where a page stands: a page, or of it what a menu reads."""

    @property
    def url_path(self) -> str:
        """As Wagtail keeps it: with the home page's segment."""

    @property
    def depth(self) -> int:
        """How deep in the tree; the root's is 1."""


def path_of(page: Placed) -> str:
    """Return a page's path on its site: Wagtail's `url_path` without the home page's own segment; needs no query."""
    below_home = page.url_path.strip("/").partition("/")[2]
    return "/" + below_home + ("/" if page.depth > HOME_DEPTH else "")


def restrictions_on(page: Page) -> tuple[Any, list[str]]:
    """Return the view restrictions that hold for a page, and the tree paths of all pages that have one, in one query.

    An alias is restricted as its original is; where one stands on the way, Wagtail finds out what holds.
    """
    above = [page.path[:end] for end in range(page.steplen, len(page.path) + 1, page.steplen)]
    is_by_alias = Exists(Page.objects.filter(path__in=above, alias_of__isnull=False))
    rows = list(PageViewRestriction.objects.annotate(is_by_alias=is_by_alias).values_list("pk", "page__path", "is_by_alias"))
    paths = [path for _, path, _ in rows]
    if any(by_alias for *_, by_alias in rows):
        return Page.get_view_restrictions(page), paths
    return PageViewRestriction.objects.filter(pk__in=[pk for pk, path, _ in rows if path in above]), paths


def hidden_paths(request: HttpRequest) -> list[str]:
    """Return the tree paths of pages with a view restriction; asked for once a request."""
    if not hasattr(request, "hidden_paths"):
        request.hidden_paths = list(PageViewRestriction.objects.values_list("page__path", flat=True))  # type: ignore[attr-defined] # ours
    found: list[str] = request.hidden_paths  # type: ignore[attr-defined] # as above
    return found


def readable(rows: QuerySet[Any], request: HttpRequest) -> Any:
    """Keep what anybody may read: live, and below no restricted page."""
    kept = rows.filter(live=True)
    for path in hidden_paths(request):
        kept = kept.exclude(path__startswith=path)
    return kept


def open_columns(request: HttpRequest) -> "QuerySet[ColumnPage]":
    """Return all columns of the site that anybody may read, in their order."""
    columns: QuerySet[ColumnPage] = apps.get_model("pages", "ColumnPage").objects.order_by("path")  # models import this module
    return readable(columns, request)  # type: ignore[no-any-return] # the same rows, fewer


def texts(request: HttpRequest) -> Any:
    """Return all texts of the site that anybody may read, the newest first."""
    return readable(Page.objects.exclude(content_type__model="columnpage"), request).order_by("-first_published_at", "-pk")


def home(page: "HomePage", request: HttpRequest) -> dict[str, Any]:
    """Return what the first page shows."""
    columns = list(open_columns(request))
    shown = [column for column in columns if column.is_on_home][: page.most_panels]
    newest = newest_of(shown, request, rows=page.panel_rows)
    panels = [{"title": column.title, "url": path_of(column), "items": newest[column.pk]} for column in shown]
    return {
        "breadcrumb": [HOME_CRUMB],
        "panels": [panel for panel in panels if panel["items"]],
        "lead": _lead(page, shown, newest),
        "openness": openness_entries(columns),
    }


def openness_entries(columns: "Sequence[ColumnPage]") -> list[dict[str, str]]:
    """Return the entries of 政府信息公开 that every home page shows (S31)."""
    return [{"title": column.title, "url": path_of(column)} for column in openness_parts(columns)]


def openness_parts(columns: "Sequence[ColumnPage]") -> "list[ColumnPage]":
    """Return the columns that are the four parts of the openness platform and the entry below them, in the order that is laid down."""
    roots = tuple(column.path for column in columns if column.column_type == ColumnType.OPENNESS)
    inside = [column for column in columns if not roots or column.path.startswith(roots)]
    first = {column.column_type: column for column in reversed(inside)}
    return [first[part] for part in OPENNESS_PARTS if part in first]


def _lead(page: "HomePage", shown: "Sequence[ColumnPage]", newest: Mapping[int, list[Item]]) -> Item | None:
    if page.lead and page.lead.live:
        lead = page.lead.specific
        summary = getattr(lead, "summary", "") or lead.search_description
        return Item(lead.title, path_of(lead), lead.first_published_at, summary=summary)
    return next((newest[column.pk][0] for column in shown if column.column_type == ColumnType.NEWS and newest[column.pk]), None)


def newest_of(columns: "Sequence[ColumnPage]", request: HttpRequest, *, rows: int) -> dict[int, list[Item]]:
    """Return each column's newest texts, in one query for all columns and one for document numbers."""
    parts = [texts(request).descendant_of(column)[:rows] for column in columns]
    if not parts:
        return {}
    found = list(parts[0].union(*parts[1:]) if len(parts) > 1 else parts[0])
    found.sort(key=lambda page: (page.first_published_at is not None, page.first_published_at, page.pk), reverse=True)
    items = dict(zip([page.pk for page in found], items_of(found), strict=True))
    return {column.pk: [items[page.pk] for page in found if page.path.startswith(column.path)][:rows] for column in columns}


def items_of(pages: Sequence[Page]) -> list[Item]:
    """Return lines for a list of pages; one query fetches document numbers and validity for all."""
    documents: QuerySet[DocumentPage] = apps.get_model("pages", "DocumentPage").objects.filter(pk__in=[page.pk for page in pages])
    facts = {pk: (doc_no, validity) for pk, doc_no, validity in documents.values_list("pk", "doc_no", "validity")}
    return items_with(pages, facts)


def items_with(pages: Sequence[Page], facts: Mapping[int, tuple[str, str]]) -> list[Item]:
    """Return lines for a list of pages whose document numbers and validity are known; asks nothing."""
    return [_item(page, *facts.get(page.pk, ("", ""))) for page in pages]


def _item(page: Page, doc_no: str, validity: str) -> Item:
    return Item(
        page.title, path_of(page), page.first_published_at, doc_no=doc_no, summary=page.search_description, validity=_badge(validity)
    )


def _badge(validity: str) -> dict[str, str] | None:
    if validity in ("", Validity.UNKNOWN):
        return None
    return {"code": validity, "label": VALIDITY_LABELS[Validity(validity)]}


def column(page: "ColumnPage", request: HttpRequest) -> dict[str, Any]:
    """Return what a column shows: its texts by year, or what is filled into columns of its type."""
    filled = CONTENTS.get(ColumnType(page.column_type))
    if filled:
        content = {"content_template": filled.template, "meta": column_meta(page)} | filled.compose(page, request)
        if "breadcrumb" in content:  # it says itself what lies around it
            return content
        around = _surroundings(page, request)
        return {"breadcrumb": around.breadcrumb, "children": around.children, "siblings": around.siblings} | content
    rows = texts(request).descendant_of(page)
    years = _years(rows, request)
    chosen = next((year for year in years if year["is_current"]), None)
    total = chosen["count"] if chosen else sum(year["count"] for year in years)
    if chosen:
        rows = rows.filter(first_published_at__year=chosen["year"])
    paginator = counted_pages(rows, total)
    number, is_beyond = page_number(paginator, request)
    items = [] if is_beyond else items_of(list(paginator.page(number).object_list))
    around = _surroundings(page, request)
    return {
        "breadcrumb": around.breadcrumb,
        "children": around.children,
        "siblings": around.siblings,
        "items": items,
        "total": total,
        "years": [year for year in years if year["year"]],
        "is_beyond_last": is_beyond,
        "pagination": pagination(number, paginator.num_pages, {"year": str(chosen["year"])} if chosen else {}),
        "meta": column_meta(page),
    }


def counted_pages(rows: QuerySet[Page], total: int) -> Paginator[Page]:
    """Return the pages of a list whose length is known already."""
    return Paginator(_Counted(rows, total), ROWS)  # type: ignore[arg-type] # it counts and slices, which is all


class _Counted:
    """Rows whose number is known: the years' counts add up to it, so no query counts again."""

    def __init__(self, rows: QuerySet[Page], total: int) -> None:
        self._rows, self._total = rows, total

    def __len__(self) -> int:
        return self._total

    def __getitem__(self, part: slice) -> QuerySet[Page]:
        return self._rows[part]


@dataclass(frozen=True, slots=True)
class _Surroundings:
    """Where a column stands: the way to it from the home page, and the columns beside and below it."""

    breadcrumb: list[dict[str, str]]
    siblings: list[dict[str, Any]]
    children: list[dict[str, Any]]


def _surroundings(page: "ColumnPage", request: HttpRequest) -> _Surroundings:
    """Return what lies around a column, in one query; the way to it shows columns that readers may not open, as `breadcrumb` does."""
    above = page.path[: -page.steplen]
    way = [page.path[:end] for end in range(page.steplen, len(page.path) + 1, page.steplen)]
    near = Q(path__in=way) | Q(path__startswith=above, depth__in=[page.depth, page.depth + 1])
    columns = list(type(page).objects.filter(near).order_by("path"))
    open_ones = [column for column in columns if column.live and not column.path.startswith(tuple(hidden_paths(request)))]
    links = [(column, {"title": column.title, "url": path_of(column), "is_current": column.pk == page.pk}) for column in open_ones]
    return _Surroundings(
        [HOME_CRUMB, *({"title": column.title, "url": path_of(column)} for column in columns if column.path in way)],
        [link for column, link in links if column.depth == page.depth and column.path.startswith(above)],
        [link for column, link in links if column.depth > page.depth and column.path.startswith(page.path)],
    )


def _years(texts: QuerySet[Page], request: HttpRequest) -> list[dict[str, Any]]:
    counted = texts.order_by().annotate(year=ExtractYear("first_published_at")).values("year").annotate(count=Count("pk")).order_by("-year")
    asked = request.GET.get("year", "")
    return [
        {"year": row["year"], "count": row["count"], "url": f"?year={row['year']}", "is_current": str(row["year"]) == asked}
        for row in counted
    ]


def page_number(paginator: Any, request: HttpRequest) -> tuple[int, bool]:
    """Return the asked page's number and whether it lies beyond the last; what is no number means the first."""
    try:
        return paginator.validate_number(request.GET.get("page", "1")), False
    except PageNotAnInteger:
        return 1, False
    except EmptyPage:
        return paginator.num_pages, True


def pagination(number: int, pages: int, query: Mapping[str, str]) -> dict[str, Any]:
    """Return the links of a paged list: first, last, those around the current one, and gaps."""

    def url(target: int) -> str:
        return "?" + urlencode({**query, "page": target})

    near = {1, pages, *range(number - PAGES_AROUND, number + PAGES_AROUND + 1)}
    links: list[dict[str, Any]] = []
    for target in sorted(page for page in near if 1 <= page <= pages):
        if links and target - links[-1]["number"] > 1:
            links.append({"number": target - 1, "url": "", "is_current": False, "is_gap": True})
        links.append({"number": target, "url": url(target), "is_current": target == number, "is_gap": False})
    return {
        "number": number,
        "pages": pages,
        "previous_url": url(number - 1) if number > 1 else "",
        "next_url": url(number + 1) if number < pages else "",
        "links": links,
    }


def column_meta(column: "ColumnPage") -> list[dict[str, str]]:
    """Return the tags of the column that a list or a text stands in."""
    return [
        {"name": "ColumnName", "content": column.title},
        {"name": "ColumnDescription", "content": column.introduction or column.title},
        {"name": "ColumnKeywords", "content": column.keywords or column.title},
        {"name": "ColumnType", "content": ColumnType(column.column_type).label},
    ]


def text(page: "TextPage", request: HttpRequest) -> dict[str, Any]:
    """Return what every text shows."""
    way = _way(page)
    parent = next(above.columnpage for above in reversed(way) if hasattr(above, "columnpage"))  # a text may stand below another text
    attachments = [child.value for child in page.attachments if child.value]
    published = timezone.localtime(page.first_published_at) if page.first_published_at else None
    tenant: TenantRef = request.tenant  # type: ignore[attr-defined] # set by registry.middleware
    tags = {
        "ArticleTitle": page.title,
        "PubDate": published.strftime("%Y-%m-%d %H:%M") if published else "",
        "ContentSource": page.source or tenant.name,
        "Keywords": page.keywords,
        "Author": page.editor_name,
        "Url": site_url(tenant, request.path),
    }
    return {
        "breadcrumb": [HOME_CRUMB, *({"title": crumb.title, "url": path_of(crumb)} for crumb in [*way, page])],
        "published_at": published,
        "body_html": page.body,
        "attachments": [_attachment(file) for file in attachments],
        "origin": origin_of(tenant, page.pk),
        "related": [],
        "topics": _topics(page, tenant),
        "meta": column_meta(parent) + [{"name": name, "content": content} for name, content in tags.items() if content],
    }


def _topics(page: "TextPage", tenant: TenantRef) -> list[dict[str, str]]:
    """Return the topics of a text, each with where all texts under it are found."""
    if not page.topics:
        return []
    known = topics(city=tenant.city_slug, with_retired=True)
    return [
        {"title": topic.title, "url": "/search/?" + urlencode({"topic": topic.slug, "scope": "city", "sort": "date"})}
        for topic in known
        if topic.slug in page.topics
    ]


def _attachment(file: Any) -> dict[str, str]:
    return {
        "title": file.title,
        "url": file.url,
        "extension": file.file_extension.upper(),
        "size_text": filesizeformat(file.get_file_size()),
    }


def document(page: "DocumentPage", request: HttpRequest) -> dict[str, Any]:
    """Return what an official document shows."""
    lines = [line for child in page.body if child.block_type == "official_text" for line in blocks.lines_of(child.value)]
    contents = blocks.headings_of(lines)
    shown_text = text(page, request)
    origin = shown_text["origin"]
    over = {"code": origin.mark, "label": origin.label} if origin and origin.mark in (Validity.REPEALED, Validity.EXPIRED) else None
    return (
        shown_text
        | {
            **{name: shown for compose in ON_DOCUMENTS for name, shown in compose(page, request).items()},
            "facts": facts_of(page, city=request.tenant.city_slug),  # type: ignore[attr-defined] # set by registry.middleware
            "validity": over or _badge(page.validity),  # a copy is in force no longer than its original
            "contents": contents[:LONGEST_CONTENTS] if len(contents) >= LONG_TEXT else [],
            "source_url": page.source_url,
        }
    )


def facts_of(page: "DocumentPage", *, city: str) -> list[Fact]:
    """Return the rows of a document's table; what is not known is left out."""
    published = timezone.localtime(page.first_published_at).date() if page.first_published_at else None
    rows = [
        ("索引号", page.index_no),
        ("发文机关", page.issuer),
        ("发文字号", page.doc_no),
        ("文件种类", page.get_document_class_display() if page.category in LIBRARY_CATEGORIES else page.get_category_display()),
        ("公文种类", page.genre),
        ("主题分类", subject_words(page.subject, subject_titles(city=city)) if page.subject else ""),
        ("组配分类", subject_words(page.combined_class, subject_titles(city=city, scheme=Scheme.COMBINED)) if page.combined_class else ""),
        ("成文日期", page.signed_date),
        ("发布日期", published),
        ("施行日期", page.effective_date),
        ("有效期至", page.valid_until),
        ("适用地区", page.place),
        ("有效性", "" if page.validity == Validity.UNKNOWN else page.get_validity_display()),
    ]
    return [Fact(label, str(value)) for label, value in rows if value]
