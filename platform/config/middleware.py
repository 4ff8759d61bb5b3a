"""What every response carries, and redirects of moved pages; both differ by plane."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from typing_extensions import override
from wagtail.contrib.redirects.middleware import RedirectMiddleware as WagtailRedirectMiddleware

from registry.contract import Plane
from registry.selectors import platform_url


class HeadersMiddleware:
    """Say what a browser may load and keep; a view's own policy stands."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Add the headers of the request's plane."""
        response = self.get_response(request)
        is_editor = getattr(request, "plane", None) is Plane.EDITOR
        response.headers.setdefault("Content-Security-Policy", _editor_policy() if is_editor else settings.PUBLIC_CONTENT_SECURITY_POLICY)
        response.headers.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
        if is_editor:
            response.headers["X-Robots-Tag"] = "noindex, nofollow"
            response.headers["Cache-Control"] = "no-store"
        return response


def _editor_policy() -> str:
    """Return what Wagtail's editor needs: its templates carry inline scripts and styles, and uploads are previewed as blobs.

    Forms may end on the platform's host, where signing out leads.
    """
    return (
        "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
        f"font-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'self' {platform_url('')}; frame-ancestors 'self'"
    )


class RedirectMiddleware(WagtailRedirectMiddleware):
    """Wagtail's redirects of moved pages, on readers' hosts alone: their table is in no other schema."""

    @override
    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Answer a page that is not there with the redirect an editor entered for it."""
        if getattr(request, "plane", None) is not Plane.SITE:
            return response
        redirected: HttpResponse = super().process_response(request, response)
        return redirected
