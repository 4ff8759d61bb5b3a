"""Another slug, another domain: what is refused, and when nothing is left to do."""

from collections.abc import Callable

from provisioning.contract import DomainRequest, RefusedError, RenameRequest, SlugError, StateError, UnknownSiteError, Verb
from provisioning.models import Operation
from provisioning.steps import renaming
from provisioning.steps.states import site_picture
from provisioning.verbs.domains import is_added, proof_of
from provisioning.verbs.opening import check_domain, check_slug_form
from provisioning.verbs.states import site_of
from registry.contract import DomainPurpose, State
from registry.models import Tenant
from rules.selectors import rules_of_site

NAME = "site rename"


def check(request: RenameRequest) -> None:
    """Refuse a name that cannot be had.

    Raises:
        UnknownSiteError, StateError, SlugError, DomainError, RefusedError: what is wrong, and what to do.

    """
    if not request.new_slug and not request.new_domain:
        raise RefusedError("Renaming needs a new slug (--slug) or a new domain (--domain).")
    if is_renamed(request):
        return
    tenant = site_of(request.slug)
    if tenant.state in (State.CLOSED, State.PURGED, State.MIGRATING):
        raise StateError(f"The site {request.slug!r} is {tenant.state} and keeps its name.")
    if request.new_slug:
        check_slug_form(request.new_slug)
        if holder := Tenant.objects.filter(slug=request.new_slug).exclude(pk=tenant.pk).first():
            raise SlugError(f"The slug {request.new_slug!r} belongs to {holder}. Choose another.")
        if request.new_slug != tenant.slug and rules_of_site(request.new_slug).exists():
            raise SlugError(
                f"There is no such site, but rules are kept for {request.new_slug!r}: the site would fall under them. Choose another."
            )
    for domain in renaming.new_domains(request, tenant).values():
        check_domain(domain, slug=request.slug)


def ownership(request: RenameRequest) -> Callable[[], None] | None:
    """Return the question whether a domain that the site has not yet is its own."""
    if not request.new_domain or is_added(DomainRequest(request.slug, domain=request.new_domain)):
        return None
    return proof_of(request.new_domain, site_of(request.slug))


def is_renamed(request: RenameRequest) -> bool:
    """Whether the site has the new names already, under its old slug or its new one."""
    tenant = _renamed(request) or Tenant.objects.filter(slug=request.slug).first()
    if tenant is None:
        raise UnknownSiteError(f"There is no site {request.slug!r}.")
    primary = tenant.domains.filter(purpose=DomainPurpose.PUBLIC.value, is_primary=True).values_list("domain", flat=True).first()
    return tenant.slug == (request.new_slug or tenant.slug) and primary == (request.new_domain or primary)


def _renamed(request: RenameRequest) -> Tenant | None:
    """Return the site that had the old slug and was given the new one."""
    before = Operation.objects.filter(verb=NAME, subject=request.slug, state=Operation.State.DONE).order_by("-number").first()
    if before is None or not request.new_slug or Tenant.objects.filter(slug=request.slug).exists():
        return None
    return Tenant.objects.filter(uuid=before.tenant_uuid, slug=request.new_slug).first()


RENAME = Verb(
    name=NAME,
    label="更改站点名称和域名",
    request=RenameRequest,
    steps=renaming.RENAME_SITE,
    check=check,
    outside=ownership,
    is_done=is_renamed,
    also_locks=lambda request: (request.new_slug,) if request.new_slug else (),
    picture=site_picture,
)
