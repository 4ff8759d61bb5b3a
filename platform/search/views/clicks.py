"""A reader opened a result. The link leads there by itself; the browser says so beside it, and nothing is redirected anywhere."""

import datetime as dt
import re
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from search.analytics import recording
from search.views.visits import visitor_of

__all__ = ["Clicks"]

_DOCUMENT = re.compile(r"[0-9a-f-]{36}:page:\d{1,18}")
_RANK = re.compile(r"\d{1,4}")


@method_decorator([csrf_exempt, transaction.non_atomic_requests], name="dispatch")
class Clicks(View):
    """Takes a search's number, a rank and a document; says nothing back, whatever it was told.

    No token against forged requests: a beacon cannot carry one, no account is involved, and only who searched can click.
    """

    http_method_names = ("post",)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Remember the click, if it can be one."""
        rank, document = request.POST.get("rank", ""), request.POST.get("document", "")
        try:
            search = UUID(request.POST.get("search", ""))
        except ValueError:
            search = None
        if search and _RANK.fullmatch(rank) and 1 <= int(rank) <= recording.DEEPEST_RANK and _DOCUMENT.fullmatch(document):
            recording.note(visitor_of(request), recording.Clicked(search, dt.datetime.now(dt.UTC), int(rank), document))
        return HttpResponse(status=204, headers={"Cache-Control": "no-store"})
