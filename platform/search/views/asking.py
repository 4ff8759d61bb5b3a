"""From a request to a question: where a search looks first, and what a browser remembers of that."""

import datetime as dt
from collections.abc import Mapping

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from registry.contract import Kind, TenantRef
from search.curation.current import rules_for
from search.curation.rules import Rules
from search.documents import CHINA
from search.requests.parameters import NAMES, Reach
from search.requests.understanding import Asked, understand

REMEMBERED = "search-scope"  # the cookie: `site` or `city`, nothing else
_HALF_A_YEAR = 180 * 86_400


def tenant_of(request: HttpRequest) -> TenantRef | None:
    """Return the site a request came to; none on the platform's own host."""
    found: TenantRef | None = request.tenant  # type: ignore[attr-defined] # set by the registry's middleware
    return found


def default_reach(tenant: TenantRef | None) -> Reach:
    """Return where a search looks first: at the portal and on the platform everywhere, on any other site in that site."""
    return Reach.CITY if tenant is None or tenant.kind is Kind.CITY else Reach.SITE


def rules_of(tenant: TenantRef | None) -> Rules:
    """Return the editors' rules that a search on a site follows today."""
    return rules_for(tenant, today=dt.datetime.now(CHINA).date())


def asked_of_page(request: HttpRequest, parameters: Mapping[str, str]) -> Asked:
    """Return what a reader asks; unknown parameters come from trackers and do no harm, and the scope chosen last holds."""
    tenant = tenant_of(request)
    known = {name: value for name, value in parameters.items() if name in NAMES}
    return understand(known, tenant=tenant, default_reach=_remembered(request, tenant) or default_reach(tenant))


def remember_scope(request: HttpRequest, response: HttpResponse, reach: Reach) -> None:
    """Let the browser keep the scope a reader chose: one of two words, no person and no query in it."""
    if "scope" in request.GET and tenant_of(request) is not None and request.COOKIES.get(REMEMBERED) != reach.value:
        response.set_cookie(
            REMEMBERED,
            reach.value,
            max_age=_HALF_A_YEAR,
            path="/search/",
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )


def _remembered(request: HttpRequest, tenant: TenantRef | None) -> Reach | None:
    kept = request.COOKIES.get(REMEMBERED, "")
    return Reach(kept) if tenant is not None and kept in set(Reach) else None
