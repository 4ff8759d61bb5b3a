"""Registers the app."""

from django.apps import AppConfig


class NavigationConfig(AppConfig):
    """Menu, breadcrumb and site map, all read from the page tree; no tables of its own yet."""

    name = "tenants.navigation"
    verbose_name = "导航"
