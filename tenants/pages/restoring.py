"""A site's pages after its rows were put back from an archive: their host, and what search knows of them."""

from collections.abc import Iterator

from django.conf import settings
from wagtail.models import Page, PageViewRestriction, Site

from registry.contract import TenantRef
from search import services as search
from search.contract import SearchDocument
from tenants.pages import services
from tenants.pages.models import TextPage


def adopt_site(tenant: TenantRef) -> None:
    """Give the site's record the host and the name of the registry; it may come from another site."""
    for site in Site.objects.filter(is_default_site=True):
        site.hostname, site.port, site.site_name = tenant.primary_domain, settings.PUBLIC_PORT, tenant.name
        site.save()


def project_site(tenant: TenantRef) -> int:
    """Bring all that search knows of the site in step with its pages, in the caller's transaction: what is not there is withdrawn.

    Returns how many pages differed.

    Raises:
        outbox.services.OutsideTransactionError: there is no transaction to be part of.

    """
    shown: set[int] = set()
    changed = search.publish_many(_documents(tenant, shown))
    return changed + search.withdraw_others(tenant, keep=shown)


def _documents(tenant: TenantRef, shown: set[int]) -> Iterator[SearchDocument]:
    restricted = [each.page.path for each in PageViewRestriction.objects.select_related("page")]
    for page in Page.objects.live().order_by("path").specific().iterator(chunk_size=100):
        if isinstance(page, TextPage) and not page.path.startswith(tuple(restricted)):
            shown.add(page.pk)
            yield services.document_of(page, tenant)
