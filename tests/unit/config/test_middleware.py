"""Headers by plane."""

from collections.abc import Callable

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from config.middleware import HeadersMiddleware, RedirectMiddleware
from registry.contract import Plane


def respond(plane: Plane | None, *, get_response: Callable[[HttpRequest], HttpResponse] = lambda _: HttpResponse()) -> HttpResponse:
    request = RequestFactory().get("/")
    if plane:
        request.plane = plane  # type: ignore[attr-defined] # ours
    return HeadersMiddleware(get_response)(request)


@pytest.mark.parametrize("plane", [Plane.PLATFORM, Plane.SITE, None])
def test_readers_get_the_strict_policy(plane: Plane | None) -> None:
    response = respond(plane)

    assert "unsafe-inline" not in response["Content-Security-Policy"]
    assert "object-src 'none'" in response["Content-Security-Policy"]
    assert response["Permissions-Policy"] == "camera=(), geolocation=(), microphone=(), payment=()"
    assert "X-Robots-Tag" not in response
    assert "Cache-Control" not in response


def test_editors_get_what_wagtail_needs_and_are_never_kept() -> None:
    response = respond(Plane.EDITOR, get_response=lambda _: HttpResponse(headers={"Cache-Control": "max-age=60"}))

    assert "script-src 'self' 'unsafe-inline'" in response["Content-Security-Policy"]
    assert "form-action 'self' http://platform.localhost:8000;" in response["Content-Security-Policy"]
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert response["Cache-Control"] == "no-store"


def test_a_views_own_policy_stands() -> None:
    response = respond(Plane.PLATFORM, get_response=lambda _: HttpResponse(headers={"Content-Security-Policy": "default-src 'none'"}))

    assert response["Content-Security-Policy"] == "default-src 'none'"


@pytest.mark.parametrize("plane", [Plane.PLATFORM, Plane.EDITOR])
def test_redirects_of_pages_are_looked_up_on_sites_alone(plane: Plane) -> None:
    request = RequestFactory().get("/moved/")
    request.plane = plane  # type: ignore[attr-defined] # ours
    missing = HttpResponse(status=404)

    assert RedirectMiddleware(lambda _: missing)(request) is missing
