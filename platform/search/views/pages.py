"""The search page and the same as JSON, on every site and on the platform's own host."""

import dataclasses
import datetime as dt
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views import View

from registry.contract import Kind, TenantRef
from search import presenting, selectors
from search.contract import Found
from search.curation.current import rules_for
from search.curation.rules import Rules
from search.documents import CHINA
from search.requests import PARAMETERS, Asked, Reach, understand
from search.views.visits import note_search

__all__ = ["SearchAPI", "SearchPage", "default_reach"]

_SECONDS_TO_KEEP = 5  # an API's answer; short, because what is withdrawn must go
_UNAVAILABLE = "搜索服务暂时不可用，请稍后再试。"


def default_reach(tenant: TenantRef | None) -> Reach:
    """Return where a search looks first: at the portal and on the platform everywhere, on any other site in that site."""
    return Reach.CITY if tenant is None or tenant.kind is Kind.CITY else Reach.SITE


def rules_of(tenant: TenantRef | None) -> Rules:
    """Return the editors' rules that a search on a site follows today."""
    return rules_for(tenant, today=dt.datetime.now(CHINA).date())


@method_decorator(transaction.non_atomic_requests, name="dispatch")
class SearchPage(View):
    """The page of results; works without JavaScript, every choice is an address."""

    http_method_names = ("get", "head", "options")

    def get(self, request: HttpRequest) -> HttpResponse:
        """Answer a search; what could not be right is said above sane results, a page beyond the last shows the last one as a 404."""
        tenant: TenantRef | None = request.tenant  # type: ignore[attr-defined] # set by the registry's middleware
        known = {
            name: value for name, value in request.GET.dict().items() if name in PARAMETERS
        }  # others come from trackers and do no harm
        asked = understand(known, tenant=tenant, default_reach=default_reach(tenant))
        status, rules = 200, rules_of(tenant)
        try:
            found = selectors.find(asked.question, scope=asked.scope, rules=rules)
            if asked.question.page > (last := presenting.last_page_of(asked, found)):
                found = selectors.find(dataclasses.replace(asked.question, page=last), scope=asked.scope, rules=rules)
                status = 404
        except selectors.SearchDownError:
            found, status = _NOTHING, 503
        context = presenting.context(asked, found, tenant=tenant, path=request.path, default_reach=default_reach(tenant))
        if status == 503:  # noqa: PLR2004 - http's "unavailable"
            context["search"]["errors"].append(_UNAVAILABLE)
        context["search"]["id"] = note_search(request, asked, found, channel="page")
        response = render(request, "search/results.html", context, status=status)
        response.headers["Cache-Control"] = "no-cache"
        return response


@method_decorator(transaction.non_atomic_requests, name="dispatch")
class SearchAPI(View):
    """The same as JSON, for anybody."""

    http_method_names = ("get", "head")

    def get(self, request: HttpRequest) -> HttpResponse:
        """Answer a search; parameters that cannot be right get 422 and are named."""
        tenant: TenantRef | None = request.tenant  # type: ignore[attr-defined] # set by the registry's middleware
        asked = understand(request.GET.dict(), tenant=tenant, default_reach=default_reach(tenant))
        if asked.problems:
            return _json({"errors": [dataclasses.asdict(problem) for problem in asked.problems]}, status=422)
        return self._answer(request, asked, rules_of(tenant))

    def _answer(self, request: HttpRequest, asked: Asked, rules: Rules) -> HttpResponse:
        try:
            found = selectors.find(asked.question, scope=asked.scope, rules=rules)
        except selectors.SearchDownError:
            return _json({"errors": [{"field": "", "message": _UNAVAILABLE}]}, status=503)
        note_search(request, asked, found, channel="api")
        response = _json(presenting.document(asked, found), status=200)
        response.headers["Cache-Control"] = f"public, max-age={_SECONDS_TO_KEEP}"
        return response


_NOTHING = Found(hits=(), total=0, is_exact=True, took_ms=0, is_degraded=True)


def _json(document: dict[str, Any], *, status: int) -> HttpResponse:
    response = JsonResponse(document, status=status, json_dumps_params={"ensure_ascii": False})
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cache-Control"] = "no-store"
    return response
