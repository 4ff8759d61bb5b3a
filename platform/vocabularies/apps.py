"""Registers the app."""

from django.apps import AppConfig


class VocabulariesConfig(AppConfig):
    """Words for all sites; tables in `public`."""

    name = "vocabularies"
    verbose_name = "词表"
