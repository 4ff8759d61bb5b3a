"""Registers the app."""

from django.apps import AppConfig
from typing_extensions import override


class SharingConfig(AppConfig):
    """The screens and verbs of the exchange between sites; its tables are in `exchange`."""

    name = "tenants.sharing"
    verbose_name = "站间推送"

    @override
    def ready(self) -> None:
        """Listen to what becomes of texts that others were given."""
        from tenants.sharing import receivers  # noqa: PLC0415 - models must be loaded

        receivers.connect()
