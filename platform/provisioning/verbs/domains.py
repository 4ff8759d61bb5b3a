"""A site's further domains: what is refused, what DNS is asked, and when nothing is left to do."""

from collections.abc import Callable
from functools import partial

from django.conf import settings

from provisioning import domains
from provisioning.contract import DomainError, DomainRequest, NotOwnedError, StateError, Verb
from provisioning.steps.domains import ADD_DOMAIN, REMOVE_DOMAIN
from provisioning.steps.states import site_picture
from provisioning.verbs.opening import check_domain
from provisioning.verbs.states import site_of
from registry.contract import State
from registry.models import Tenant


def check_addition(request: DomainRequest) -> None:
    """Refuse a domain that is badly formed or another site's.

    Raises:
        UnknownSiteError, StateError, DomainError: what is wrong, and what to do.

    """
    _changeable(request.slug)
    check_domain(request.domain, slug=request.slug)


def ownership(request: DomainRequest) -> Callable[[], None] | None:
    """Return the question whether the domain is the site's; none where an officer answers for it."""
    if request.override_officer and request.override_reason:
        return None
    return proof_of(request.domain, site_of(request.slug))


def proof_of(domain: str, site: Tenant) -> Callable[[], None] | None:
    """Return the question whether a domain is a site's; none below the platform's own suffix, whose names are the platform's."""
    return None if domain.endswith(f".{settings.SITE_SUFFIX}") else partial(check_ownership, domain, site)


def _changeable(slug: str) -> Tenant:
    """Return a site whose domains may change: one that is closing, closed or gone keeps its own."""
    site = site_of(slug)
    if site.state in (State.MIGRATING, State.CLOSED, State.PURGED):
        raise StateError(f"The site {slug!r} is {site.state}; its domains stay as they are.")
    return site


def check_ownership(domain: str, site: Tenant) -> None:
    """Ask DNS for the record that only the owner can make; an answer is waited for a few seconds.

    Raises:
        NotOwnedError: it is not there; the message holds the record.

    """
    if domains.is_owned(domain, tenant_uuid=site.uuid):
        return
    record = f"{domains.RECORD}.{domain} TXT {domains.token(domain, tenant_uuid=site.uuid)}"
    raise NotOwnedError(
        f"Nobody has shown that {domain} is the site's. Put this record into its zone: {record}; "
        "or let an officer answer for it: site add-domain --override-officer … --override-reason …."
    )


def is_added(request: DomainRequest) -> bool:
    """Whether the site has the domain, for good."""
    return bool(site_of(request.slug).domains.filter(domain=request.domain, redirect_until=None).exists())


def check_removal(request: DomainRequest) -> None:
    """Refuse a domain that the site needs, or that is another site's.

    Raises:
        UnknownSiteError, StateError, DomainError: what is wrong, and what to do.

    """
    site = _changeable(request.slug)
    check_domain(request.domain, slug=request.slug)
    if site.domains.filter(domain=request.domain, is_primary=True).exists():
        raise DomainError(
            f"{request.domain} is a primary domain of {request.slug!r}. Give it another one first: manage.py site rename --domain."
        )


def is_removed(request: DomainRequest) -> bool:
    """Whether the site is without the domain."""
    return not site_of(request.slug).domains.filter(domain=request.domain).exists()


ADD = Verb(
    name="site add-domain",
    label="增加域名",
    request=DomainRequest,
    steps=ADD_DOMAIN,
    check=check_addition,
    outside=ownership,
    is_done=is_added,
    picture=site_picture,
)
REMOVE = Verb(
    name="site remove-domain",
    label="撤销域名",
    request=DomainRequest,
    steps=REMOVE_DOMAIN,
    check=check_removal,
    is_done=is_removed,
    picture=site_picture,
)
