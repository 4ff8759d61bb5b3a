"""What pages of the openness platform share: the five entries at the left, the tree below the third, and who else has a platform."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.apps import apps
from django.http import HttpRequest
from django.utils import timezone
from wagtail.models import Page

from catalogues import selectors as catalogues
from catalogues.contract import Item, Kind
from registry.contract import TenantRef
from rules.contract import Place
from tenants.openness.contract import LEVELS
from tenants.pages.composing import openness_parts, path_of, readable
from tenants.pages.contract import ColumnType

if TYPE_CHECKING:
    from tenants.pages.models import ColumnPage

FIELD_MARK = "field"


def columns_of(request: HttpRequest) -> "list[ColumnPage]":
    """Return all columns that anybody may read, in the tree's order; asked for once a request."""
    if not hasattr(request, "openness_columns"):
        rows = apps.get_model("pages", "ColumnPage").objects.order_by("path")  # models import this module
        request.openness_columns = list(readable(rows, request))  # type: ignore[attr-defined] # ours
    found: list[ColumnPage] = request.openness_columns  # type: ignore[attr-defined] # as above
    return found


def catalogue_of(request: HttpRequest) -> dict[Kind, list[Item]]:
    """Return the entries of both catalogues that are duties of this site's level; asked for once a request."""
    if not hasattr(request, "openness_items"):
        request.openness_items = items_of(request.tenant)  # type: ignore[attr-defined] # ours, and set by registry.middleware
    found: dict[Kind, list[Item]] = request.openness_items  # type: ignore[attr-defined] # as above
    return found


def items_of(tenant: TenantRef) -> dict[Kind, list[Item]]:
    """Return the entries of both catalogues that are duties of a site's level today."""
    place, today = Place.of(region_code=tenant.region_code, tenant=tenant.slug), timezone.localdate()
    levels = set(LEVELS[tenant.kind])
    return {
        kind: [item for item in catalogues.items(catalogues.edition(kind, on=today, place=place)) if levels & set(item.levels)]
        for kind in Kind
    }


def platform(page: Page, request: HttpRequest) -> dict[str, Any] | None:
    """Return the platform a page stands in: its search box, the five entries and the tree; none where it stands elsewhere."""
    columns = columns_of(request)
    root = next((column for column in columns if column.column_type == ColumnType.OPENNESS and page.path.startswith(column.path)), None)
    if root is None:
        return None
    return {
        "title": root.title,
        "url": path_of(root),
        "is_root": root.pk == page.pk,
        "introduction": root.introduction,
        "parts": [_part(part, page, request) for part in openness_parts(columns)],
    }


def _part(part: "ColumnPage", page: Page, request: HttpRequest) -> dict[str, Any]:
    is_tree = part.column_type == ColumnType.CATALOGUE
    return {
        "title": part.title,
        "url": path_of(part),
        "is_current": page.path.startswith(part.path),
        "is_application": part.column_type == ColumnType.FOI,
        "branches": _branches(path_of(part), request) if is_tree else [],
    }


def _branches(url: str, request: HttpRequest) -> list[dict[str, Any]]:
    """Return the tree: each article's entries, and the fields of the standard catalogue."""
    found = catalogue_of(request)
    asked = (request.GET.get("item", ""), request.GET.get(FIELD_MARK, "")) if request.path == url else ("", "")
    branches = []
    for field in _fields(found[Kind.STATUTORY]):
        leaves = [_leaf(item.title, f"{url}?item={item.code}", item.code == asked[0]) for item in _of_field(found[Kind.STATUTORY], field)]
        branches.append(_branch(field, leaves))
    standard = _fields(found[Kind.STANDARD])
    if standard:
        leaves = [_leaf(field, f"{url}?{_standard(field)}", field == asked[1]) for field in standard]
        branches.append(_branch("基层政务公开标准目录", leaves))
    return branches


def _standard(field: str) -> str:
    return urlencode({"catalogue": Kind.STANDARD.value, FIELD_MARK: field})


def _leaf(title: str, url: str, is_current: bool) -> dict[str, Any]:  # noqa: FBT001 - private
    return {"title": title, "url": url, "is_current": is_current}


def _branch(title: str, leaves: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {"title": title, "leaves": leaves, "is_open": any(leaf["is_current"] for leaf in leaves)}


def _fields(items: Iterable[Item]) -> list[str]:
    return list(dict.fromkeys(item.field for item in items))


def _of_field(items: Iterable[Item], field: str) -> list[Item]:
    return [item for item in items if item.field == field]
