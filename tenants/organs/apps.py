"""Registers the app and what columns of its types show."""

from django.apps import AppConfig
from typing_extensions import override


class OrgansConfig(AppConfig):
    """Organs and their power lists; tables in each site's schema."""

    name = "tenants.organs"
    verbose_name = "机构与权责清单"

    @override
    def ready(self) -> None:
        """Fill the columns for organs, leaders and power lists; keep a version of each published list."""
        from tenants.organs import composing, forms, receivers  # noqa: PLC0415 - models must be loaded first
        from tenants.pages.composing import fill_columns  # noqa: PLC0415 - as above
        from tenants.pages.composing.front import fill_home  # noqa: PLC0415 - as above
        from tenants.pages.contract import ColumnContent, ColumnType, HomeContent, HomePart  # noqa: PLC0415 - as above

        fill_columns(ColumnType.ORGANS, ColumnContent("organs/directory.html", composing.directory))
        fill_columns(ColumnType.LEADERS, ColumnContent("organs/leaders.html", composing.leaders))
        fill_columns(ColumnType.POWERS, ColumnContent("organs/powers.html", composing.overview))
        fill_home(HomePart.LEADERS, HomeContent("includes/topic_cards.html", composing.on_home))
        forms.connect()
        receivers.connect()
