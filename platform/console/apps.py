"""Registers the app."""

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    """The pages operations staff run the sites with; the verbs behind them live in `provisioning`."""

    name = "console"
    verbose_name = "运维控制台"
