"""Suggestions while typing, as JSON; for the script of the search box."""

import logging

from django.db import OperationalError, connection, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.decorators import method_decorator
from django.views import View

from registry.contract import TenantRef
from search.analysis.folding import clean_query
from search.contract import QUERY_LENGTH
from search.requests.understanding import understand
from search.suggesting.finding import MOST, Suggested, suggest
from search.views.asking import default_reach, rules_of

__all__ = ["Suggestions"]

logger = logging.getLogger(__name__)

TIMEOUT_MILLISECONDS = 500  # nobody waits longer for a suggestion


@method_decorator(transaction.non_atomic_requests, name="dispatch")
class Suggestions(View):
    """At most MOST texts for what was typed, within the reach of the search beside it; none where nobody answers in time."""

    http_method_names = ("get", "head")

    def get(self, request: HttpRequest) -> HttpResponse:
        """Answer what was typed."""
        tenant: TenantRef | None = request.tenant  # type: ignore[attr-defined] # set by the registry's middleware
        typed = clean_query(request.GET.get("q", ""), length=QUERY_LENGTH)
        asked = understand({"scope": request.GET.get("scope", "")}, tenant=tenant, default_reach=default_reach(tenant))
        try:
            with transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute("SET LOCAL statement_timeout = %s", [TIMEOUT_MILLISECONDS])
                found = suggest(typed, scope=asked.scope, rules=rules_of(tenant))
        except OperationalError as error:
            logger.warning("no suggestions", extra={"reason": str(error).strip()})
            found = []
        return _answer(typed, found[:MOST])


def _answer(typed: str, found: list[Suggested]) -> HttpResponse:
    """Return the list; nobody keeps it, because what is withdrawn must be gone at once."""
    body = {"query": typed, "suggestions": [{"text": each.text, "origin": each.origin.value} for each in found]}
    return JsonResponse(body, json_dumps_params={"ensure_ascii": False}, headers={"Cache-Control": "no-store"})
