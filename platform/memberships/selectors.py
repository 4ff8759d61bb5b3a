"""Reads: who may enter which site."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Count, Max

from accounts.models import User
from memberships.contract import PlatformRole, Role, SiteLike
from memberships.models import Membership, Officer, SignInFailure
from registry import selectors as registry
from registry.contract import STATE_LABELS, Kind, State, TenantRef
from registry.schemas import in_public


@dataclass(frozen=True, slots=True)
class Place:
    """A site a person works at."""

    site: TenantRef
    role: Role

    @property
    def state_label(self) -> str:
        """Where the site stands, as people read it."""
        return STATE_LABELS[self.site.state]


@dataclass(frozen=True, slots=True)
class Failures:
    """The failed sign-ins with one name."""

    username: str
    count: int
    networks: int
    last_at: datetime


def places_of(person: User) -> list[Place]:
    """Return the sites a person may enter, closed ones left out: by city, the portal first."""
    with in_public():
        roles = dict(Membership.objects.filter(person=person, is_active=True).values_list("tenant_id", "role"))
    sites = [site for site in registry.directory().by_uuid.values() if site.id in roles and site.state not in (State.CLOSED, State.PURGED)]
    return [
        Place(site, Role(roles[site.id]))
        for site in sorted(sites, key=lambda site: (site.city_slug, site.kind is not Kind.CITY, site.region_code, site.slug))
    ]


def place_at(person: User, slug: str) -> Place | None:
    """Return the site of this name if the person may enter it."""
    return next((place for place in places_of(person) if place.site.slug == slug), None)


def members_of(sites: Sequence[SiteLike] | None = None) -> list[Membership]:
    """Return memberships with their persons and sites, by name then site; of every site unless some are given."""
    with in_public():
        rows = Membership.objects.select_related("person", "tenant").order_by("person__username", "tenant__slug")
        return list(rows if sites is None else rows.filter(tenant__in=[site.id for site in sites]))


def people_without_membership() -> list[User]:
    """Return the people who belong to no site."""
    with in_public():
        return list(User.objects.filter(memberships__isnull=True).order_by("username"))


def platform_role_of(person: User) -> PlatformRole | None:
    """Return the active person's role on the platform, if they hold one."""
    with in_public():
        role = Officer.objects.filter(person_id=person.pk, person__is_active=True).values_list("role", flat=True).first()
    return PlatformRole(role) if role else None


def officers() -> list[Officer]:
    """Return who holds a role on the platform, by role then name."""
    with in_public():
        return list(Officer.objects.select_related("person").order_by("role", "person__username"))


def failures_by_name(*, since: datetime) -> list[Failures]:
    """Return the sign-in names with failures since a moment, the most first; among them names that nobody has."""
    with in_public():
        rows = (
            SignInFailure.objects.filter(at__gte=since)
            .values("username")
            .annotate(count=Count("pk"), networks=Count("network", distinct=True), last_at=Max("at"))
            .order_by("-count", "username")
        )
        return [Failures(row["username"], row["count"], row["networks"], row["last_at"]) for row in rows]


def has_shadows(site: SiteLike) -> bool:
    """Return whether the site's schema has a user table of its own; without one, a query there would reach the people in `public`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [f'"{site.schema_name}".{User._meta.db_table}'])
        row = cursor.fetchone()
    return bool(row and row[0])
