"""Registers the app."""

from django.apps import AppConfig


class RulesConfig(AppConfig):
    """Numbers set by law and rule, dated, with their legal basis and scope; one table in `public`."""

    name = "rules"
    verbose_name = "规则参数"
