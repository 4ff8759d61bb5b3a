"""Registers the app."""

from django.apps import AppConfig


class CalendarsConfig(AppConfig):
    """Which days people work, by year and version; tables in `public`."""

    name = "calendars"
    verbose_name = "工作日历"
