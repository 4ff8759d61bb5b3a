"""Translates Wagtail's signals into our verbs; one line each."""

from typing import Any

from django.db.models.signals import pre_delete
from django.utils import timezone
from wagtail.models import Page
from wagtail.signals import page_published, page_unpublished

from registry.selectors import current_tenant
from tenants.pages.models import TextPage
from tenants.sharing import services


def on_published(*, instance: Page, **_: Any) -> None:
    """A page went live, or a live one changed."""
    if isinstance(instance, TextPage) and (tenant := current_tenant()):
        services.follow(instance, tenant, now=timezone.now())


def on_gone(*, instance: Page, **_: Any) -> None:
    """A page was taken down or is about to be deleted."""
    if tenant := current_tenant():
        services.follow_gone(instance.pk, tenant, now=timezone.now())


def connect() -> None:
    """Listen."""
    page_published.connect(on_published, dispatch_uid="sharing.published")
    page_unpublished.connect(on_gone, dispatch_uid="sharing.unpublished")
    pre_delete.connect(on_gone, sender=Page, dispatch_uid="sharing.deleted")
