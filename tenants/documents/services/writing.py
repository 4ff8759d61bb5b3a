"""Writes facts of a document that nobody typed: onto the live page, into its newest revision, and into search."""

from django.db import transaction
from django.utils import timezone
from wagtail.models import Revision

from registry.selectors import current_tenant
from tenants.pages import services as pages
from tenants.pages.models import DocumentPage
from tenants.sharing import services as sharing


@transaction.atomic
def write(document: DocumentPage, **facts: str) -> bool:
    """Write facts of a document; return whether that changed anything.

    Drafts keep all else that they say: the next publication must not bring back what the document was before.
    """
    changed = {name: value for name, value in facts.items() if getattr(document, name) != value}
    if not changed:
        return False
    for name, value in changed.items():
        setattr(document, name, value)
    DocumentPage.objects.filter(pk=document.pk).update(**changed)
    for revision in Revision.objects.filter(pk__in={document.latest_revision_id, document.live_revision_id} - {None}):
        revision.content |= changed
        revision.save(update_fields=["content"])
    pages.project(document)
    if document.live and (tenant := current_tenant()):
        sharing.follow(document, tenant, now=timezone.now())  # no signal of publishing tells it
    return True
