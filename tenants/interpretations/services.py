"""Verbs: keep what interpretations explain in step with the library, which both sides are read from, also across sites."""

from library import services as library
from library.contract import Member, RelationKind, Wanted
from registry.selectors import current_tenant
from search.contract import PageKind
from search.models import Projection
from tenants.interpretations.composing import keys_of
from tenants.interpretations.models import InterpretationPage
from tenants.pages.models import DocumentPage


def follow(page: InterpretationPage) -> int:
    """Let the library say what a page explains, in the caller's transaction: nothing while it is not public; return what changed.

    Documents that are not published yet are left out; they are said when they are. A site that is being opened says all of its own.
    """
    tenant = current_tenant()
    if tenant is None:
        return 0
    keys = keys_of(page.interpreted.all(), tenant) if page.live else []
    public = set(Projection.objects.live().filter(pk__in=keys, page_kind=PageKind.DOCUMENT).values_list("pk", flat=True))
    wanted = [Wanted(RelationKind.INTERPRETS, Member.of_key(key)) for key in keys if key in public]
    return library.replace_relations(Member(tenant.uuid, page.pk), wanted, source_title=page.title, kinds=[RelationKind.INTERPRETS])


def forget(page_id: int) -> None:
    """Take back what a deleted page explained, in the caller's transaction."""
    tenant = current_tenant()
    if tenant is not None:
        library.replace_relations(Member(tenant.uuid, page_id), [], source_title="", kinds=[RelationKind.INTERPRETS])


def follow_document(document: DocumentPage) -> None:
    """Let the interpretations that wait for a document say so, now that it is public; in the caller's transaction."""
    for page in InterpretationPage.objects.live().filter(interpreted__document=document.pk).distinct():
        follow(page)
