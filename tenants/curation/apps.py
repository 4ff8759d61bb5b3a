"""Registers the app."""

from django.apps import AppConfig


class CurationConfig(AppConfig):
    """Screens in each site's editor over search's tables in `public`; no tables of its own."""

    name = "tenants.curation"
    verbose_name = "搜索管理"
