"""Registers the app, and its reader of files with the relay."""

from django.apps import AppConfig
from typing_extensions import override


class MediaConfig(AppConfig):
    """Pictures and files; tables in each site's schema, files below its own folder."""

    name = "tenants.media"
    verbose_name = "图片与文件"

    @override
    def ready(self) -> None:
        """Read files for the search when their pages are published."""
        from outbox import relay  # noqa: PLC0415 - models exist only now
        from search.contract import FILE_TOPIC  # noqa: PLC0415
        from tenants.media.relay import AT_ONCE, FileReader  # noqa: PLC0415

        relay.register(FILE_TOPIC, FileReader(), at_once=AT_ONCE)
