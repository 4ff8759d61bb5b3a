"""Registers the app and what it listens to."""

from django.apps import AppConfig
from typing_extensions import override


class DocumentsConfig(AppConfig):
    """A site's official documents beyond their text; tables in each site's schema."""

    name = "tenants.documents"
    label = "official_documents"  # Wagtail has an app `wagtaildocs`, and files are called documents there
    verbose_name = "文件库"

    @override
    def ready(self) -> None:
        """Listen to publishing, show relations and downloads with documents, give the editor's form of a document its relations."""
        from tenants.documents import composing, forms, receivers  # noqa: PLC0415 - models must be loaded first
        from tenants.pages.composing import add_to_documents  # noqa: PLC0415 - as above

        add_to_documents(composing.document)
        receivers.connect()
        forms.connect()
