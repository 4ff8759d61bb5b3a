"""The outermost middleware: gives every request an id, writes one line about it, and tells the audit trail where it comes from."""

import logging
import re
import time
from collections.abc import Callable
from uuid import uuid4

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from observability.addresses import client_address
from observability.audit import acting_from
from observability.logs import request_log_context

HEADER = "X-Request-ID"

logger = logging.getLogger("observability.access")
_VALID = re.compile(r"[A-Za-z0-9._-]{1,64}")


class RequestContextMiddleware:
    """Bind the request id for the logs, send it back, and log how the request ended."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Serve the request inside its log context."""
        started = time.monotonic()
        request_id = _request_id(request)
        request.request_id = request_id  # type: ignore[attr-defined] # ours
        with request_log_context(request, request_id=request_id), acting_from(client_address(request)):
            response = self.get_response(request)
            response[HEADER] = request_id
            _log(request, response, milliseconds=round((time.monotonic() - started) * 1000, 1))
        return response


def _request_id(request: HttpRequest) -> str:
    """Return the id a proxy of ours gave, or a new one; a client's own is not believed."""
    given = request.headers.get(HEADER, "")
    return given if settings.PROXY_COUNT > 0 and _VALID.fullmatch(given) else uuid4().hex


def _log(request: HttpRequest, response: HttpResponse, *, milliseconds: float) -> None:
    if not logger.isEnabledFor(logging.INFO):
        return
    logger.info(
        "request",
        extra={
            "method": request.method,
            "path": request.path,  # without the query: it may hold a ticket or what a citizen typed
            "status": response.status_code,
            "ms": milliseconds,
            "host": request.META.get("HTTP_HOST", "")[:253],
            "address": client_address(request),
        },
    )
