"""Registers the app."""

from django.apps import AppConfig


class LibraryConfig(AppConfig):
    """What spans the documents of several sites; tables in `public` only."""

    name = "library"
    verbose_name = "文件库"
