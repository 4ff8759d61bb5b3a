"""Registers the app."""

from django.apps import AppConfig


class OversightConfig(AppConfig):
    """Looks at sites as an inspector's crawler does; no tables."""

    name = "oversight"
    verbose_name = "监督检查"
