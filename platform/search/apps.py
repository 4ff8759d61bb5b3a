"""Registers the app and its handler with the relay."""

from django.apps import AppConfig
from typing_extensions import override

from observability import doctor, health


class SearchConfig(AppConfig):
    """One search over all sites; projection and index table in `public`."""

    name = "search"
    verbose_name = "检索"

    @override
    def ready(self) -> None:
        """Carry this room's events to the index, and let others look whether that works."""
        from outbox import relay  # noqa: PLC0415 - models exist only now
        from search import checks  # noqa: PLC0415
        from search.analytics import recording  # noqa: PLC0415
        from search.contract import TOPIC  # noqa: PLC0415
        from search.indexing.feed import Feed, look_after_index  # noqa: PLC0415

        relay.register(TOPIC, Feed())
        relay.look_after(look_after_index)
        recording.connect()
        health.register_probe("search", checks.engine_answers, required=False)  # without it PostgreSQL answers
        doctor.register_check("search", checks.check_index)
        doctor.register_check("semantic", checks.check_semantic)
        doctor.register_check("outbox", checks.check_outbox)
