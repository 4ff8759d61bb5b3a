"""Registers the app."""

from django.apps import AppConfig


class OutboxConfig(AppConfig):
    """What changed and still has to reach other systems; one table in `public`."""

    name = "outbox"
    verbose_name = "事件"
