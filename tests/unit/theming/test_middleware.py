"""Each request wears the theme of its site."""

import logging
from types import SimpleNamespace

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory, override_settings

from theming import middleware
from theming.activation import current_theme
from theming.middleware import ThemeMiddleware


@pytest.fixture(autouse=True)
def _forget_names() -> None:
    middleware._usable.cache_clear()


def _worn(**attributes: object) -> str:
    request = RequestFactory().get("/")
    for name, value in attributes.items():
        setattr(request, name, value)

    def answer(request: HttpRequest) -> HttpResponse:
        return HttpResponse(current_theme().name)

    return ThemeMiddleware(answer)(request).content.decode()


@override_settings(DEFAULT_THEME="vermilion", PLATFORM_THEME="azure")
def test_a_site_wears_its_theme_and_the_platform_its_own() -> None:
    assert _worn(tenant=SimpleNamespace(theme="vermilion")) == "vermilion"
    assert _worn(tenant=None) == "azure"
    assert _worn() == "azure"
    assert _worn(tenant=SimpleNamespace(theme="")) == "azure"
    assert current_theme().name == "vermilion"


@override_settings(DEFAULT_THEME="vermilion", PLATFORM_THEME="azure")
def test_an_unknown_theme_is_reported_once_and_the_site_stays_up(monkeypatch: pytest.MonkeyPatch) -> None:
    reported: list[str] = []
    monkeypatch.setattr(middleware.logger, "error", lambda message, *arguments: reported.append(message % arguments))

    worn = [_worn(tenant=SimpleNamespace(theme="pink")) for _ in range(3)]

    assert worn == ["base", "base", "base"]
    assert len(reported) == 1
    assert "no theme called 'pink'" in reported[0]
    assert logging.getLogger("theming.middleware") is middleware.logger


def test_the_theme_is_taken_off_when_the_view_fails() -> None:
    def fail(request: HttpRequest) -> HttpResponse:
        raise RuntimeError(current_theme().name)

    request = RequestFactory().get("/")
    request.tenant = SimpleNamespace(theme="azure")  # type: ignore[attr-defined]  # set by the registry's middleware
    with override_settings(DEFAULT_THEME="vermilion"):
        with pytest.raises(RuntimeError, match="azure"):
            ThemeMiddleware(fail)(request)
        assert current_theme().name == "vermilion"
