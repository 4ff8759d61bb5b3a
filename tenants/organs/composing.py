"""What organs, their directory, the leaders and the power lists show, as plain values; few queries, however many there are.

The models ask for their context, so this stands below them and finds them through the app registry.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from django.apps import apps
from django.core.paginator import Paginator
from django.db.models import Count, Prefetch
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from wagtail.images import get_image_model
from wagtail.images.shortcuts import get_rendition_or_not_found
from wagtail.models import Page

from registry.contract import Kind as SiteKind
from spreadsheets import sheets
from tenants.organs.comparing import compare
from tenants.organs.contract import ITEM_FIELDS, KIND_LABELS, OrganKind, OrganList, PowerKind
from tenants.pages import composing as pages
from tenants.pages.contract import Fact, Item

if TYPE_CHECKING:
    from tenants.organs.models import OrganLeader, OrganPage, PowerListPage, PowerVersion
    from tenants.pages.models import ColumnPage

PHOTO = "fill-240x320"
ROWS = 50  # items of a power list on one page
OTHER_TEXTS = 20  # ordinary texts shown below a directory
VERSIONS = 20
LONGEST_QUERY = 60
FORMATS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

LISTS: list[OrganList] = []  # what rooms show on each organ's page: its documents, its services; they add theirs when they are ready


def show_with_organs(organ_list: OrganList) -> None:
    """Show a list on the page of each organ; a list without lines is left out."""
    LISTS.append(organ_list)


# --- an organ ---------------------------------------------------------------


def organ(page: "OrganPage", request: HttpRequest) -> dict[str, Any]:
    """Return what an organ's page shows."""
    power_lists = pages.readable(apps.get_model("organs", "PowerListPage").objects.child_of(page).order_by("path"), request)
    lists = [{"title": one.title, "rows": list(one.compose(page, request))} for one in LISTS]
    return pages.text(page, request) | {
        "kind": OrganKind(page.kind).label,
        "facts": contact_of(page),
        "website": page.website,
        "leaders": [_leader(leader) for leader in _leaders_of([page]).get(page.pk, [])],
        "units": list(page.units.values("name", "duty", "phone")),
        "power_lists": [{"title": one.title, "url": pages.path_of(one)} for one in power_lists],
        "lists": [one for one in lists if one["rows"]],
    }


def contact_of(page: "OrganPage") -> list[Fact]:
    """Return how an organ is reached; what is not known is left out."""
    rows = [
        ("办公地址", page.address),
        ("办公时间", page.hours),
        ("联系电话", page.phone),
        ("传真号码", page.fax),
        ("电子邮箱", page.email),
        ("邮政编码", page.postcode),
        ("公开机构", page.openness_unit),
    ]
    return [Fact(label, value) for label, value in rows if value]


def _leaders_of(organs: "Sequence[OrganPage]") -> "dict[int, list[OrganLeader]]":
    """Return the leaders of organs in their order, with pictures as they are cut: two queries for all."""
    cut = Prefetch("photo__renditions", get_image_model().get_rendition_model().objects.filter(filter_spec=PHOTO), "prefetched_renditions")
    rows = apps.get_model("organs", "OrganLeader").objects.filter(organ__in=[page.pk for page in organs])
    found: dict[int, list[OrganLeader]] = {}
    for leader in rows.select_related("speeches", "photo").prefetch_related(cut).order_by("sort_order", "pk"):
        found.setdefault(leader.organ_id, []).append(leader)
    return found


def _leader(leader: "OrganLeader") -> dict[str, Any]:
    speeches = leader.speeches if leader.speeches and leader.speeches.live else None
    return {
        "anchor": f"leader-{leader.pk}",
        "name": leader.name,
        "post": leader.post,
        "division": _lines(leader.division),
        "resume": _lines(leader.resume),
        "photo": _photo(leader),
        "speeches_url": pages.path_of(speeches) if speeches else "",
    }


def _photo(leader: "OrganLeader") -> dict[str, Any] | None:
    if leader.photo is None:
        return None
    rendition = get_rendition_or_not_found(leader.photo, PHOTO)
    return {"url": rendition.url, "width": rendition.width, "height": rendition.height, "alt": f"{leader.name}的照片"}


def _lines(text: str) -> list[str]:
    return [line for raw in text.splitlines() if (line := raw.strip())]


# --- directories ------------------------------------------------------------


