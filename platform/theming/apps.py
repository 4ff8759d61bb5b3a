"""Registers theming with Django."""

from django.apps import AppConfig
from django.core.checks import register
from typing_extensions import override

from theming import checks


class ThemingConfig(AppConfig):
    """The looks of all sites; no tables."""

    name = "theming"
    verbose_name = "站点外观"

    @override
    def ready(self) -> None:
        """Register the start-up check of the themes."""
        register(checks.check_themes)
