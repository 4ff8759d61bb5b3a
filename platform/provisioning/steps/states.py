"""The steps that move a site through its life cycle."""

import datetime as dt
from typing import Protocol, TypeVar
from uuid import UUID

from django.utils import timezone

from provisioning.contract import OfflineRequest, Picture, Request, SiteRequest, StepDefinition, Walk
from registry.contract import State
from registry.models import Domain, Outage, Tenant
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


def end_outages(walk: Walk[SiteRequest]) -> None:
    """Bring a site back that is away, and call off an absence that was announced."""
    now = timezone.now()
    rows = Outage.objects.filter(tenant__slug=walk.request.slug, cancelled_at=None, ends_at__gt=now)
    walk.memory["ended"] = list(rows.values_list("pk", flat=True))
    rows.update(cancelled_at=now)


def renew_outages(walk: Walk[SiteRequest]) -> None:
    """Let the absences stand again."""
    Outage.objects.filter(pk__in=walk.memory["ended"]).update(cancelled_at=None)


END_OUTAGES = StepDefinition("outages", "结束临时下线", end_outages, renew_outages, lambda _request: "ends an announced absence, if any")


def midnight(day: dt.date) -> dt.datetime:
    """Return the first moment of a day where the sites are."""
    return timezone.make_aware(dt.datetime.combine(day, dt.time.min))


def announce(walk: Walk[OfflineRequest]) -> None:
    """Write the absence down; the clock does the rest."""
    request = walk.request
    outage = Outage.objects.create(
        tenant=tenant_of(request.slug),
        starts_at=midnight(request.first_day),
        ends_at=midnight(request.last_day + dt.timedelta(days=1)),
        reason=request.reason,
        announced_at=timezone.now(),
    )
    walk.memory["outage"] = outage.pk


def call_off(walk: Walk[OfflineRequest]) -> None:
    """Take the absence back: one that has begun ends now and counts, one that has not is forgotten."""
    now = timezone.now()
    outage = Outage.objects.filter(pk=walk.memory["outage"])
    if not outage.filter(starts_at__lte=now).update(cancelled_at=now):
        outage.delete()


ANNOUNCE = StepDefinition(
    "announce", "登记临时下线", announce, call_off, lambda request: f"away from {request.first_day} to {request.last_day}, back by itself"
)


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
    away = Outage.objects.filter(tenant=tenant, cancelled_at=None).order_by("starts_at").last()
    offline = f"{away.starts_at.isoformat()} – {away.ends_at.isoformat()}" if away else ""
    facts = {"offline": offline, "slug": tenant.slug, "name": tenant.name, "state": tenant.state, "theme": tenant.theme, "domains": domains}
    return Picture(tenant.uuid, facts)
