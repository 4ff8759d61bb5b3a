"""Registers the app."""

from django.apps import AppConfig


class BlueprintsConfig(AppConfig):
    """Blueprints and where they were applied; tables in `public` only."""

    name = "blueprints"
    verbose_name = "建站蓝本"
