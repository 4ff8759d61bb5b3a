"""Registers the app."""

from django.apps import AppConfig


class CataloguesConfig(AppConfig):
    """Editions of what must be published, and how far each site is; tables in `public`."""

    name = "catalogues"
    verbose_name = "公开目录"
