"""Translates Wagtail's signals into our verbs; one line each."""

from typing import Any

from django.db.models.signals import post_delete
from wagtail.signals import page_published, page_unpublished

from tenants.interpretations import services
from tenants.interpretations.models import InterpretationPage
from tenants.pages.models import DocumentPage


def on_changed(*, instance: InterpretationPage, **_: Any) -> None:
    """An interpretation went live, or changed, or was taken down."""
    services.follow(instance)


def on_deleted(*, instance: InterpretationPage, **_: Any) -> None:
    """An interpretation is gone."""
    services.forget(instance.pk)


def on_document(*, instance: DocumentPage, **_: Any) -> None:
    """A document went live, maybe after its interpretation."""
    services.follow_document(instance)


def connect() -> None:
    """Connect all receivers; called once at start-up."""
    page_published.connect(on_changed, sender=InterpretationPage)
    page_unpublished.connect(on_changed, sender=InterpretationPage)
    post_delete.connect(on_deleted, sender=InterpretationPage)
    page_published.connect(on_document, sender=DocumentPage)
