"""Registers the app."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """Background jobs in the database, each carrying its site; tables in `public`."""

    name = "jobs"
    verbose_name = "后台任务"
