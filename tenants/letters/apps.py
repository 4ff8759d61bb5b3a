"""Registers the app, and what columns of letters show."""

from django.apps import AppConfig
from typing_extensions import override


class LettersConfig(AppConfig):
    """Letters and published answers; tables in each site's schema."""

    name = "tenants.letters"
    verbose_name = "来信"

    @override
    def ready(self) -> None:
        """Fill the columns of this type."""
        from tenants.letters import selectors  # noqa: PLC0415 - models must be loaded first
        from tenants.pages.composing import fill_columns  # noqa: PLC0415
        from tenants.pages.contract import ColumnContent, ColumnType  # noqa: PLC0415

        fill_columns(ColumnType.LETTERS, ColumnContent("letters/column.html", selectors.column))
