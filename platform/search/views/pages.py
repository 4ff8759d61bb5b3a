"""The page of results and the page that describes the API."""

import dataclasses

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.decorators import method_decorator
from django.views import View

from search import correcting, selectors
from search.contract import Found, Place, Question
from search.curation.rules import Rules
from search.presenting.page import Paths, context, last_page_of
from search.requests.understanding import Asked
from search.views.asking import asked_of_page, remember_scope, rules_of, tenant_of
from search.views.visits import note_search

UNAVAILABLE = "搜索服务暂时不可用，请稍后再试。"
_NOTHING = Found(hits=(), total=0, is_exact=True, took_ms=0, is_degraded=True)
_NOT_FOUND, _DOWN = 404, 503


@method_decorator(transaction.non_atomic_requests, name="dispatch")
class SearchPage(View):
    """The page of results; works without JavaScript, every choice is an address."""

    http_method_names = ("get", "head", "options")

    def get(self, request: HttpRequest) -> HttpResponse:
        """Answer a search; what could not be right is said above sane results, a page beyond the last shows the last one as a 404."""
        asked = asked_of_page(request, request.GET.dict())
        found, status = _found(asked, rules_of(tenant_of(request)))
        shown = context(
            asked,
            found,
            tenant=tenant_of(request),
            paths=_paths(request),
            today=timezone.localdate(),
            total_without_filters=_left_out(asked, found),
        )
        if status == _DOWN:
            shown["search"]["errors"].append(UNAVAILABLE)
        shown["search"]["id"] = note_search(request, asked, found, channel="page")
        response = render(request, "search/results.html", shown, status=status)
        response.headers["Cache-Control"] = "no-cache"
        patch_vary_headers(response, ["Cookie"])
        remember_scope(request, response, asked.reach)
        return response


def _found(asked: Asked, rules: Rules) -> tuple[Found, int]:
    """Return the answer and the status it has."""
    try:
        found = correcting.find(asked.question, scope=asked.scope, rules=rules)
        if asked.question.page > (last := last_page_of(asked, found)):
            return correcting.find(dataclasses.replace(asked.question, page=last), scope=asked.scope, rules=rules), _NOT_FOUND
    except selectors.SearchDownError:
        return _NOTHING, _DOWN
    return found, 200


def _left_out(asked: Asked, found: Found) -> int:
    """Return how many texts there are without the reader's choices, where these left nothing."""
    if found.total or found.is_degraded or not asked.question.is_narrowed:
        return 0
    try:
        return selectors.find(Question(text=asked.question.text, place=Place.ALL), scope=asked.scope).total
    except selectors.SearchDownError:
        return 0


def _paths(request: HttpRequest) -> Paths:
    return Paths(page=request.path, feed=reverse("search-feed"), feedback=reverse("search-feedback"), api=reverse("search-api-page"))
