"""Verbs: bring a document's relations into the library, and its validity in step with what others do to it."""

import datetime as dt

from django.db import transaction
from django.utils import timezone
from wagtail.log_actions import log
from wagtail.models import Revision

from library import services as library
from library.contract import Member, RelationKind
from library.selectors import effects_on, standing
from registry.contract import TenantRef
from registry.schemas import in_schema_of
from registry.selectors import current_tenant
from search.contract import Validity
from tenants.pages import services as pages
from tenants.pages.models import DocumentPage

CHANGED = "documents.validity"  # the log's word for a change that nobody typed


def follow(page: DocumentPage) -> None:
    """Bring what a published document says of others into the library, in the caller's transaction; they follow.

    Raises:
        library.contract.RelationError: a relation is refused; nothing is changed.

    """
    tenant = current_tenant()
    if tenant is None:
        return
    wanted = [relation.wanted() for relation in page.relations.all() if relation.target]
    library.replace_relations(Member(tenant.uuid, page.pk), wanted, source_title=page.title)
    settle(tenant, page=page.pk)


@transaction.atomic
def settle(tenant: TenantRef, *, page: int, today: dt.date | None = None) -> bool:
    """Let a document be as much in force as others let it be, on its page and in search; return whether that changed anything."""
    effects = effects_on(Member(tenant.uuid, page), on=today or timezone.localdate())
    with in_schema_of(tenant):
        document = DocumentPage.objects.select_for_update().filter(pk=page).first()
        return document is not None and _settle(document, effects)


def _settle(document: DocumentPage, effects: set[RelationKind]) -> bool:
    own = document.own_validity or document.validity
    wanted = {"validity": standing(Validity(own), effects).value, "own_validity": own if effects else ""}
    return write_validity(document, **wanted)


def write_validity(document: DocumentPage, *, validity: str, own_validity: str) -> bool:
    """Write whether a document is in force onto its page, its newest revision and into search; return whether that changed anything.

    Drafts keep all else that they say: the next publication must not bring back what the document was before.
    """
    before = document.validity
    if (before, document.own_validity) == (validity, own_validity):
        return False
    document.validity, document.own_validity = validity, own_validity
    DocumentPage.objects.filter(pk=document.pk).update(validity=validity, own_validity=own_validity)
    for revision in Revision.objects.filter(pk__in={document.latest_revision_id, document.live_revision_id} - {None}):
        revision.content |= {"validity": validity, "own_validity": own_validity}
        revision.save(update_fields=["content"])
    if before != validity:
        log(document, CHANGED, data={"before": before, "after": validity})
    pages.project(document)
    return True
