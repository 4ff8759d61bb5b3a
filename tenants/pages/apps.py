"""Registers the app and what it listens to."""

from django.apps import AppConfig
from typing_extensions import override


class PagesConfig(AppConfig):
    """The page types; tables in each site's schema."""

    name = "tenants.pages"
    verbose_name = "页面"

    @override
    def ready(self) -> None:
        """Listen to Wagtail's signals, which is where publishing meets search; give the page types their form."""
        from tenants.pages import forms, receivers  # noqa: PLC0415 - models must be loaded first

        receivers.connect()
        forms.connect()
