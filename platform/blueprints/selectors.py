"""Reads: which blueprint a site was last given, and which sites have which."""

from blueprints.contract import Blueprint, Vocabulary
from blueprints.models import AppliedBlueprint
from blueprints.reading import check_blueprint
from registry.contract import TenantRef


def applied(tenant: TenantRef, *, vocabulary: Vocabulary) -> Blueprint | None:
    """Return what a site was last given; none where nothing was, or where it uses words no longer known."""
    found = AppliedBlueprint.objects.filter(tenant_id=tenant.id).select_related("blueprint").first()
    return check_blueprint(found.blueprint.text, vocabulary=vocabulary)[0] if found else None


def applied_digest(tenant: TenantRef) -> str:
    """Return the digest of what a site was last given; empty where nothing was."""
    return AppliedBlueprint.objects.filter(tenant_id=tenant.id).values_list("blueprint_id", flat=True).first() or ""


def applied_names() -> dict[str, str]:
    """Return the name and version each site was last given, by the site's slug."""
    found = AppliedBlueprint.objects.select_related("blueprint", "tenant")
    return {row.tenant.slug: f"{row.blueprint.name} {row.blueprint.version}" for row in found}
