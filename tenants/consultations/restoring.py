"""A site's consultations after its rows were put back from an archive or copied: what they were drafts of, said to the library again."""

from django.utils import timezone

from registry.contract import TenantRef
from tenants.consultations import services
from tenants.consultations.models import ConsultationPage


def relate_site(_tenant: TenantRef) -> int:
    """Bring what the library knows of the current site's consultations in step with its pages; return how many relations changed."""
    return sum(services.follow(page, now=timezone.now()) for page in ConsultationPage.objects.exclude(final_target="").order_by("pk"))
