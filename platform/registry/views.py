"""The platform's first page: all cities and their sites."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from registry import selectors
from registry.contract import KIND_LABELS, STATE_LABELS, Kind, TenantRef


@require_safe
def platform_home(request: HttpRequest) -> HttpResponse:
    """Return the list of cities with their open sites; anybody may read it."""
    context = {"cities": _cities(), "breadcrumb": [], "meta": [], "canonical_url": selectors.platform_url()}
    return render(request, "platform/home.html", context)


def _cities() -> list[dict[str, Any]]:
    directory = selectors.directory()
    slugs = sorted({(ref.city_slug, ref.city_name) for ref in directory.by_uuid.values() if ref.is_live})
    return [_city(name, [ref for ref in directory.of_city(slug) if ref.is_live]) for slug, name in slugs]


def _city(name: str, sites: list[TenantRef]) -> dict[str, Any]:
    portal = next((ref for ref in sites if ref.kind is Kind.CITY), None)
    return {
        "name": name,
        "portal_url": selectors.site_url(portal) if portal else "",
        "sites": [
            {"name": ref.name, "url": selectors.site_url(ref), "kind_label": KIND_LABELS[ref.kind], "state_label": STATE_LABELS[ref.state]}
            for ref in sites
        ],
    }
