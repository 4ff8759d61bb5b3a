"""A site's documents after its rows were put back from an archive: what they say of others, said to the library again."""

import logging

from library.contract import RelationError
from registry.contract import TenantRef
from tenants.documents import services
from tenants.documents.models import DocumentRelation
from tenants.pages.models import DocumentPage

logger = logging.getLogger(__name__)


def relate_site(tenant: TenantRef) -> int:
    """Bring what the library knows of the current site's documents in step with its pages; return how many relations changed.

    What is refused now, such as a relation to a document that is gone, stays with its page and is logged; it stops no restoring.
    """
    said = DocumentPage.objects.filter(live=True, pk__in=DocumentRelation.objects.values("page"))
    count = 0
    for page in said.order_by("pk"):
        try:
            count += services.relate_again(page, tenant)
        except RelationError as error:
            logger.warning("relations of a restored document are refused", extra={"site": tenant.slug, "page": page.pk, "why": str(error)})
    return count
