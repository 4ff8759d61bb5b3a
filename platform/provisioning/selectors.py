"""Reads for the command line and the console: what a site is and how its opening went."""

from typing import Any

from django.db.models import Q, QuerySet

from provisioning.models import Operation
from registry.models import Domain, Tenant


def site_rows() -> list[dict[str, Any]]:
    """Return every site with its state and primary domain, by city, kind and region."""
    primary = dict(Domain.objects.filter(is_primary=True, purpose="public").values_list("tenant_id", "domain"))
    tenants = Tenant.objects.select_related("city").order_by("city__slug", "kind", "region_id", "slug")
    return [
        {
            "slug": tenant.slug,
            "name": tenant.name,
            "kind": tenant.kind,
            "state": tenant.state,
            "city": tenant.city.slug,
            "domain": primary.get(tenant.pk, ""),
            "theme": tenant.theme,
        }
        for tenant in tenants
    ]


def site_facts(slug: str) -> dict[str, Any] | None:
    """Return all that the registry and the journal know of a site; none when there is no such site."""
    tenant = Tenant.objects.select_related("city", "region").filter(slug=slug).first()
    if tenant is None:
        return None
    return {
        "slug": tenant.slug,
        "uuid": str(tenant.uuid),
        "name": tenant.name,
        "short_name": tenant.short_name,
        "kind": tenant.kind,
        "state": tenant.state,
        "city": tenant.city.slug,
        "region": f"{tenant.region_id} {tenant.region.name}",
        "schema": tenant.schema_name,
        "theme": tenant.theme,
        "identifier": tenant.identifier,
        "opened_at": tenant.opened_at,
        "domains": [
            {"domain": domain.domain, "purpose": domain.purpose, "primary": domain.is_primary}
            for domain in tenant.domains.order_by("domain")
        ],
        "operations": [_operation(operation) for operation in operations_of(tenant)],
    }


def operations_of(tenant: Tenant) -> QuerySet[Operation]:
    """Return all that was done to a site, under whatever name it had then, oldest first."""
    return Operation.objects.filter(Q(tenant_uuid=tenant.uuid) | Q(tenant_uuid=None, subject=tenant.slug)).order_by("number")


def _operation(operation: Operation) -> dict[str, Any]:
    return {
        "number": operation.number,
        "verb": operation.verb,
        "subject": operation.subject,
        "state": operation.state,
        "by": operation.by,
        "started_at": operation.started_at,
        "error": operation.error,
        "steps": [
            {"name": step.name, "state": step.state, "seconds": round(step.seconds, 3), "error": step.error}
            for step in operation.steps.order_by("position")
        ],
    }
