"""The site map."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from registry.selectors import site_url
from tenants.navigation import selectors


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
