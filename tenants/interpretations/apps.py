"""Registers the app, what fills columns for interpretations, and what it adds to official documents."""

from django.apps import AppConfig
from typing_extensions import override


class InterpretationsConfig(AppConfig):
    """Interpretations and answers to public opinion; tables in each site's schema."""

    name = "tenants.interpretations"
    verbose_name = "解读回应"

    @override
    def ready(self) -> None:
        """Fill columns for interpretations, show them beside their documents, and ask for them where documents are edited."""
        from tenants.interpretations import composing, forms, receivers  # noqa: PLC0415 - models must be loaded first
        from tenants.pages.composing import add_to_documents, fill_columns  # noqa: PLC0415 - as above
        from tenants.pages.contract import ColumnContent, ColumnType  # noqa: PLC0415 - as above

        fill_columns(ColumnType.INTERPRETATION, ColumnContent("interpretations/column.html", composing.column))
        add_to_documents(composing.of_document)
        forms.connect()
        receivers.connect()
