"""The steps of opening a site; each may run again after a crash and then changes nothing twice."""

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts.models import User
from memberships import services as memberships
from memberships.contract import Role
from observability.audit import record_audit
from provisioning import cloning
from provisioning.contract import SiteSpec
from registry import selectors
from registry.contract import SCHEMA_PREFIX, DomainPurpose, State
from registry.models import City, Domain, Tenant
from registry.schemas import in_schema_of


@dataclass(frozen=True, slots=True)
class StepDefinition:
    """A step: its name in the journal, what a person reads, and its work, done inside a transaction."""

    name: str
    label: str
    run: Callable[[SiteSpec], None]


def reserve(spec: SiteSpec) -> None:
    """Take the name and the domains; the site exists from here on, unseen by readers."""
    facts = (
        "name",
        "short_name",
        "theme",
        "identifier",
        "organizer",
        "undertaker",
        "contact_phone",
        "contact_address",
        "icp",
        "police_record",
    )
    tenant, _ = Tenant.objects.get_or_create(
        slug=spec.slug,
        defaults={name: getattr(spec, name) for name in facts}
        | {
            "schema_name": schema_name(spec.slug),
            "kind": spec.kind.value,
            "city": City.objects.get(slug=spec.city_slug),
            "region_id": spec.region_code,
        },
    )
    domains = [(primary_domain(spec), DomainPurpose.PUBLIC, True), (f"{spec.slug}.{settings.EDITOR_SUFFIX}", DomainPurpose.EDITOR, True)]
    domains += [(alias, DomainPurpose.PUBLIC, False) for alias in spec.aliases]
    for domain, purpose, is_primary in domains:
        Domain.objects.get_or_create(domain=domain, defaults={"tenant": tenant, "purpose": purpose.value, "is_primary": is_primary})


def schema_name(slug: str) -> str:
    """Return the schema of a site: a prefix keeps it clear of PostgreSQL's own names."""
    return SCHEMA_PREFIX + slug.replace("-", "_")


def primary_domain(spec: SiteSpec) -> str:
    """Return the domain readers use."""
    return spec.domain or f"{spec.slug}.{settings.SITE_SUFFIX}"


def create_schema(spec: SiteSpec) -> None:
    """Make the site's tables."""
    name = schema_name(spec.slug)
    if not cloning.has_schema(name):
        cloning.clone(cloning.ensure_template(), name)


def build_pages(spec: SiteSpec) -> None:
    """Let the site's apps make their first rows, see settings.SITE_BUILDERS."""
    tenant = selectors.tenant_by_slug(spec.slug)
    with in_schema_of(tenant):
        for path in settings.SITE_BUILDERS:
            import_string(path)(tenant)


def grant_staff(spec: SiteSpec) -> None:
    """Let the administrator in."""
    if spec.administrator:
        person = User.objects.get(username=spec.administrator)
        memberships.grant(person, Tenant.objects.get(slug=spec.slug), Role.ADMINISTRATOR, by="provisioning")


def go_live(spec: SiteSpec) -> None:
    """Show the site to readers."""
    tenant = Tenant.objects.select_for_update().get(slug=spec.slug)
    if tenant.state != State.PREPARING:
        return
    tenant.state, tenant.opened_at = State.LIVE.value, timezone.now()
    tenant.save(update_fields=["state", "opened_at"])
    record_audit(
        actor="provisioning", action="site.open", subject=spec.slug, tenant_uuid=tenant.uuid, detail={"domain": primary_domain(spec)}
    )


OPEN_SITE = (
    StepDefinition("reserve", "take name and domains", reserve),
    StepDefinition("schema", "make the tables", create_schema),
    StepDefinition("pages", "make home page and columns", build_pages),
    StepDefinition("staff", "let the administrator in", grant_staff),
    StepDefinition("live", "show it to readers", go_live),
)
