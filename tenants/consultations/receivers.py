"""Translates Wagtail's signals into our verbs; one line each."""

from typing import Any

from django.db.models.signals import post_delete
from django.utils import timezone
from wagtail.signals import page_published, page_unpublished

from tenants.consultations import services
from tenants.consultations.models import ConsultationPage
from tenants.pages.models import DocumentPage


def on_changed(*, instance: ConsultationPage, **_: Any) -> None:
    """A consultation went live, or changed, or was taken down."""
    services.follow(instance, now=timezone.now())


def on_deleted(*, instance: ConsultationPage, **_: Any) -> None:
    """A consultation is gone."""
    services.forget(instance.pk)


def on_document(*, instance: DocumentPage, **_: Any) -> None:
    """A document went live, maybe after the consultation that names it."""
    services.follow_document(instance, now=timezone.now())


def connect() -> None:
    """Connect all receivers; called once at start-up."""
    page_published.connect(on_changed, sender=ConsultationPage)
    page_unpublished.connect(on_changed, sender=ConsultationPage)
    post_delete.connect(on_deleted, sender=ConsultationPage)
    page_published.connect(on_document, sender=DocumentPage)
