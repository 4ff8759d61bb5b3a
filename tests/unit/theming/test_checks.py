"""Start-up checks of the themes."""

import pytest
from django.test import override_settings

from tests.factories.themes import MakeTheme, UseCatalogue
from theming import checks
from theming.catalogue import Catalogue
from theming.contract import BrokenThemeError


@override_settings(DEFAULT_THEME="vermilion", PLATFORM_THEME="azure")
def test_the_installed_themes_pass() -> None:
    assert checks.check_themes(None) == []


@override_settings(DEFAULT_THEME="pink", PLATFORM_THEME="azure")
def test_a_setting_that_names_no_theme_is_reported() -> None:
    (error,) = checks.check_themes(None)

    assert (error.id, error.msg) == ("theming.E002", "DEFAULT_THEME is 'pink', which is no theme.")
    assert error.hint == "Choose one of: azure, base, vermilion."


def test_a_broken_theme_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> Catalogue:
        raise BrokenThemeError("theme.toml: cannot be read")

    monkeypatch.setattr(checks, "catalogue", broken)

    assert [(error.id, error.msg) for error in checks.check_themes(None)] == [("theming.E001", "theme.toml: cannot be read")]


@override_settings(DEFAULT_THEME="lone", PLATFORM_THEME="lone")
def test_the_base_theme_must_be_there(make_theme: MakeTheme, use_catalogue: UseCatalogue) -> None:
    use_catalogue(make_theme("lone"))

    assert [error.id for error in checks.check_themes(None)] == ["theming.E003"]
