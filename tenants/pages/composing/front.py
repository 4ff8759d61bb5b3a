"""A home page from blocks: what all blocks need is fetched together, so that no block costs a query of its own kind."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.http import HttpRequest
from wagtail.images import get_image_model
from wagtail.models import Page

from tenants.pages import composing
from tenants.pages.contract import ColumnType, HomeContent, HomeLayout, HomePart, Item

if TYPE_CHECKING:
    from tenants.pages.models import ColumnPage, HomePage

WIDE, TALL = "fill-1280x720", "fill-1200x150"
ROWS, CARDS = 8, 4
PARTS: dict[HomePart, HomeContent] = {}  # what fills the blocks of other rooms; each adds its own when it is ready
_TITLES = {HomePart.SERVICES: "办事服务", HomePart.TOPICS: "专题专栏", HomePart.LEADERS: "领导信息"}


@dataclass(frozen=True, slots=True)
class Band:
    """A block as it is kept: its kind and its plain values; columns, pages and pictures by number."""

    kind: str
    value: Mapping[str, Any]

    @property
    def columns(self) -> list[int]:
        """The columns it lists."""
        return [pk for pk in _each(self.value.get("columns")) if pk]

    @property
    def rows(self) -> int:
        """How many lines a list has."""
        return int(self.value.get("rows") or ROWS)


def _lists(*types: ColumnType, across: str = "2") -> tuple[str, dict[str, Any]]:
    return "lists", {"columns": types, "rows": ROWS, "across": across}


_SERVICES, _TOPICS, _LEADERS = (part.value for part in HomePart)
# The layouts that are ready; columns are named by what they are for, and found on each site.
LAYOUTS: Mapping[HomeLayout, tuple[tuple[str, dict[str, Any]], ...]] = {
    HomeLayout.NEWS: (
        ("lead", {"columns": (ColumnType.NEWS, ColumnType.NOTICES), "rows": ROWS}),
        _lists(ColumnType.DOCUMENTS, ColumnType.INTERPRETATION),
        (_SERVICES, {"rows": 8}),
        (_TOPICS, {"rows": CARDS}),
        _lists(ColumnType.DATA, ColumnType.DIALOGUE),
        (_LEADERS, {"rows": 8}),
    ),
    HomeLayout.SERVICES: (
        (_SERVICES, {"rows": 12}),
        _lists(ColumnType.NOTICES, ColumnType.DOCUMENTS, ColumnType.INTERPRETATION, across="3"),
        ("lead", {"columns": (ColumnType.NEWS,), "rows": ROWS}),
        (_TOPICS, {"rows": CARDS}),
        _lists(ColumnType.DIALOGUE, ColumnType.DATA),
    ),
    HomeLayout.OPENNESS: (
        _lists(ColumnType.DOCUMENTS, ColumnType.INTERPRETATION),
        ("lead", {"columns": (ColumnType.NEWS, ColumnType.NOTICES), "rows": ROWS}),
        (_LEADERS, {"rows": 8}),
        (_TOPICS, {"rows": CARDS}),
        _lists(ColumnType.DATA, ColumnType.DIALOGUE),
    ),
}


def fill_home(part: HomePart, content: HomeContent) -> None:
    """Say what fills the blocks of a part; called once, when the part's room is ready."""
    PARTS[part] = content


def home(page: "HomePage", request: HttpRequest) -> dict[str, Any]:
    """Return what the first page shows: the site's own blocks, else the chosen layout, else its columns side by side."""
    own = [Band(child["type"], child["value"]) for child in page.blocks.raw_data]
    if not own and not page.layout:
        return composing.home(page, request)
    columns = list(composing.open_columns(request))
    bands = own or _bands_of(HomeLayout(page.layout), columns)
    found = _Found.of(bands, page, columns, request)
    parts = [part for place, band in enumerate(bands) if (part := _part(band, place, found, page, request))]
    return {"breadcrumb": [composing.HOME_CRUMB], "parts": parts, "openness": composing.openness_entries(columns)}


def _bands_of(layout: HomeLayout, columns: "Sequence[ColumnPage]") -> list[Band]:
    """Return a layout's blocks on this site: of each sort of column the first, one that stands on the home page before others."""
    by_type: dict[str, int] = {}
    for column in sorted(columns, key=lambda column: not column.is_on_home):
        by_type.setdefault(column.column_type, column.pk)
    return [
        Band(kind, {**value, "columns": [by_type[each] for each in value.get("columns", ()) if each in by_type]})
        for kind, value in LAYOUTS[layout]
    ]


def blocks_of(layout: HomeLayout, columns: "Sequence[ColumnPage]") -> list[dict[str, Any]]:
    """Return a layout on this site as blocks an editor can change, as a StreamField keeps them; lists without a column are left out."""
    bands = _bands_of(layout, columns)
    return [_kept(band) for band in bands if band.columns or band.kind != "lists"]


def _kept(band: Band) -> dict[str, Any]:
    columns = [{"type": "item", "value": pk, "id": str(uuid4())} for pk in band.columns]
    kept = {name: value for name, value in band.value.items() if name != "columns"}
    own = {"columns": columns} if band.kind in ("lists", "lead") else {"title": ""}
    return {"type": band.kind, "value": kept | own, "id": str(uuid4())}


