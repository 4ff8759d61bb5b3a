"""Registers the app and what columns of topics show."""

from django.apps import AppConfig
from typing_extensions import override


class TopicsConfig(AppConfig):
    """Topic pages; tables in each site's schema."""

    name = "tenants.topics"
    verbose_name = "专题"

    @override
    def ready(self) -> None:
        """Fill columns of topics with cards, and give topic pages their form."""
        from tenants.pages.composing import fill_columns  # noqa: PLC0415 - models must be loaded first
        from tenants.pages.composing.front import fill_home  # noqa: PLC0415 - as above
        from tenants.pages.contract import ColumnContent, ColumnType, HomeContent, HomePart  # noqa: PLC0415 - as above
        from tenants.topics import composing, forms  # noqa: PLC0415 - as above

        fill_columns(ColumnType.TOPICS, ColumnContent("includes/topic_cards.html", composing.column))
        fill_home(HomePart.TOPICS, HomeContent("includes/topic_cards.html", composing.on_home))
        forms.connect()
