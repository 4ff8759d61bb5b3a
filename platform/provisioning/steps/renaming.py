"""The steps of giving a site another slug, another domain, or both; its schema keeps its name, and with it its pictures and files."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

from provisioning.contract import DomainError, RenameRequest, SlugError, StepDefinition, Walk
from provisioning.steps.opening import editor_domain, take_domain
from provisioning.steps.states import midnight
from registry.contract import DomainPurpose
from registry.models import Domain, Tenant
from registry.schemas import in_schema_of
from registry.selectors import tenant_by_slug
from rules.contract import Key, Place
from rules.selectors import end_of
from rules.services import follow_site


def new_domains(request: RenameRequest, tenant: Tenant) -> dict[DomainPurpose, str]:
    """Return the primary domains the site gets; a domain that was made from the slug follows it."""
    wanted = {}
    if request.new_domain:
        wanted[DomainPurpose.PUBLIC] = request.new_domain
    elif request.new_slug and tenant.domains.filter(domain=f"{request.slug}.{settings.SITE_SUFFIX}", is_primary=True).exists():
        wanted[DomainPurpose.PUBLIC] = f"{request.new_slug}.{settings.SITE_SUFFIX}"
    if request.new_slug:
        wanted[DomainPurpose.EDITOR] = editor_domain(request.new_slug)
    return wanted


def reserve(walk: Walk[RenameRequest]) -> None:
    """Take the new domains, which lead to the old ones for now.

    Raises:
        DomainError: another site took one since the request was checked.

    """
    tenant = Tenant.objects.get(slug=walk.request.slug)
    walk.memory |= {"site": tenant.pk, "domains": domains_of(tenant)}
    wanted = new_domains(walk.request, tenant)
    walk.memory["wanted"] = {purpose.value: domain for purpose, domain in wanted.items()}
    for purpose, domain in wanted.items():
        take_domain(domain, tenant, purpose=purpose, is_primary=False)


def give_back(walk: Walk[RenameRequest]) -> None:
    """Give the new domains back."""
    restore_domains(Tenant.objects.get(pk=walk.memory["site"]), walk.memory["domains"])


def switch(walk: Walk[RenameRequest]) -> None:
    """Put the new names in front; the old domains lead to them for as long as the rule says.

    Raises:
        SlugError: another site took the slug since the request was checked.

    """
    tenant = Tenant.objects.select_for_update().get(pk=walk.memory["site"])
    new_slug = walk.request.new_slug or tenant.slug
    if Tenant.objects.filter(slug=new_slug).exclude(pk=tenant.pk).exists():
        raise SlugError(f"The slug {new_slug!r} belongs to another site. Take this back with --rollback, and choose another.")
    _name(tenant, new_slug, walk)
    until = end_of(Key.DOMAIN_JUMP, start=timezone.localdate(), place=Place.of(region_code=tenant.region_id, tenant=tenant.slug))
    for purpose, domain in walk.memory["wanted"].items():
        old = tenant.domains.filter(purpose=purpose, is_primary=True).exclude(domain=domain)
        old.update(is_primary=False, redirect_until=midnight(until))
        tenant.domains.filter(domain=domain).update(is_primary=True, redirect_until=None)
    tell_apps(tenant)


def switch_back(walk: Walk[RenameRequest]) -> None:
    """Put the old names in front again; the new domains lead to them until they are given back."""
    tenant = Tenant.objects.select_for_update().get(pk=walk.memory["site"])
    _name(tenant, walk.request.slug, walk)
    restore_domains(tenant, walk.memory["domains"])
    tell_apps(tenant)


def _name(tenant: Tenant, slug: str, walk: Walk[RenameRequest]) -> None:
    """Give a site another slug; the rules that hold for it alone are found by it, so they follow."""
    before, tenant.slug = tenant.slug, slug
    tenant.save(update_fields=["slug"])
    if before != slug:
        follow_site(before, slug, by=walk.by, address=walk.address)


def tell_apps(tenant: Tenant) -> None:
    """Let the site's apps write its address down anew, see settings.SITE_BUILDERS; what exists stays."""
    ref = tenant_by_slug(tenant.slug)
    with in_schema_of(ref):
        for path in settings.SITE_BUILDERS:
            import_string(path)(ref)


def domains_of(tenant: Tenant) -> list[dict[str, Any]]:
    """Return a site's domains as JSON that `restore_domains` understands."""
    rows = tenant.domains.order_by("domain").values("domain", "purpose", "is_primary", "redirect_until")
    return [row | {"redirect_until": row["redirect_until"].isoformat() if row["redirect_until"] else None} for row in rows]


def restore_domains(tenant: Tenant, kept: list[dict[str, Any]]) -> None:
    """Give a site exactly the domains it had.

    Raises:
        DomainError: another site took one since.

    """
    if taken := Domain.objects.filter(domain__in=[row["domain"] for row in kept]).exclude(tenant=tenant).select_related("tenant").first():
        raise DomainError(f"The domain {taken} belongs to {taken.tenant} by now. Take it from that site first.")
    tenant.domains.exclude(domain__in=[row["domain"] for row in kept]).delete()
    tenant.domains.update(is_primary=False)
    for row in kept:
        until = dt.datetime.fromisoformat(row["redirect_until"]) if row["redirect_until"] else None
        facts = {"tenant": tenant, "purpose": row["purpose"], "is_primary": row["is_primary"], "redirect_until": until}
        Domain.objects.update_or_create(domain=row["domain"], tenant=tenant, defaults=facts)


RENAME_SITE = (
    StepDefinition(
        "reserve",
        "占用新域名",
        reserve,
        give_back,
        lambda request: f"takes {', '.join(new_domains(request, Tenant.objects.get(slug=request.slug)).values()) or 'no domain'}",
    ),
    StepDefinition(
        "switch",
        "启用新名称",
        switch,
        switch_back,
        lambda request: f"{request.slug} → {request.new_slug or request.slug}; the old domains lead to the new ones for a time",
    ),
)
