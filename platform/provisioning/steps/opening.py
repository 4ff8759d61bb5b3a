"""The steps of opening a site; each may run again after a crash and then changes nothing twice, and each knows its way back."""

import shutil
from pathlib import Path

from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts.models import User
from memberships import services as memberships
from memberships.contract import Role
from memberships.models import Membership
from outbox.services import require_transaction
from provisioning import blueprints, cloning
from provisioning.contract import DomainError, FilingsError, SiteSpec, StepDefinition, Walk
from registry import selectors
from registry.contract import FILING_LABELS, IDENTIFIER, SCHEMA_PREFIX, DomainPurpose, FilingKind, State
from registry.models import City, Domain, Tenant
from registry.schemas import in_schema_of
from registry.selectors import missing_filings
from registry.services import change_state, record_filing
from search import services as search

FACTS = (
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
NUMBER_OF = {FilingKind.ICP: "icp", FilingKind.POLICE: "police_record", FilingKind.IDENTIFIER: "identifier"}


def schema_name(slug: str) -> str:
    """Return the schema of a site: a prefix keeps it clear of PostgreSQL's own names."""
    return SCHEMA_PREFIX + slug.replace("-", "_")


def primary_domain(spec: SiteSpec) -> str:
    """Return the domain readers use."""
    return spec.domain or f"{spec.slug}.{settings.SITE_SUFFIX}"


def editor_domain(slug: str) -> str:
    """Return the host of a site's editor."""
    return f"{slug}.{settings.EDITOR_SUFFIX}"


def reserve(walk: Walk[SiteSpec]) -> None:
    """Take the name and the domains; the site exists from here on, unseen by readers.

    Raises:
        DomainError: another site took a domain since the request was checked.

    """
    spec = walk.request
    tenant, walk.memory["made_site"] = Tenant.objects.get_or_create(
        slug=spec.slug,
        defaults=facts_of(spec)
        | {
            "schema_name": schema_name(spec.slug),
            "kind": spec.kind.value,
            "city": City.objects.get(slug=spec.city_slug),
            "region_id": spec.region_code,
        },
    )
    domains = [(primary_domain(spec), DomainPurpose.PUBLIC, True), (editor_domain(spec.slug), DomainPurpose.EDITOR, True)]
    domains += [(alias, DomainPurpose.PUBLIC, False) for alias in spec.aliases]
    walk.memory["made_domains"] = [
        domain for domain, purpose, is_primary in domains if take_domain(domain, tenant, purpose=purpose, is_primary=is_primary)
    ]


def facts_of(spec: SiteSpec) -> dict[str, object]:
    """Return what the footer shows; a number that was not given is that of the paper."""
    numbers = {NUMBER_OF[filing.kind]: filing.number for filing in spec.filings if filing.kind in NUMBER_OF}
    facts = {name: getattr(spec, name) or numbers.get(name, "") for name in FACTS}
    return facts | {"is_identifier_unusual": bool(facts["identifier"]) and not IDENTIFIER.fullmatch(facts["identifier"])}


def take_domain(domain: str, tenant: Tenant, *, purpose: DomainPurpose, is_primary: bool) -> bool:
    """Give a domain to a site and return whether it is new to it.

    Raises:
        DomainError: it belongs to another site.

    """
    row, is_new = Domain.objects.select_related("tenant").get_or_create(
        domain=domain, defaults={"tenant": tenant, "purpose": purpose.value, "is_primary": is_primary}
    )
    if row.tenant_id != tenant.pk:
        raise DomainError(f"The domain {domain!r} belongs to {row.tenant}. Choose another, or take it from that site first.")
    return is_new


def release(walk: Walk[SiteSpec]) -> None:
    """Give the name and the domains back."""
    tenant = Tenant.objects.get(slug=walk.request.slug)
    tenant.domains.filter(domain__in=walk.memory["made_domains"]).delete()
    if walk.memory["made_site"]:
        tenant.delete()


def create_schema(walk: Walk[SiteSpec]) -> None:
    """Make the site's tables."""
    name = schema_name(walk.request.slug)
    walk.memory["made_schema"] = not cloning.has_schema(name)
    if walk.memory["made_schema"]:
        cloning.clone(cloning.ensure_template(), name)


def drop_schema(walk: Walk[SiteSpec]) -> None:
    """Remove the tables and whatever files were put beside them."""
    if walk.memory["made_schema"]:
        cloning.drop(schema_name(walk.request.slug))
        shutil.rmtree(media_folder(schema_name(walk.request.slug)), ignore_errors=True)


def media_folder(schema: str) -> Path:
    """Return where a site's pictures and files lie."""
    return Path(settings.MEDIA_ROOT) / (settings.MULTITENANT_RELATIVE_MEDIA_ROOT % schema)


def build_pages(walk: Walk[SiteSpec]) -> None:
    """Let the site's apps make their first rows, see settings.SITE_BUILDERS; then carry the blueprint into them."""
    tenant = selectors.tenant_by_slug(walk.request.slug)
    with in_schema_of(tenant):
        for path in settings.SITE_BUILDERS:
            import_string(path)(tenant)
    blueprints.shape_new_site(tenant, blueprints.of_spec(walk.request), by=walk.by)


def _foresee_pages(spec: SiteSpec) -> str:
    return f"makes the home page and what blueprint {blueprints.of_spec(spec)} says"


def unpublish_pages(walk: Walk[SiteSpec]) -> None:
    """Take the first pages out of search; their rows go with the tables."""
    require_transaction()
    if walk.memory["made_schema"]:
        search.withdraw_site(selectors.tenant_by_slug(walk.request.slug).uuid)


def grant_staff(walk: Walk[SiteSpec]) -> None:
    """Let the administrator in."""
    spec = walk.request
    if not spec.administrator:
        return
    person, tenant = User.objects.get(username=spec.administrator), Tenant.objects.get(slug=spec.slug)
    before = Membership.objects.filter(person=person, tenant=tenant, is_active=True).first()
    walk.memory["role_before"] = before.role if before else ""
    walk.memory["granted"] = memberships.grant(person, tenant, Role.ADMINISTRATOR, by=walk.by)


def revoke_staff(walk: Walk[SiteSpec]) -> None:
    """Give the administrator back the role held before, or none."""
    spec = walk.request
    if not walk.memory.get("granted"):
        return
    person, tenant = User.objects.get(username=spec.administrator), Tenant.objects.get(slug=spec.slug)
    if before := walk.memory["role_before"]:
        memberships.grant(person, tenant, Role(before), by=walk.by)
    else:
        memberships.revoke(person, tenant, by=walk.by)


def approve(walk: Walk[SiteSpec]) -> None:
    """Take the papers in, and note that the site may be opened.

    Raises:
        FilingsError: some are missing and nobody answers for that.

    """
    spec = walk.request
    tenant = Tenant.objects.get(slug=spec.slug)
    walk.memory["filings"] = [
        filing.kind.value
        for filing in spec.filings
        if record_filing(tenant, kind=filing.kind, number=filing.number, issued_on=filing.issued_on, file=filing.file)
    ]
    missing = missing_filings(tenant)
    if missing and not spec.is_overridden:
        raise FilingsError(filings_message(spec.slug, missing))
    if tenant.state == State.PREPARING:
        change_state(tenant, State.APPROVED)


def take_approval_back(walk: Walk[SiteSpec]) -> None:
    """Return the site to its preparation, and the papers that came with the request."""
    tenant = Tenant.objects.get(slug=walk.request.slug)
    tenant.filings.filter(kind__in=walk.memory["filings"]).delete()
    change_state(tenant, State.PREPARING)


def filings_message(slug: str, missing: list[FilingKind]) -> str:
    """Return which papers are missing, and the two ways out."""
    names = ", ".join(f"{kind.value} ({FILING_LABELS[kind]})" for kind in missing)
    return (
        f"{slug!r} lacks {names}. Give each as --filing KIND:NUMBER:DATE[:FILE], or let an officer answer for it: "
        "--override-officer NAME --override-reason WHY."
    )


def go_live(walk: Walk[SiteSpec]) -> None:
    """Show the site to readers."""
    tenant = Tenant.objects.select_for_update().get(slug=walk.request.slug)
    if tenant.state == State.APPROVED:
        change_state(tenant, State.LIVE)
        Tenant.objects.filter(pk=tenant.pk).update(opened_at=timezone.now())


def go_dark(walk: Walk[SiteSpec]) -> None:
    """Hide the site from readers again."""
    tenant = Tenant.objects.select_for_update().get(slug=walk.request.slug)
    change_state(tenant, State.APPROVED)
    Tenant.objects.filter(pk=tenant.pk).update(opened_at=None)


def _papers(spec: SiteSpec) -> str:
    return f"papers: {len(spec.filings)}" + (f", {spec.override_officer} answers for the rest" if spec.is_overridden else "")


OPEN_SITE = (
    StepDefinition("reserve", "占用标识和域名", reserve, release, lambda spec: f"takes {spec.slug} and {primary_domain(spec)}"),
    StepDefinition("schema", "建立数据表", create_schema, drop_schema, lambda spec: f"makes the tables in {schema_name(spec.slug)}"),
    StepDefinition("pages", "建立首页和栏目", build_pages, unpublish_pages, _foresee_pages),
    StepDefinition("staff", "授权站点管理员", grant_staff, revoke_staff, lambda spec: f"lets {spec.administrator or 'nobody'} in"),
    StepDefinition("approve", "核对开办手续", approve, take_approval_back, lambda spec: f"preparing → approved; {_papers(spec)}"),
    StepDefinition("live", "对公众开放", go_live, go_dark, lambda _spec: "approved → live"),
)
PREPARE_SITE = OPEN_SITE[:4]
