"""Takes opinions: one form, no JavaScript, nothing lost on error, a number to keep."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache

from intake.contract import IntakeError, StaleFormError, TooManyError
from intake.views import seconds_to_wait, sender_of
from tenants.consultations import services
from tenants.consultations.composing import RECEIPT
from tenants.consultations.forms import OpinionForm, new_token
from tenants.consultations.models import ConsultationPage, Opinion
from tenants.pages.composing import path_of, readable

REFUSED, TOO_MANY, NOT_NOW = 422, 429, 409


@method_decorator(never_cache, name="dispatch")
class SendOpinion(View):
    """Keeps an opinion on a consultation that is open, and leads back to its page with the receipt."""

    http_method_names = ("get", "post", "head", "options")

    def get(self, request: HttpRequest, page: int) -> HttpResponse:
        """Lead to the consultation, where the form is."""
        return redirect(path_of(_consultation(request, page)))

    def post(self, request: HttpRequest, page: int) -> HttpResponse:
        """Keep the opinion; what cannot be kept is shown again, with what to do."""
        found, form = _consultation(request, page), OpinionForm(request.POST)
        if not services.takes_opinions(found, today=timezone.localdate()):
            return _shown(found, request, status=NOT_NOW, opinion_form=None, not_taken=request.POST.get("text", ""))
        if wait := seconds_to_wait(request, "opinion"):
            refused = _again(found, request, form, ["提交过于频繁，请一分钟后再试；您填写的内容都在。"], status=TOO_MANY)
            refused.headers["Retry-After"] = str(wait)
            return refused
        if not form.is_valid():
            is_stale = "token" in form.errors
            return _again(found, request, form, [str(StaleFormError())] if is_stale else [], renew=is_stale)
        try:
            opinion = _kept(found, request, form)
        except IntakeError as error:
            is_spent = isinstance(error, StaleFormError | services.SentBeforeError)
            status = TOO_MANY if isinstance(error, TooManyError) else REFUSED
            return _again(found, request, form, [str(error)], renew=is_spent, status=status)
        return redirect(f"{path_of(found)}?{urlencode({RECEIPT: opinion.number})}#receipt")


def _kept(page: ConsultationPage, request: HttpRequest, form: OpinionForm) -> Opinion:
    said = {name: form.cleaned_data[name] for name in ("token", "text", "name", "contact")}
    with transaction.atomic():
        return services.receive(page, request.tenant, sender=sender_of(request), now=timezone.now(), **said)  # type: ignore[attr-defined] # ours


def _consultation(request: HttpRequest, number: int) -> ConsultationPage:
    found: ConsultationPage | None = readable(ConsultationPage.objects.filter(pk=number), request).first()
    if found is None:
        raise Http404
    return found


def _again(
    page: ConsultationPage, request: HttpRequest, form: OpinionForm, faults: Sequence[str], *, renew: bool = False, status: int = REFUSED
) -> HttpResponse:
    """Show the form again with all that was typed; a form that was not kept stays the one it is."""
    token = new_token(request.tenant) if renew else request.POST.get("token", "")  # type: ignore[attr-defined] # ours
    return _shown(page, request, status=status, opinion_form=form.shown_on(page, token=token, faults=faults))


def _shown(page: ConsultationPage, request: HttpRequest, *, status: int, **more: Any) -> HttpResponse:
    return TemplateResponse(request, page.get_template(request), page.get_context(request) | more, status=status)
