"""Start-up checks: every theme can be used and read, and the themes named by the settings exist."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error

from theming.catalogue import BASE, catalogue
from theming.contract import BrokenThemeError


def check_themes(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001 - Django's signature
    """Report a broken or unreadable theme, and settings that name a theme that does not exist."""
    try:
        themes = catalogue().themes
    except BrokenThemeError as error:
        return [Error(str(error), hint="Mend the theme's files; a theme below the contrast limits is not used.", id="theming.E001")]
    wanted = {"DEFAULT_THEME": getattr(settings, "DEFAULT_THEME", None), "PLATFORM_THEME": getattr(settings, "PLATFORM_THEME", None)}
    errors: list[CheckMessage] = [
        Error(f"{setting} is {name!r}, which is no theme.", hint=f"Choose one of: {', '.join(sorted(themes))}.", id="theming.E002")
        for setting, name in wanted.items()
        if name not in themes
    ]
    if BASE not in themes:
        errors.append(Error("The theme 'base' is missing; every other theme falls back to it.", id="theming.E003"))
    return errors
