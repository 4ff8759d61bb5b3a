"""Puts on each request the theme of its site; the public plane wears the platform's."""

import functools
import logging
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from theming.activation import use_theme
from theming.catalogue import BASE, catalogue
from theming.contract import UnknownThemeError

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
