"""Registers the app and what fills columns for consultations."""

from django.apps import AppConfig
from typing_extensions import override


class ConsultationsConfig(AppConfig):
    """Consultations and the opinions people send; tables in each site's schema."""

    name = "tenants.consultations"
    verbose_name = "意见征集"

    @override
    def ready(self) -> None:
        """Fill columns for consultations, give their pages the form, and follow what is published."""
        from tenants.consultations import composing, forms, receivers  # noqa: PLC0415 - models must be loaded first
        from tenants.pages.composing import fill_columns  # noqa: PLC0415 - as above
        from tenants.pages.contract import ColumnContent, ColumnType  # noqa: PLC0415 - as above

        fill_columns(ColumnType.CONSULTATIONS, ColumnContent("consultations/column.html", composing.column))
        forms.connect()
        receivers.connect()
