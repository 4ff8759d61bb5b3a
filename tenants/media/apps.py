"""Registers the app."""

from django.apps import AppConfig


class MediaConfig(AppConfig):
    """Pictures and files; tables in each site's schema, files below its own folder."""

    name = "tenants.media"
    verbose_name = "图片与文件"
