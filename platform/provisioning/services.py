"""The verbs: check a request, then walk its steps. Written once; the command line, the console and tests call these."""

from django.db import transaction

from accounts.models import User
from provisioning import journal, steps
from provisioning.cloning import ensure_template
from provisioning.contract import (
    CityError,
    ClosedError,
    DomainError,
    OnStep,
    Outcome,
    PersonError,
    RegionError,
    SiteSpec,
    SlugError,
    ThemeError,
)
from provisioning.models import Operation
from registry.contract import HOST, RESERVED_SLUGS, SLUG, State
from registry.models import City, Domain, Region, Tenant
from registry.schemas import in_public
from theming.catalogue import catalogue
from theming.contract import UnknownThemeError

OPEN = "site open"


def open_city(slug: str, *, region_code: str) -> tuple[City, bool]:
    """Register a city and make the template its sites are cloned from; returns it and whether it is new.

    Raises:
        SlugError: wrong form, reserved, or another city's.
        RegionError: no such region.

    """
    with in_public():
        _check_slug_form(slug)
        region = _region(region_code)
        ensure_template()
        with transaction.atomic():
            city, created = City.objects.get_or_create(slug=slug, defaults={"name": region.name, "region": region})
        if city.region_id != region_code:
            raise CityError(f"City {slug!r} exists with region {city.region_id}, not {region_code}. Choose another slug.")
    return city, created


def open_site(spec: SiteSpec, *, on_step: OnStep = lambda _report: None) -> Outcome:
    """Open a site, or go on opening it; a second run changes nothing and says so.

    Raises:
        RefusedError: the request is wrong, in one of the ways of `provisioning.contract`; nothing was changed.
        BusyError, StepFailedError: see `journal.run`.

    """
    with in_public():
        check(spec)
        if is_open(spec):
            return Outcome(spec.slug, (), 0.0)
        ensure_template()  # outside any transaction: its migrations cannot run inside one
    return journal.run(OPEN, spec, steps.OPEN_SITE, on_step=on_step)


def is_open(spec: SiteSpec) -> bool:
    """Whether the site was opened to the end before."""
    unfinished = Operation.objects.filter(verb=OPEN, subject=spec.slug).exclude(state=Operation.State.DONE)
    return Tenant.objects.filter(slug=spec.slug).exclude(state=State.PREPARING).exists() and not unfinished.exists()


def check(spec: SiteSpec) -> None:
    """Refuse a request that cannot be carried out.

    Raises:
        SlugError, CityError, RegionError, ThemeError, DomainError, PersonError, ClosedError: what is wrong, and what to do.

    """
    _check_slug_form(spec.slug)
    city = City.objects.filter(slug=spec.city_slug).first()
    if city is None:
        known = ", ".join(City.objects.values_list("slug", flat=True)) or "none yet"
        raise CityError(f"There is no city {spec.city_slug!r} (cities: {known}). Open it first: manage.py city open.")
    _region(spec.region_code)
    try:
        catalogue().get(spec.theme)
    except UnknownThemeError as error:
        raise ThemeError(str(error)) from error
    if spec.administrator and not User.objects.filter(username=spec.administrator, is_active=True).exists():
        raise PersonError(f"There is no person {spec.administrator!r}. Make the account first: manage.py person create.")
    _check_existing(spec, city)
    for domain in (steps.primary_domain(spec), *spec.aliases):
        _check_domain(domain, spec)


def _check_slug_form(slug: str) -> None:
    if not SLUG.fullmatch(slug):
        raise SlugError(f"{slug!r} is no slug. Use 2 to 40 small letters, digits and hyphens, beginning with a letter: xiaodian.")
    if slug in RESERVED_SLUGS:
        raise SlugError(f"{slug!r} is reserved for the platform. Choose another slug.")


def _region(code: str) -> Region:
    region = Region.objects.filter(pk=code).first()
    if region is None:
        raise RegionError(f"There is no region {code!r}. Import the divisions first (manage.py region import FILE.csv), or check the code.")
    return region


def _check_existing(spec: SiteSpec, city: City) -> None:
    tenant = Tenant.objects.filter(slug=spec.slug).first()
    if tenant is None:
        taken = Tenant.objects.filter(schema_name=steps.schema_name(spec.slug)).first()
        if taken:
            raise SlugError(f"The slug {spec.slug!r} is too close to that of {taken}. Choose another slug.")
        return
    if tenant.state == State.CLOSED:
        raise ClosedError(f"{tenant} is closed; a closed site is not opened again. Choose another slug.")
    if (tenant.city_id, tenant.region_id, tenant.kind) != (city.pk, spec.region_code, spec.kind.value):
        raise SlugError(f"The slug {spec.slug!r} belongs to {tenant}, region {tenant.region_id}. Choose another slug.")


def _check_domain(domain: str, spec: SiteSpec) -> None:
    if not HOST.fullmatch(domain):
        raise DomainError(f"{domain!r} is no domain name. Use small letters, digits, hyphens and dots: www.xiaodian.gov.cn.")
    holder = Domain.objects.filter(domain=domain).select_related("tenant").first()
    if holder and holder.tenant.slug != spec.slug:
        raise DomainError(f"The domain {domain!r} belongs to {holder.tenant}. Choose another, or take it from that site first.")
