"""Ends a session that nobody has used for half an hour, on the platform's host and in editors."""

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from observability.audit import record_audit
from registry.contract import Plane, TenantRef

_SEEN = "seen_at"
_STEP_SECONDS = 60.0  # how exactly the last use is known: a session is not written at every request
_EDITING_PINGS = "/admin/editing-sessions/"


class IdleSessionMiddleware:
    """Sign off whoever was away longer than `SESSION_IDLE_SECONDS`; the request goes on as a stranger's."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse], *, now: Callable[[], float] = time.time) -> None:
        self.get_response = get_response
        self._now = now

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Look at the session's last use, and write this one down."""
        plane: Plane | None = getattr(request, "plane", None)
        if plane in (Plane.PLATFORM, Plane.EDITOR) and settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            self._look(request)
        return self.get_response(request)

    def _look(self, request: HttpRequest) -> None:
        now = self._now()
        seen = float(request.session.get(_SEEN, now))
        if now - seen > settings.SESSION_IDLE_SECONDS:
            _sign_off(request)
        elif _is_use(request) and (_SEEN not in request.session or now - seen > _STEP_SECONDS):
            request.session[_SEEN] = now


def _is_use(request: HttpRequest) -> bool:
    """Whether a person asks: not a page that renews itself, nor an open editor in which nothing has been typed."""
    if request.path.startswith(_EDITING_PINGS):
        return bool(request.POST.get("is_editing"))  # what is typed and not saved yet must not be lost
    return "auto" not in request.GET


def _sign_off(request: HttpRequest) -> None:
    name = request.user.get_username()
    site: TenantRef | None = getattr(request, "tenant", None)
    with transaction.atomic():  # before the view's own
        record_audit("session.idle", actor=name, subject=name, tenant_uuid=site.uuid if site else None)
        logout(request)
