"""Registers the app."""

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    """Texts sent from one site to others, and announcements on all of them; tables in `public`."""

    name = "exchange"
    verbose_name = "站间推送"
