"""What happens when a document is published: its number, its relations, its validity."""

from django.utils import timezone

from library import services as library
from library.contract import Member
from registry.contract import Kind, TenantRef
from registry.selectors import current_tenant
from search.contract import DocumentClass
from tenants.documents.contract import NotIssuableError
from tenants.documents.services.numbering import number
from tenants.documents.services.validity import settle
from tenants.pages.models import DocumentPage


def follow(page: DocumentPage) -> None:
    """Bring what a published document says of others into the library, in the caller's transaction; they follow.

    Raises:
        library.contract.RelationError: a relation is refused; nothing is changed.
        NotIssuableError: the site's government may not make such a document.
        TakenNumberError: no index number is free.

    """
    tenant = current_tenant()
    if tenant is None:
        return
    check_issuable(tenant, document_class=page.document_class, issuer=page.issuer, source_url=page.source_url)
    if not page.index_no:
        number(page, today=timezone.localdate())
    relate_again(page, tenant)
    settle(tenant, page=page.pk)


def relate_again(page: DocumentPage, tenant: TenantRef) -> int:
    """Let the library have exactly the relations that a document's page says; return how many changed.

    Raises:
        library.contract.RelationError: a relation is refused; nothing is changed.

    """
    wanted = [relation.wanted() for relation in page.relations.all() if relation.target]
    return library.replace_relations(Member(tenant.uuid, page.pk), wanted, source_title=page.title)


def check_issuable(tenant: TenantRef, *, document_class: str, issuer: str, source_url: str) -> None:
    """Refuse 规章 of a government that may make none: below the city a site may only relay them.

    Raises:
        NotIssuableError: it may not.

    """
    is_own = not source_url or issuer.strip() in {tenant.name, tenant.organizer, tenant.short_name}
    if document_class == DocumentClass.RULE and tenant.kind is not Kind.CITY and is_own:
        raise NotIssuableError
