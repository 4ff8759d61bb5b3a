"""Reads: menu and site map from the page tree, and the frame around every page."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from wagtail.models import Page

from registry import selectors as registry
from registry.contract import Kind, TenantRef
from tenants.pages.composing import path_of, readable
from tenants.pages.describing import site_in_short
from theming.contract import Frame, MenuItem, SiteLink, SiteRecord

HOME_DEPTH = 2
SEARCH, SEARCH_API = "/search/", "/api/search/"
POLICE_URL = "https://beian.mps.gov.cn/#/query/webSearch"


class _Column(NamedTuple):
    """What the menu says of a page: a tuple, for it stands on every page and models take longer to make."""

    title: str
    url_path: str
    path: str
    depth: int


def frame(request: HttpRequest) -> Frame:
    """Return what surrounds the page: of the site the request belongs to, or of the platform."""
    tenant: TenantRef | None = getattr(request, "tenant", None)
    return site_frame(tenant, request) if tenant else platform_frame(request)


def site_frame(tenant: TenantRef, request: HttpRequest) -> Frame:
    """Return the frame of a site's page: one query for the menu."""
    return Frame(
        site=SiteRecord(
            name=tenant.name,
            short_name=tenant.short_name,
            city_name=tenant.city_name,
            domain=tenant.primary_domain,
            home_url="/",
            identifier=tenant.identifier,
            organizer=tenant.organizer,
            undertaker=tenant.undertaker,
            contact_phone=tenant.contact_phone,
            contact_address=tenant.contact_address,
            icp=tenant.icp,
            police_record=tenant.police_record,
            police_url=POLICE_URL,
            description=site_in_short(tenant),
        ),
        menu=menu(request),
        city_sites=city_sites(tenant),
        search_url=SEARCH,
        search_scope="city" if tenant.kind is Kind.CITY else "site",
        query=_query(request),
        site_map_url="/site-map/",
        home_url="/",
        api_url=SEARCH_API,
        notice=settings.DEMO_NOTICE,
        is_grey=tenant.is_grey(timezone.now()) or getattr(request, "is_grey_preview", False),
    )


def platform_frame(request: HttpRequest) -> Frame:
    """Return the frame of the platform's own pages; it has no menu and touches no site's tables."""
    portals = [ref for ref in registry.directory().by_uuid.values() if ref.is_live and ref.kind is Kind.CITY]
    return Frame(
        site=SiteRecord(
            name=settings.WAGTAIL_SITE_NAME,
            short_name="平台",
            city_name="",
            domain=settings.PLATFORM_HOST,
            home_url="/",
            is_platform=True,
            description=f"{settings.WAGTAIL_SITE_NAME}：一处搜索各级政府网站公开的政策、公告和办事信息。",
        ),
        city_sites=tuple(_link(ref) for ref in portals),
        search_url=SEARCH,
        search_scope="city",
        query=_query(request),
        home_url="/",
        api_url=SEARCH_API,
        notice=settings.DEMO_NOTICE,
    )


def _query(request: HttpRequest) -> str:
    return request.GET.get("q", "")[:200] if request.path == SEARCH else ""


def _link(ref: TenantRef, *, is_current: bool = False) -> SiteLink:
    return SiteLink(name=ref.short_name, url=registry.site_url(ref), kind=ref.kind.value, is_current=is_current)


def city_sites(tenant: TenantRef) -> tuple[SiteLink, ...]:
    """Return the live sites of the tenant's city, the portal first."""
    return tuple(_link(ref, is_current=ref.uuid == tenant.uuid) for ref in registry.directory().of_city(tenant.city_slug) if ref.is_live)


def menu(request: HttpRequest) -> tuple[MenuItem, ...]:
    """Return the columns in the menu, two levels, with the one being read marked."""
    path = request.path
    columns = readable(Page.objects.in_menu().filter(depth__gt=HOME_DEPTH, depth__lte=HOME_DEPTH + 2), request)
    rows = [_Column(*values) for values in columns.order_by("path").values_list(*_Column._fields)]
    return tuple(
        MenuItem(title=row.title, url=path_of(row), is_current=path.startswith(path_of(row)), children=_below(row, rows, path))
        for row in rows
        if row.depth == HOME_DEPTH + 1
    )


def _below(parent: _Column, rows: Iterable[_Column], path: str) -> tuple[MenuItem, ...]:
    return tuple(
        MenuItem(title=row.title, url=path_of(row), is_current=path.startswith(path_of(row)))
        for row in rows
        if row.depth == parent.depth + 1 and row.path.startswith(parent.path)
    )


def site_map(request: HttpRequest) -> list[dict[str, Any]]:
    """Return all columns as a tree, in one query."""
    rows = readable(Page.objects.filter(depth__gt=HOME_DEPTH, content_type__model="columnpage"), request).order_by("path")
    nodes: dict[str, dict[str, Any]] = {}
    roots: list[dict[str, Any]] = []
    for row in rows:
        node = nodes[row.path] = {"title": row.title, "url": path_of(row), "children": []}
        parent = nodes.get(row.path[: -Page.steplen])
        (parent["children"] if parent else roots).append(node)
    return roots