@dataclass(frozen=True, slots=True)
class _Found:
    """Columns, texts, pages and pictures that the blocks name, as far as readers may see them."""

    columns: Mapping[int, "ColumnPage"]
    newest: Mapping[int, list[Item]]
    pages: Mapping[int, Page]
    images: Mapping[int, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, bands: Sequence[Band], page: "HomePage", columns: "Sequence[ColumnPage]", request: HttpRequest) -> "_Found":
        by_pk = {column.pk: column for column in columns}
        wanted = {pk for band in bands for pk in band.columns if pk in by_pk}
        newest = composing.newest_of([by_pk[pk] for pk in sorted(wanted)], request, rows=max((band.rows for band in bands), default=ROWS))
        named = {pk for band in bands for pk in _pages_in(band)} | ({page.lead_id} if page.lead_id else set())
        pages = composing.readable(Page.objects.filter(pk__in=named), request) if named else ()
        pictures = {pk for band in bands for pk in _images_in(band)}
        images = get_image_model().objects.filter(pk__in=pictures).prefetch_renditions(WIDE, TALL) if pictures else ()
        return cls(by_pk, newest, {each.pk: each for each in pages}, {each.pk: each for each in images})

    def address(self, pk: Any) -> str:
        """Return the path of a page; nothing where readers may not see it."""
        return composing.path_of(self.pages[pk]) if pk in self.pages else ""

    def picture(self, pk: Any, form: str) -> dict[str, Any]:
        """Return a picture in a form; nothing where it is gone."""
        if pk not in self.images:
            return {}
        made = self.images[pk].get_rendition(form)
        return {"image_url": made.url, "width": made.width, "height": made.height}

    def panels(self, band: Band, place: int) -> list[dict[str, Any]]:
        """Return the lists of a block that have anything to show."""
        shown = [self.columns[pk] for pk in band.columns if self.newest.get(pk)]
        return [
            {
                "id": f"part-{place}-{number}",
                "title": column.title,
                "url": composing.path_of(column),
                "items": self.newest[column.pk][: band.rows],
            }
            for number, column in enumerate(shown)
        ]


def _part(band: Band, place: int, found: _Found, page: "HomePage", request: HttpRequest) -> dict[str, Any] | None:
    """Return a block as its template shows it; none where it has nothing to show."""
    shown = _own(band, place, found, page) if band.kind not in list(HomePart) else _filled(HomePart(band.kind), band, page, request)
    return {"kind": band.kind, "id": f"part-{place}", "template": f"blocks/home/{band.kind}.html"} | shown if shown else None


def _own(band: Band, place: int, found: _Found, page: "HomePage") -> dict[str, Any]:
    value = band.value
    if band.kind == "lists":
        panels = found.panels(band, place)
        return {"panels": panels, "across": min(int(value.get("across") or 2), len(panels))} if panels else {}
    if band.kind == "lead":
        return _lead(band, place, found, page)
    if band.kind == "figures":
        return {name: value.get(name, "") for name in ("title", "period", "source")} | {"figures": list(_each(value.get("figures")))}
    if band.kind == "links":
        links = [{"title": link["title"], "url": found.address(link.get("page")) or link.get("url")} for link in _each(value.get("links"))]
        links = [link for link in links if link["url"]]
        return {"title": value.get("title", ""), "links": links} if links else {}
    picture, url = found.picture(value.get("image"), TALL), found.address(value.get("page"))
    return {"title": value.get("title", ""), "url": url, **picture} if picture and url else {}


def _lead(band: Band, place: int, found: _Found, page: "HomePage") -> dict[str, Any]:
    panels = found.panels(band, place)
    lead = _story(found.pages.get(band.value.get("page") or page.lead_id))
    news = next((pk for pk in band.columns if pk in found.columns and found.columns[pk].column_type == ColumnType.NEWS), None)
    if lead is None and news and found.newest[news]:
        lead = found.newest[news][0]
    pictures = [
        {"title": each["title"], "alt": each.get("alt", ""), "url": found.address(each.get("page")), **picture}
        for each in _each(band.value.get("pictures"))
        if (picture := found.picture(each.get("image"), WIDE))
    ]
    if lead:
        panels = [_without(panel, lead) for panel in panels]
    return {"lead": lead, "pictures": pictures, "panels": panels} if lead or pictures or panels else {}


def _without(panel: dict[str, Any], lead: Item) -> dict[str, Any]:
    """Return a list without the story that stands above it; a list that has nothing else keeps it."""
    return panel | {"items": [item for item in panel["items"] if item.url != lead.url] or panel["items"]}


def _story(page: Page | None) -> Item | None:
    if page is None:
        return None
    text = page.specific
    summary = getattr(text, "summary", "") or text.search_description
    return Item(text.title, composing.path_of(text), text.first_published_at, summary=summary)


def _filled(part: HomePart, band: Band, page: "HomePage", request: HttpRequest) -> dict[str, Any]:
    content = PARTS.get(part)
    shown = content.compose(page, request, int(band.value.get("rows") or CARDS)) if content else {}
    return {"title": band.value.get("title") or _TITLES[part], "content_template": content.template, **shown} if content and shown else {}


def _each(listed: Any) -> Iterable[Any]:
    """Yield the items of a list as a StreamField keeps it, or of a plain one."""
    for item in listed or ():
        yield item["value"] if isinstance(item, Mapping) and item.get("type") == "item" else item


def _pages_in(band: Band) -> Iterable[int]:
    inside = [band.value, *(each for name in ("pictures", "links") for each in _each(band.value.get(name)))]
    return (each["page"] for each in inside if each.get("page"))


def _images_in(band: Band) -> Iterable[int]:
    inside = [band.value, *_each(band.value.get("pictures"))]
    return (each["image"] for each in inside if each.get("image"))
