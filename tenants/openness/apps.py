"""Registers the app, and what columns of the openness platform show."""

from django.apps import AppConfig
from typing_extensions import override


class OpennessConfig(AppConfig):
    """The openness platform and the duties of columns; tables in each site's schema."""

    name = "tenants.openness"
    verbose_name = "政府信息公开"

    @override
    def ready(self) -> None:
        """Fill the columns of the platform."""
        from tenants.openness.selectors import screens  # noqa: PLC0415 - models must be loaded first
        from tenants.pages.composing import fill_columns  # noqa: PLC0415
        from tenants.pages.contract import ColumnContent, ColumnType  # noqa: PLC0415

        fill_columns(ColumnType.OPENNESS, ColumnContent("openness/front.html", screens.front))
        fill_columns(ColumnType.GUIDE, ColumnContent("openness/guide.html", screens.guide))
        fill_columns(ColumnType.REGULATIONS, ColumnContent("openness/regulations.html", screens.regulations))
        fill_columns(ColumnType.CATALOGUE, ColumnContent("openness/catalogue.html", screens.catalogue))
        fill_columns(ColumnType.ANNUAL_REPORT, ColumnContent("openness/annual_reports.html", screens.annual_reports))
        fill_columns(ColumnType.FOI, ColumnContent("openness/texts.html", screens.application))
