"""Registers the app."""

from django.apps import AppConfig


class MembershipsConfig(AppConfig):
    """Roles of people at sites; tables in `public` only."""

    name = "memberships"
    verbose_name = "成员"
