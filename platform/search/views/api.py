"""The same as JSON, for anybody, and its description for programs and for people."""

import dataclasses
import hashlib
import json
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.decorators import method_decorator
from django.views import View
from typing_extensions import override

from search import correcting, selectors
from search.presenting import answer, description
from search.requests.understanding import Asked, understand
from search.views.asking import default_reach, rules_of, tenant_of
from search.views.limiting import seconds_to_wait
from search.views.visits import note_search

_SECONDS_TO_KEEP = 5  # an answer; short, because what is withdrawn must go
_UNAVAILABLE = "搜索服务暂时不可用，请稍后再试。"
_TOO_MANY = "请求过于频繁，请稍后再试。"


class OpenView(View):
    """Anything programs may read from any origin, without signing on; nothing can be written."""

    http_method_names = ("get", "head", "options")

    @override
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer, and let pages of other origins read it."""
        response = super().dispatch(request, *args, **kwargs)
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Expose-Headers"] = "ETag, Retry-After"
        return response

    @override
    def options(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Say what pages of other origins may do: read."""
        response = HttpResponse(status=204, headers={"Allow": "GET, HEAD, OPTIONS", "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS"})
        response.headers["Access-Control-Allow-Headers"] = "If-None-Match"
        response.headers["Access-Control-Max-Age"] = "86400"
        return response


@method_decorator(transaction.non_atomic_requests, name="dispatch")
class SearchAPI(OpenView):
    """The same as JSON, for anybody."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Answer a search; parameters that cannot be right get 422 and are named, too many requests 429."""
        if wait := seconds_to_wait(request):
            return _problem("", _TOO_MANY, status=429, headers={"Retry-After": str(wait)})
        tenant = tenant_of(request)
        asked = understand(request.GET.dict(), tenant=tenant, default_reach=default_reach(tenant))
        if asked.problems:
            return _json({"errors": [dataclasses.asdict(problem) for problem in asked.problems]}, status=422)
        return self._answer(request, asked)

    def _answer(self, request: HttpRequest, asked: Asked) -> HttpResponse:
        try:
            found = correcting.find(asked.question, scope=asked.scope, rules=rules_of(tenant_of(request)))
        except selectors.SearchDownError:
            return _problem("", _UNAVAILABLE, status=503, headers={"Retry-After": "10"})
        note_search(request, asked, found, channel="api")
        document = answer.document(asked, found, today=timezone.localdate())
        response = _json(document, status=200)
        response.headers["ETag"] = etag = _etag(document)
        response.headers["Cache-Control"] = f"public, max-age={_SECONDS_TO_KEEP}"
        return get_conditional_response(request, etag=etag, response=response) or response


class SearchDescription(OpenView):
    """The API's description as OpenAPI 3.1."""

    def get(self, _request: HttpRequest) -> HttpResponse:
        """Return the description, made of the data that checks requests."""
        response = _json(description.openapi(path=reverse("search-api"), per_minute=settings.SEARCH_REQUESTS_PER_MINUTE), status=200)
        response.headers["Cache-Control"] = "public, max-age=3600"
        return response


class SearchAPIPage(View):
    """The API's description for people."""

    http_method_names = ("get", "head", "options")

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show parameters, an example and the limits."""
        shown = description.page(
            path=request.build_absolute_uri(reverse("search-api")),
            openapi_url=reverse("search-openapi"),
            per_minute=settings.SEARCH_REQUESTS_PER_MINUTE,
        )
        return render(request, "search/api.html", {"api": shown})


def _etag(document: dict[str, Any]) -> str:
    """Return the mark of an answer: the same as long as it says the same, however long it took."""
    said = json.dumps({**document, "took_ms": 0}, ensure_ascii=False, sort_keys=True)
    return f'"{hashlib.sha256(said.encode()).hexdigest()[:32]}"'


def _problem(field: str, message: str, *, status: int, headers: dict[str, str]) -> HttpResponse:
    response = _json({"errors": [{"field": field, "message": message}]}, status=status)
    for name, value in headers.items():
        response.headers[name] = value
    return response


def _json(document: dict[str, Any], *, status: int) -> HttpResponse:
    response = JsonResponse(document, status=status, json_dumps_params={"ensure_ascii": False})
    response.headers["Cache-Control"] = "no-store"
    return response
