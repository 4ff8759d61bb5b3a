"""Registers the app, and what columns of new media show."""

from django.apps import AppConfig
from typing_extensions import override


class ChannelsConfig(AppConfig):
    """Accounts kept elsewhere and what they published; tables in each site's schema."""

    name = "tenants.channels"
    verbose_name = "政务新媒体"

    @override
    def ready(self) -> None:
        """Fill the columns of this type."""
        from tenants.channels import selectors  # noqa: PLC0415 - models must be loaded first
        from tenants.pages.composing import fill_columns  # noqa: PLC0415
        from tenants.pages.contract import ColumnContent, ColumnType  # noqa: PLC0415

        fill_columns(ColumnType.NEW_MEDIA, ColumnContent("channels/column.html", selectors.register))