def directory(column: "ColumnPage", request: HttpRequest) -> dict[str, Any]:
    """Return the organs below a column by kind and in order (机构职能目录), and the column's other texts."""
    organs = _organs(request, below=column)
    groups = [
        {"title": kind.label, "anchor": kind.value, "organs": [_line(page) for page in organs if page.kind == kind.value]}
        for kind in OrganKind
    ]
    return {
        "groups": [group for group in groups if group["organs"]],
        "total": len(organs),
        "texts": _other_texts(column, request),
    }


def leaders(column: "ColumnPage", request: HttpRequest) -> dict[str, Any]:
    """Return the leaders of all the site's organs, organ by organ (领导信息), and the column's other texts."""
    organs = _organs(request)
    found = _leaders_of(organs)
    return {
        "groups": [
            {
                "title": page.title,
                "url": pages.path_of(page),
                "leaders": [_leader(leader) for leader in found[page.pk]],
            }
            for page in organs
            if page.pk in found
        ],
        "texts": _other_texts(column, request),
    }


def on_home(_page: Any, request: HttpRequest, rows: int) -> dict[str, Any]:
    """Return cards of the leaders of the site's own organ, the government or the office, for its home page; one query."""
    organs = pages.readable(apps.get_model("organs", "OrganPage").objects.all(), request)
    is_office = request.tenant.kind is SiteKind.DEPARTMENT  # type: ignore[attr-defined] # set by registry.middleware
    own = organs.order_by("position", "path")[:1] if is_office else organs.filter(kind=OrganKind.GOVERNMENT)
    leaders = apps.get_model("organs", "OrganLeader").objects.filter(organ__in=own.values("pk")).select_related("organ")
    found = leaders.order_by("organ__position", "organ__path", "sort_order", "pk")[:rows]
    cards = [{"title": each.name, "summary": each.post, "url": f"{pages.path_of(each.organ)}#leader-{each.pk}"} for each in found]
    return {"cards": cards, "url": cards[0]["url"].partition("#")[0]} if cards else {}


def _organs(request: HttpRequest, *, below: "ColumnPage | None" = None) -> "list[OrganPage]":
    rows = apps.get_model("organs", "OrganPage").objects.all()
    found: list[OrganPage] = list(pages.readable(rows.descendant_of(below) if below else rows, request))
    order = {kind.value: place for place, kind in enumerate(OrganKind)}
    return sorted(found, key=lambda page: (order[page.kind], page.position, page.path))


def _line(page: "OrganPage") -> dict[str, str]:
    return {
        "title": page.title,
        "url": pages.path_of(page),
        "summary": page.summary,
        "address": page.address,
        "hours": page.hours,
        "phone": page.phone,
    }


def _other_texts(column: "ColumnPage", request: HttpRequest) -> list[Item]:
    texts = Page.objects.descendant_of(column).exclude(content_type__app_label="organs").exclude(content_type__model="columnpage")
    return pages.items_of(list(pages.readable(texts, request).order_by("-first_published_at", "-pk")[:OTHER_TEXTS]))


# --- power lists ------------------------------------------------------------


def overview(column: "ColumnPage", request: HttpRequest) -> dict[str, Any]:
    """Return all power lists of the site with how many items of each kind they have: what columns of that type show."""
    organs = {page.path: page for page in _organs(request)}
    lists = pages.readable(apps.get_model("organs", "PowerListPage").objects.all(), request)
    above = {one.path[: -one.steplen]: one for one in lists.order_by("-path")}
    counted = apps.get_model("organs", "PowerItem").objects.values_list("page_id", "kind").annotate(Count("pk")).order_by()
    counts: dict[int, Counter[str]] = {}
    for page_id, kind, count in counted:
        counts.setdefault(page_id, Counter())[kind] = count
    shown = [(page, above[path]) for path, page in organs.items() if path in above]
    totals: Counter[str] = sum((counts.get(one.pk, Counter()) for _, one in shown), Counter())
    kinds = [kind for kind in PowerKind if totals[kind.value]]
    return {
        "kinds": [kind.label for kind in kinds],
        "rows": [_overview_row(page, one, counts.get(one.pk, Counter()), kinds) for page, one in shown],
        "totals": [totals[kind.value] for kind in kinds],
        "total": totals.total(),
        "texts": _other_texts(column, request),
    }


def _overview_row(page: "OrganPage", one: "PowerListPage", counts: Counter[str], kinds: Sequence[PowerKind]) -> dict[str, Any]:
    return {
        "organ": page.title,
        "url": pages.path_of(one),
        "counts": [counts[kind.value] for kind in kinds],
        "total": counts.total(),
        "checked_on": one.checked_on,
    }


