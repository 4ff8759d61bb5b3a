"""Translates Wagtail's signals into our verbs; one line each."""

from typing import Any

from django.apps import AppConfig
from django.db import transaction
from django.db.models.signals import post_delete, post_migrate, post_save
from wagtail.documents import get_document_model
from wagtail.documents.models import AbstractDocument
from wagtail.models import Collection, CollectionViewRestriction, Page, PageViewRestriction
from wagtail.signals import page_published, page_slug_changed, page_unpublished, post_page_move

from registry.schemas import current_schema
from tenants.pages import services

LAST_APP = "taggit"  # roles need the permissions of all apps, which Django makes app by app in the order they are listed


def on_published(*, instance: Page, **_: Any) -> None:
    """A page went live, or a live one changed; a column may have a new address or type, and with it all texts below."""
    services.project(instance)
    if services.is_readdressed(instance) or services.is_reclassified(instance):
        services.project_tree(instance)


def on_unpublished(*, instance: Page, **_: Any) -> None:
    """A page was taken down."""
    services.project(instance)


def on_deleted(*, instance: Page, **_: Any) -> None:
    """A page is gone."""
    services.withdraw(instance.pk)


def on_readdressed(*, instance: Page, **_: Any) -> None:
    """A page, and all below it, has a new address; Wagtail tells of a changed slug only after the transaction."""
    with transaction.atomic():
        services.project_tree(instance)


def on_restricted(*, instance: PageViewRestriction, **_: Any) -> None:
    """Who may read a page, and all below it, changed."""
    services.project_tree(instance.page)


def on_file_changed(*, instance: AbstractDocument, **_: Any) -> None:
    """A file was renamed, replaced, moved to another collection, or deleted."""
    with transaction.atomic():
        services.project_pages_with(instance)


def on_collection_restricted(*, instance: CollectionViewRestriction, **_: Any) -> None:
    """Who may read the files of a collection changed."""
    with transaction.atomic():
        services.project_pages_of(instance.collection)


def on_collection_moved(*, instance: Collection, created: bool = False, **_: Any) -> None:
    """A collection may stand below a restricted one now."""
    if not created:
        with transaction.atomic():
            services.project_pages_of(instance)


def on_migrated(*, sender: AppConfig, **_: Any) -> None:
    """A schema was migrated to the end."""
    if sender.label == LAST_APP and current_schema() != "public":
        services.ensure_roles()


def connect() -> None:
    """Connect all receivers; called once at start-up."""
    page_published.connect(on_published)
    page_unpublished.connect(on_unpublished)
    page_slug_changed.connect(on_readdressed)
    post_page_move.connect(on_readdressed)
    post_delete.connect(on_deleted, sender=Page)
    post_save.connect(on_restricted, sender=PageViewRestriction)
    post_delete.connect(on_restricted, sender=PageViewRestriction)
    post_save.connect(on_file_changed, sender=get_document_model())
    post_delete.connect(on_file_changed, sender=get_document_model())
    post_save.connect(on_collection_restricted, sender=CollectionViewRestriction)
    post_delete.connect(on_collection_restricted, sender=CollectionViewRestriction)
    post_save.connect(on_collection_moved, sender=Collection)
    post_migrate.connect(on_migrated)
