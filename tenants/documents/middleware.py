"""Publishing that is refused after the form was checked, such as by an approval, ends with the reason and not with an error page."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from library.contract import RelationError
from tenants.documents import services
from tenants.documents.contract import DocumentError


class RefusedDocuments:
    """Leads back to where the person was; the request's transaction is undone by then."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer a refusal with its words; any other exception is not ours."""
        said = _words(exception) if request.path.startswith("/admin/") else ""
        if not said:
            return None
        messages.error(request, said)
        referer = request.headers.get("Referer", "")
        is_ours = url_has_allowed_host_and_scheme(referer, {request.get_host()}, require_https=request.is_secure())
        return HttpResponseRedirect(referer if is_ours else reverse("wagtailadmin_home"))


def _words(exception: Exception) -> str:
    """Return a refusal of ours in words; nothing for any other exception."""
    if isinstance(exception, IntegrityError):
        return str(services.clash_of(exception)) if services.is_clash(exception) else ""
    if isinstance(exception, ValidationError):
        refused = exception.message_dict.get("index_no", []) if hasattr(exception, "error_dict") else []
        return "；".join(refused)
    return str(exception) if isinstance(exception, (RelationError, DocumentError)) else ""
