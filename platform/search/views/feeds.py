"""A saved search as a feed: the same parameters, the same visibility, newest first."""

import dataclasses

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.decorators import method_decorator
from django.views import View

from search import selectors
from search.contract import Sort
from search.presenting import feed
from search.requests.parameters import NAMES
from search.requests.understanding import understand
from search.views.asking import default_reach, tenant_of
from search.views.limiting import seconds_to_wait

ENTRIES = 20
_SECONDS_TO_KEEP = 300


@method_decorator(transaction.non_atomic_requests, name="dispatch")
class SearchFeed(View):
    """The newest texts of a search, as Atom."""

    http_method_names = ("get", "head", "options")

    def get(self, request: HttpRequest) -> HttpResponse:
        """Return the feed; 304 where nothing changed, 422 where a parameter cannot be right."""
        if wait := seconds_to_wait(request):
            return _plain("请求过于频繁，请稍后再试。", status=429, retry_after=wait)
        tenant = tenant_of(request)
        known = {name: value for name, value in request.GET.dict().items() if name in NAMES - {"page", "size", "sort"}}
        asked = understand(known, tenant=tenant, default_reach=default_reach(tenant))
        if asked.problems:
            return _plain("\n".join(problem.message for problem in asked.problems), status=422)
        newest = dataclasses.replace(asked, question=dataclasses.replace(asked.question, sort=Sort.DATE, page=1, size=ENTRIES))
        try:
            found = selectors.find(newest.question, scope=newest.scope)
        except selectors.SearchDownError:
            return _plain("搜索服务暂时不可用，请稍后再试。", status=503, retry_after=60)
        made = feed.atom(newest, found, tenant=tenant, host=request.build_absolute_uri("/"))
        response = HttpResponse(made.xml, content_type="application/atom+xml; charset=utf-8")
        return _conditional(request, response, made)


def _conditional(request: HttpRequest, response: HttpResponse, made: feed.Made) -> HttpResponse:
    response.headers["ETag"] = made.etag
    response.headers["Cache-Control"] = f"public, max-age={_SECONDS_TO_KEEP}"
    if made.changed_at:
        response.headers["Last-Modified"] = feed.http_date(made.changed_at)
    last = int(made.changed_at.timestamp()) if made.changed_at else None
    return get_conditional_response(request, etag=made.etag, last_modified=last, response=response) or response


def _plain(message: str, *, status: int, retry_after: int = 0) -> HttpResponse:
    response = HttpResponse(message, status=status, content_type="text/plain; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    if retry_after:
        response.headers["Retry-After"] = str(retry_after)
    return response
