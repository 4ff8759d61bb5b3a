"""Registers the app and its handler with the relay."""

from django.apps import AppConfig
from typing_extensions import override


class SearchConfig(AppConfig):
    """One search over all sites; projection and index table in `public`."""

    name = "search"
    verbose_name = "检索"

    @override
    def ready(self) -> None:
        """Carry this room's events to the index."""
        from outbox import relay  # noqa: PLC0415 - models exist only now
        from search.contract import TOPIC  # noqa: PLC0415
        from search.indexing.feed import Feed  # noqa: PLC0415

        relay.register(TOPIC, Feed())
