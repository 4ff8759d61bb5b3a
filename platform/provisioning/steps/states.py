"""The steps that move a site through its life cycle."""

from typing import Protocol, TypeVar
from uuid import UUID

from provisioning.contract import Picture, Request, StepDefinition, Walk
from registry.contract import State
from registry.models import Domain, Tenant
from registry.services import change_state


class OfSite(Request, Protocol):
    """A request that names a site."""

    @property
    def slug(self) -> str:
        """The site's name on the platform."""


S = TypeVar("S", bound=OfSite)


def tenant_of(slug: str) -> Tenant:
    """Return the row of a site."""
    return Tenant.objects.get(slug=slug)


def move_to(state: State, *, label: str) -> StepDefinition[S]:
    """Return the step that puts a site into a state and remembers the one before."""

    def run(walk: Walk[S]) -> None:
        walk.memory["state_before"] = change_state(tenant_of(walk.request.slug), state).value

    def undo(walk: Walk[S]) -> None:
        change_state(tenant_of(walk.request.slug), State(walk.memory["state_before"]))

    def foresee(request: S) -> str:
        return f"{tenant_of(request.slug).state} → {state.value}"

    return StepDefinition(state.value, label, run, undo, foresee)


def site_picture(subject: str, tenant_uuid: UUID | None) -> Picture:
    """Return what the audit trail says of a site."""
    known = Tenant.objects.filter(uuid=tenant_uuid) if tenant_uuid else Tenant.objects.filter(slug=subject)
    tenant = known.first()
    if tenant is None:
        return Picture()
    domains = [
        f"{row.domain} ({row.purpose}{', primary' if row.is_primary else ''})"
        for row in Domain.objects.filter(tenant=tenant).order_by("domain")
    ]
    facts = {"slug": tenant.slug, "name": tenant.name, "state": tenant.state, "theme": tenant.theme, "domains": domains}
    return Picture(tenant.uuid, facts)
