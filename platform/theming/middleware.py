"""What a request's look depends on: its site's theme, days without colour, traditional characters."""

import functools
import logging
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from registry.contract import Plane
from registry.selectors import PREVIEW, is_grey_preview
from theming.activation import use_theme
from theming.catalogue import BASE, catalogue
from theming.contract import UnknownThemeError
from theming.traditional import PREFIX, in_traditional

logger = logging.getLogger(__name__)


class ThemeMiddleware:
    """Wears `request.tenant.theme` while the request is answered; stands after the middleware that finds the tenant."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request in its site's theme."""
        tenant = getattr(request, "tenant", None)
        wanted = getattr(tenant, "theme", None) or settings.PLATFORM_THEME
        with use_theme(_usable(wanted)):
            return self.get_response(request)


GREY_KEPT = 300  # seconds a copy of a page may be kept where a day without colour is planned; less as it comes nearer


class ColourMiddleware:
    """Keep copies of pages no longer than until colour goes or comes back; stands after the middleware that finds the tenant."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request; say how long the answer holds where that is known. Who has a preview's address sees it without colour."""
        tenant = getattr(request, "tenant", None)
        if tenant is None or getattr(request, "plane", None) is not Plane.SITE:
            return self.get_response(request)
        is_preview = PREVIEW in request.GET and is_grey_preview(tenant, request.GET[PREVIEW])
        request.is_grey_preview = is_preview  # type: ignore[attr-defined] # ours, for the frame
        response = self.get_response(request)
        if is_preview:
            response.headers["Cache-Control"], response.headers["X-Robots-Tag"] = "no-store", "noindex"
            return response
        now = timezone.now()
        if turn := tenant.grey_turn(now):
            seconds = min(GREY_KEPT, int((turn - now).total_seconds()))
            response.headers.setdefault("Cache-Control", f"max-age={seconds}")
        return response


class TraditionalMiddleware:
    """Answers `/hant/…` with the page of the same address in traditional characters; what is no page is passed on as it is."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Take the prefix off, so that the page's own address stays the simplified one, and convert the answer."""
        is_wanted = getattr(request, "plane", None) is Plane.SITE and request.path_info.startswith(f"{PREFIX}/")
        request.is_hant = is_wanted  # type: ignore[attr-defined] # ours, for the templates
        if not is_wanted:
            return self.get_response(request)
        request.path_info = request.path_info.removeprefix(PREFIX)
        request.path = request.path.removeprefix(PREFIX)
        response = self.get_response(request)
        location = response.headers.get("Location", "")
        if location.startswith("/") and not location.startswith("//"):
            response.headers["Location"] = PREFIX + location
        if response.headers.get("Content-Type", "").startswith("text/html") and not response.streaming:
            response.content = in_traditional(response.text).encode(response.charset)
            response.headers["Content-Language"] = "zh-Hant"
        return response


@functools.lru_cache(maxsize=256)
def _usable(name: str) -> str:
    """The name itself, or the base theme for a name that a tenant's row got wrong: a plain site is better than none.

    Cached so that such a row is reported once a process and not once a request.
    """
    try:
        return catalogue().get(name).name
    except UnknownThemeError as error:
        logger.error("%s The site is served with the theme %r until its record is mended.", error, BASE)  # noqa: TRY400 - no trace wanted
        return BASE
