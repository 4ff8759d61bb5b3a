"""Registers the app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People; one table in `public` and one in each site's schema, and no foreign key between them."""

    name = "accounts"
    verbose_name = "人员"
