"""Registers the app."""

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    """Numbers of what people hand in; one table in `public`."""

    name = "intake"
    verbose_name = "公众提交"