def power_list(page: "PowerListPage", request: HttpRequest) -> dict[str, Any]:
    """Return a list's items of the chosen kind, a page of them, its versions, and what the chosen version changed."""
    rows = rows_of(page)
    chosen, query = request.GET.get("kind", ""), request.GET.get("q", "").strip()[:LONGEST_QUERY]
    counts = Counter(row["kind"] for row in rows)
    kept = [row for row in rows if (chosen not in counts or row["kind"] == chosen) and _matches(row, query)]
    paginator = Paginator(kept, ROWS)
    part = paginator.get_page(request.GET.get("page"))
    narrowed = {name: value for name, value in (("kind", chosen if chosen in counts else ""), ("q", query)) if value}
    versions = _versions(page)
    return pages.text(page, request) | {
        "checked_on": page.checked_on,
        "version": versions[0] if versions else None,
        "versions": versions,
        "differences": _differences(page, request.GET.get("changes", "")),
        "query": query,
        "kind": chosen if chosen in counts else "",
        "kinds": _kind_links(counts, chosen),
        "total": len(kept),
        "items": [_item(row) for row in part.object_list],
        "pagination": pages.pagination(part.number, paginator.num_pages, narrowed),
        "downloads": [{"label": name.upper(), "url": f"?format={name}"} for name in FORMATS],
    }


def rows_of(page: "PowerListPage") -> list[dict[str, str]]:
    """Return a published list's items as plain values, in one query."""
    found = apps.get_model("organs", "PowerItem").objects.filter(page_id=page.pk).order_by("sort_order", "pk")
    return [dict(row) for row in found.values(*ITEM_FIELDS)]


def _matches(row: Mapping[str, str], query: str) -> bool:
    return not query or any(query in row[name] for name in ("name", "code", "unit"))


def _kind_links(counts: Counter[str], chosen: str) -> list[dict[str, Any]]:
    return [
        {"label": kind.label, "count": counts[kind.value], "url": f"?kind={kind.value}", "is_current": kind.value == chosen}
        for kind in PowerKind
        if counts[kind.value]
    ]


def _item(row: Mapping[str, str]) -> dict[str, Any]:
    long = [(ITEM_FIELDS[name], _lines(row[name])) for name in ("basis", "unit", "process", "supervision")]
    return {
        "anchor": f"item-{quote(row['code'])}",
        "code": row["code"],
        "name": row["name"],
        "kind": KIND_LABELS.get(row["kind"], row["kind"]),
        "facts": [{"label": label, "lines": lines} for label, lines in long if lines],
    }


def _versions(page: "PowerListPage") -> list[dict[str, Any]]:
    """Return the newest versions without their items."""
    found: Sequence[PowerVersion] = page.versions.defer("rows").order_by("-number")[:VERSIONS]
    return [
        {
            "number": version.number,
            "edition": version.edition,
            "published_at": timezone.localtime(version.published_at),
            "checked_on": version.checked_on,
            "item_count": version.item_count,
            "added": version.added,
            "removed": version.removed,
            "changed": version.changed,
            "url": "?" + urlencode({"changes": version.number}) + "#changes" if version.number > 1 else "",
        }
        for version in found
    ]


def _differences(page: "PowerListPage", asked: str) -> dict[str, Any] | None:
    if not asked.isascii() or not asked.isdigit() or not 1 < (number := int(asked)) < 2**31:
        return None
    rows = dict(page.versions.filter(number__in=[number - 1, number]).values_list("number", "rows"))
    if len(rows) != 2:  # noqa: PLR2004 - the version and the one before
        return None
    found = compare(rows[number - 1], rows[number])
    return {"number": number, "before": number - 1, "added": found.added, "removed": found.removed, "changed": found.changed}


def table_of(rows: Sequence[Mapping[str, str]]) -> list[list[str]]:
    """Return items as the lines of a file, with the names of its columns first."""
    return [list(ITEM_FIELDS.values()), *([KIND_LABELS.get(row[name], row[name]) for name in ITEM_FIELDS] for row in rows)]


def written(rows: Sequence[Mapping[str, str]], wanted: str) -> bytes:
    """Return items as the content of a file in one of the formats."""
    table = table_of(rows)
    return sheets.written_csv(table) if wanted == "csv" else sheets.written_xlsx(table, title="权责清单")


def file_response(page: "PowerListPage", wanted: str) -> HttpResponse:
    """Return the published list as a file to download."""
    return file_of(rows_of(page), wanted, name=page.title)


def file_of(rows: Sequence[Mapping[str, str]], wanted: str, *, name: str) -> HttpResponse:
    """Return items as a file to download, in one of the formats."""
    response = HttpResponse(written(rows, wanted), content_type=FORMATS[wanted])
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}.{wanted}"
    return response
