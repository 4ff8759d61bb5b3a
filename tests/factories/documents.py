"""Documents handed to search without pages."""

from typing import Any

from django.db import transaction

from registry.contract import TenantRef
from search import services
from search.contract import Category, PageKind, SearchDocument


def document(site: TenantRef, page_id: int = 1, **fields: Any) -> SearchDocument:
    """Return a policy document of a site; any field can be given."""
    known: dict[str, Any] = {
        "title": "停车管理办法",
        "kind": PageKind.DOCUMENT,
        "category": Category.POLICY,
        "path": "/a/",
        "body": "第一条",
    }
    return SearchDocument(tenant=site, page_id=page_id, **(known | fields))


def publish(*documents: SearchDocument) -> list[int]:
    """Publish documents in one transaction and return their revisions."""
    with transaction.atomic():
        return [services.publish(each) for each in documents]


def withdraw(site: TenantRef, page_id: int = 1) -> None:
    """Withdraw a document in a transaction."""
    with transaction.atomic():
        services.withdraw(site, page_id=page_id)
