"""Translates Wagtail's signals into our verbs; one line each."""

from typing import Any

from wagtail.signals import page_published

from tenants.documents import services
from tenants.pages.models import DocumentPage


def on_published(*, instance: DocumentPage, **_: Any) -> None:
    """A document went live, or a live one changed."""
    services.follow(instance)


def connect() -> None:
    """Connect all receivers; called once at start-up."""
    page_published.connect(on_published, sender=DocumentPage)
