"""A theme's design tokens as a stylesheet that browsers and nginx may keep for a year: its address carries its digest."""

from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, HttpResponseRedirect
from django.views.decorators.http import require_safe

from theming.catalogue import catalogue
from theming.contract import UnknownThemeError


@require_safe
def tokens_css(request: HttpRequest, name: str, digest: str) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Serve the tokens of theme `name`; an outdated digest leads to the present one, an unknown theme is 404."""
    try:
        sheet = catalogue().stylesheet(name)
    except UnknownThemeError as error:
        return HttpResponseNotFound(f"{error}\n", content_type="text/plain; charset=utf-8")
    if digest != sheet.digest:
        moved = HttpResponseRedirect(sheet.url)
        moved["Cache-Control"] = "no-store"  # during a roll-out both releases answer
        return moved
    response = HttpResponse(sheet.css, content_type="text/css; charset=utf-8")
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
