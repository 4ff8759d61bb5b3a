"""A site's interpretations after its rows were put back from an archive or copied: what they explain, said to the library again."""

from registry.contract import TenantRef
from tenants.interpretations import services
from tenants.interpretations.models import InterpretationPage


def relate_site(_tenant: TenantRef) -> int:
    """Bring what the library knows of the current site's interpretations in step with its pages; return how many relations changed."""
    return sum(services.follow(page) for page in InterpretationPage.objects.order_by("pk"))
