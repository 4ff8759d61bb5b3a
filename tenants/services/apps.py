"""Registers the app, its form, and what columns of services show."""

from django.apps import AppConfig
from typing_extensions import override


class ServicesConfig(AppConfig):
    """Service guides; tables in each site's schema."""

    name = "tenants.services"
    verbose_name = "办事服务"

    @override
    def ready(self) -> None:
        """Fill the columns of this type; show guides with their organ; give the guide its form."""
        from tenants.organs.composing import show_with_organs  # noqa: PLC0415 - models must be loaded first
        from tenants.organs.contract import OrganList  # noqa: PLC0415
        from tenants.pages.composing import fill_columns  # noqa: PLC0415
        from tenants.pages.composing.front import fill_home  # noqa: PLC0415
        from tenants.pages.contract import ColumnContent, ColumnType, HomeContent, HomePart  # noqa: PLC0415
        from tenants.services import forms, selectors  # noqa: PLC0415

        fill_columns(ColumnType.SERVICES, ColumnContent("services/column.html", selectors.entry))
        fill_home(HomePart.SERVICES, HomeContent("includes/topic_cards.html", selectors.on_home))
        show_with_organs(OrganList("办事指南", selectors.of_organ))
        forms.connect()
