"""The steps of giving a site a further domain, and of taking one from it."""

from provisioning.contract import DomainRequest, StepDefinition, Walk
from provisioning.steps.opening import take_domain
from provisioning.steps.renaming import domains_of, restore_domains
from registry.contract import DomainPurpose
from registry.models import Tenant


def add(walk: Walk[DomainRequest]) -> None:
    """Let the domain lead to the site's primary one.

    Raises:
        DomainError: another site took it since the request was checked.

    """
    tenant = _remember(walk)
    take_domain(walk.request.domain, tenant, purpose=DomainPurpose.PUBLIC, is_primary=False)
    tenant.domains.filter(domain=walk.request.domain).update(redirect_until=None)  # one left over from another name stays now


def remove(walk: Walk[DomainRequest]) -> None:
    """Take the domain from the site; it leads nowhere then, and another site may have it."""
    _remember(walk).domains.filter(domain=walk.request.domain, is_primary=False).delete()


def put_back(walk: Walk[DomainRequest]) -> None:
    """Give the site exactly the domains it had."""
    restore_domains(Tenant.objects.get(pk=walk.memory["site"]), walk.memory["domains"])


def _remember(walk: Walk[DomainRequest]) -> Tenant:
    tenant = Tenant.objects.get(slug=walk.request.slug)
    walk.memory |= {"site": tenant.pk, "domains": domains_of(tenant)}
    return tenant


ADD_DOMAIN = (StepDefinition("domain", "增加域名", add, put_back, lambda request: f"{request.domain} leads to the site's primary domain"),)
REMOVE_DOMAIN = (StepDefinition("domain", "撤销域名", remove, put_back, lambda request: f"{request.domain} leads nowhere"),)
