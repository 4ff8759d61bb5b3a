"""The site map for people, the one for search engines, and what they are asked to leave alone."""

import datetime as dt
from typing import Any

from django.contrib.sitemaps import Sitemap
from django.contrib.sitemaps import views as sitemaps
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from typing_extensions import override
from wagtail.models import Page

from registry.selectors import site_url
from tenants.navigation import selectors
from tenants.pages import composing

ADDRESSES = 5_000  # in one file; the standard allows ten times as many, but one process should not hold them all

# Results of searches are no pages of the site, and each costs the engine a search; where a search begins is one. Forms are for people.
ROBOTS = "User-agent: *\nAllow: /search/$\nDisallow: /search/\nDisallow: /api/\nDisallow: /letters/\nSitemap: {}\n"


class SiteAddresses(Sitemap[Page]):
    """All pages of the site of a request that anybody may read."""

    limit = ADDRESSES

    def __init__(self, request: HttpRequest) -> None:
        self._request = request
        self.protocol = request.scheme

    @override
    def items(self) -> Any:
        """Return home page, columns and texts in the order of the tree."""
        pages = composing.readable(Page.objects.filter(depth__gt=1), self._request)
        return pages.order_by("path").only("url_path", "path", "depth", "last_published_at")

    @override
    def location(self, item: Page) -> str:
        """Return the path of a page."""
        return composing.path_of(item)

    def lastmod(self, item: Page) -> dt.datetime | None:
        """Return when it was published last."""
        changed: dt.datetime | None = item.last_published_at
        return changed


@require_safe
def site_map(request: HttpRequest) -> HttpResponse:
    """Return all columns of the site as a tree; anybody may read it."""
    context = {
        "tree": selectors.site_map(request),
        "breadcrumb": [{"title": "首页", "url": "/"}, {"title": "网站地图", "url": request.path}],
        "canonical_url": site_url(request.tenant, request.path),  # type: ignore[attr-defined] # set by registry.middleware
        "meta": [],
    }
    return render(request, "pages/site_map.html", context)


@require_safe
def sitemap_index(request: HttpRequest) -> HttpResponse:
    """Return where the files are that list all addresses of the site; anybody may read it."""
    return sitemaps.index(request, {"pages": SiteAddresses(request)}, sitemap_url_name="sitemap")


@require_safe
def sitemap(request: HttpRequest, section: str) -> HttpResponse:
    """Return one of those files; `?p=2` is the second; anybody may read it."""
    return sitemaps.sitemap(request, {"pages": SiteAddresses(request)}, section=section)


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Return what search engines are asked to leave alone, and where the list of addresses is; anybody may read it."""
    address = site_url(request.tenant, "/sitemap.xml")  # type: ignore[attr-defined] # set by registry.middleware
    return HttpResponse(ROBOTS.format(address), content_type="text/plain; charset=utf-8")
