"""Documents of several sites and what they have to do with each other."""

import datetime as dt
from typing import Any

from django.db import transaction

from library.contract import Member, RelationKind
from library.models import Relation
from registry.contract import TenantRef
from registry.schemas import in_schema_of
from tenants.documents.models import DocumentRelation
from tenants.pages.models import DocumentPage
from tests.factories.pages import publish_document


def document(site: TenantRef, title: str, *, slug: str, **fields: Any) -> Member:
    """Publish a document on a site; it is in force unless it says otherwise."""
    with in_schema_of(site):
        page = publish_document(title, f"{title}的正文。", slug=slug, **({"validity": "in_force"} | fields))
    return Member(site.uuid, page.pk)


def say(
    site: TenantRef, source: Member, *said: tuple[RelationKind, Member] | tuple[RelationKind, Member, dt.date | None], **fields: Any
) -> None:
    """Publish a document again with these relations and no others, as its editor would."""
    with in_schema_of(site), transaction.atomic():
        page = DocumentPage.objects.get(pk=source.page).get_latest_revision_as_object()
        for name, value in fields.items():
            setattr(page, name, value)
        page.relations = [
            DocumentRelation(sort_order=place, kind=kind.value, reference=target.key, target=target.key, effective_on=next(iter(day), None))
            for place, (kind, target, *day) in enumerate(said)
        ]
        page.save_revision().publish()


def validity_of(site: TenantRef, member: Member) -> str:
    """Return what a document's page says of its validity."""
    with in_schema_of(site):
        validity: str = DocumentPage.objects.get(pk=member.page).validity
    return validity


def clear(*sites: TenantRef) -> None:
    """Delete all documents of these sites and all relations, for the next test of a module."""
    Relation.objects.all().delete()
    for site in sites:
        with in_schema_of(site), transaction.atomic():
            for page in DocumentPage.objects.all():
                page.delete()
