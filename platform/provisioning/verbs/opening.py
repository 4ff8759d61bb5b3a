"""Opening a site: what is refused, and when nothing is left to do."""

from django.db import connection

from accounts.models import User
from provisioning import blueprints, cloning
from provisioning.contract import (
    BlueprintRefusedError,
    CityError,
    ClosedError,
    DomainError,
    FilingsError,
    IdentifierError,
    LaterOperationError,
    PersonError,
    RegionError,
    SiteSpec,
    SlugError,
    ThemeError,
    Verb,
)
from provisioning.steps import opening
from provisioning.steps.states import site_picture
from registry.contract import HOST, IDENTIFIER, RESERVED_SLUGS, SLUG, FilingKind, State
from registry.models import City, Domain, Region, Tenant
from registry.selectors import missing_filings
from theming.catalogue import catalogue
from theming.contract import UnknownThemeError


def check(spec: SiteSpec) -> None:
    """Refuse a request that cannot be carried out.

    Raises:
        SlugError, CityError, RegionError, BlueprintRefusedError, ThemeError, DomainError, PersonError, ClosedError: what is wrong.

    """
    check_slug_form(spec.slug)
    city = City.objects.filter(slug=spec.city_slug).first()
    if city is None:
        known = ", ".join(City.objects.values_list("slug", flat=True)) or "none yet"
        raise CityError(f"There is no city {spec.city_slug!r} (cities: {known}). Open it first: manage.py city open.")
    region_of(spec.region_code)
    if (wanted := blueprints.of_spec(spec).kind) != spec.kind.value:
        raise BlueprintRefusedError(f"Blueprint {spec.blueprint!r} is for sites of kind {wanted}, not {spec.kind.value}. Name another.")
    try:
        catalogue().get(spec.theme)
    except UnknownThemeError as error:
        raise ThemeError(str(error)) from error
    if spec.administrator and not User.objects.filter(username=spec.administrator, is_active=True).exists():
        raise PersonError(f"There is no person {spec.administrator!r}. Make the account first: manage.py person create.")
    _check_existing(spec, city)
    _check_identifier(spec)
    for domain in (opening.primary_domain(spec), opening.editor_domain(spec.slug), *spec.aliases):
        check_domain(domain, slug=spec.slug)


def check_opening(spec: SiteSpec) -> None:
    """Refuse what `check` refuses, and a site without its papers.

    Raises:
        FilingsError: which are missing.

    """
    check(spec)
    given = {filing.kind for filing in spec.filings}
    tenant = Tenant.objects.filter(slug=spec.slug).first()
    if tenant is not None and tenant.state not in (State.PREPARING, State.APPROVED):
        return  # open already
    missing = [kind for kind in (missing_filings(tenant) if tenant else FilingKind) if kind not in given]
    if missing and not spec.is_overridden:
        raise FilingsError(opening.filings_message(spec.slug, missing))


def _check_identifier(spec: SiteSpec) -> None:
    identifier = str(opening.facts_of(spec)["identifier"])
    if identifier and not IDENTIFIER.fullmatch(identifier) and not spec.is_overridden:
        raise IdentifierError(
            f"{identifier!r} is no site identifier: ten digits, or bm and eight digits. If it is right all the same, let an officer "
            "answer for it: --override-officer NAME --override-reason WHY."
        )


def check_slug_form(slug: str) -> None:
    """Refuse a slug that is badly formed or reserved.

    Raises:
        SlugError: says which form it must have.

    """
    if not SLUG.fullmatch(slug):
        raise SlugError(f"{slug!r} is no slug. Use 2 to 40 small letters, digits and hyphens, beginning with a letter: xiaodian.")
    if slug in RESERVED_SLUGS:
        raise SlugError(f"{slug!r} is reserved for the platform. Choose another slug.")


def region_of(code: str) -> Region:
    """Return a region by its code.

    Raises:
        RegionError: there is none.

    """
    region = Region.objects.filter(pk=code).first()
    if region is None:
        raise RegionError(f"There is no region {code!r}. Import the divisions first (manage.py region import FILE.csv), or check the code.")
    return region


def check_domain(domain: str, *, slug: str) -> None:
    """Refuse a domain that is badly formed or another site's.

    Raises:
        DomainError: says which.

    """
    if not HOST.fullmatch(domain):
        raise DomainError(f"{domain!r} is no domain name. Use small letters, digits, hyphens and dots: www.xiaodian.gov.cn.")
    holder = Domain.objects.filter(domain=domain).select_related("tenant").first()
    if holder and holder.tenant.slug != slug:
        raise DomainError(f"The domain {domain!r} belongs to {holder.tenant}. Choose another, or take it from that site first.")


def _check_existing(spec: SiteSpec, city: City) -> None:
    tenant = Tenant.objects.filter(slug=spec.slug).first()
    if tenant is None:
        taken = Tenant.objects.filter(schema_name=opening.schema_name(spec.slug)).first()
        if taken:
            raise SlugError(f"The slug {spec.slug!r} is too close to that of {taken}. Choose another slug.")
        return
    if tenant.state in (State.CLOSED, State.PURGED):
        raise ClosedError(f"{tenant} is closed; a closed site is not opened again. Choose another slug.")
    if (tenant.city_id, tenant.region_id, tenant.kind) != (city.pk, spec.region_code, spec.kind.value):
        raise SlugError(f"The slug {spec.slug!r} belongs to {tenant}, region {tenant.region_id}. Choose another slug.")


def is_open(spec: SiteSpec) -> bool:
    """Whether the site is past its opening."""
    return Tenant.objects.filter(slug=spec.slug).exclude(state__in=[State.PREPARING, State.APPROVED]).exists()


def prepare(_spec: SiteSpec) -> None:
    """Bring the template up to date; its migrations cannot run inside a transaction."""
    cloning.ensure_template()


def check_undo(spec: SiteSpec) -> None:
    """Refuse to take an opening back once people worked in the site.

    Raises:
        LaterOperationError: how much they did, and which verb ends such a site.

    """
    with connection.cursor() as cursor:
        schema = Tenant.objects.get(slug=spec.slug).schema_name
        cursor.execute(f'SELECT count(*) FROM "{schema}".wagtailcore_revision WHERE user_id IS NOT NULL')  # noqa: S608 - checked form
        count = cursor.fetchone()[0]
    if count:
        raise LaterOperationError(
            f"The opening of {spec.slug!r} cannot be taken back: people have saved {count} versions of texts. Close it with `site retire`."
        )


OPEN = Verb(
    name="site open",
    label="开通站点",
    request=SiteSpec,
    steps=opening.OPEN_SITE,
    check=check_opening,
    is_done=is_open,
    prepare=prepare,
    check_undo=check_undo,
    picture=site_picture,
)

PREPARE = Verb(
    name="site prepare",
    label="筹建站点",
    request=SiteSpec,
    steps=opening.PREPARE_SITE,
    check=check,
    is_done=lambda spec: Tenant.objects.filter(slug=spec.slug).exists(),
    prepare=prepare,
    check_undo=check_undo,
    picture=site_picture,
)
