"""Translates Wagtail's signals into our verbs; one line each."""

from typing import Any

from django.utils import timezone
from wagtail.models import Page
from wagtail.signals import page_published

from tenants.organs import services
from tenants.organs.models import OrganPage, PowerListPage


def on_published(*, instance: Page, **_: Any) -> None:
    """A power list went live, or a live one changed; or an organ did, whose name its lists have in search."""
    if isinstance(instance, PowerListPage):
        services.keep_version(instance, at=timezone.now())
    elif isinstance(instance, OrganPage):
        services.name_lists(instance)


def connect() -> None:
    """Connect the receiver; called once at start-up."""
    page_published.connect(on_published)
