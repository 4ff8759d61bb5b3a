"""What readers say of an answer: one form, no JavaScript, no person."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect

from search.analysis.folding import clean_query
from search.contract import MAX_DEPTH, QUERY_LENGTH
from search.models import Feedback
from search.requests.parameters import Reach
from search.services import keep_feedback
from search.views.asking import tenant_of
from search.views.limiting import seconds_to_wait

PER_MINUTE = 10  # of one address


class FeedbackForm(forms.Form):
    """The answer that is meant, and whether it helped."""

    q = forms.CharField(required=False, max_length=QUERY_LENGTH * 2)
    scope = forms.ChoiceField(choices=[(reach.value, reach.value) for reach in Reach])
    total = forms.IntegerField(min_value=0, max_value=MAX_DEPTH)
    useful = forms.ChoiceField(choices=[("yes", "有用"), ("no", "没有用")])
    reason = forms.ChoiceField(choices=Feedback.Reason.choices, required=False)


@method_decorator([csrf_protect, never_cache], name="dispatch")
class SearchFeedback(View):
    """Shows the form for an answer and keeps what is said of it."""

    http_method_names = ("get", "post", "head", "options")

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the form; what it is about comes in the address."""
        return _page(request, request.GET, "ask")

    def post(self, request: HttpRequest) -> HttpResponse:
        """Keep what is said and give thanks; an answer that is not clear is asked for again."""
        if wait := seconds_to_wait(request, most=PER_MINUTE):
            response = _page(request, request.POST, "too_many", status=429)
            response.headers["Retry-After"] = str(wait)
            return response
        form = FeedbackForm(request.POST)
        if not form.is_valid():
            return _page(request, request.POST, "unclear", status=422)
        said = form.cleaned_data
        keep_feedback(
            tenant_of(request),
            query=clean_query(said["q"], length=QUERY_LENGTH),
            scope=said["scope"],
            total=said["total"],
            is_useful=said["useful"] == "yes",
            reason=Feedback.Reason(said["reason"]) if said["reason"] and said["useful"] == "no" else None,
        )
        return _page(request, request.POST, "thanks")


def _page(request: HttpRequest, given: Any, state: str, *, status: int = 200) -> HttpResponse:
    """Show one state of the page, with the answer that is meant, so that nothing has to be typed again."""
    total = str(given.get("total", ""))
    feedback = {
        "state": state,
        "query": clean_query(str(given.get("q", "")), length=QUERY_LENGTH),
        "scope": Reach.SITE.value if given.get("scope") == Reach.SITE else Reach.CITY.value,
        "total": total if total.isascii() and total.isdigit() and int(total[:9]) <= MAX_DEPTH else "0",
        "reasons": [{"value": value, "label": label} for value, label in Feedback.Reason.choices],
        "action": request.path,
        "back_url": reverse("search"),
    }
    return render(request, "search/feedback.html", {"feedback": feedback}, status=status)
