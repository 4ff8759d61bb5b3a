"""Suspending, resuming, making read-only, taking offline for a time."""

import datetime as dt

from django.db.models import F, QuerySet
from django.utils import timezone

from calendars.contract import UncoveredYearError
from calendars.selectors import WorkingDays
from provisioning.contract import OfflineRequest, RulesError, SiteRequest, StateError, UnknownSiteError, Verb
from provisioning.steps.states import ANNOUNCE, END_OUTAGES, midnight, move_to, site_picture
from registry.contract import MAY_GO_OFFLINE, TRANSITIONS, State, TransitionError
from registry.models import Outage, Tenant
from rules.contract import Key, NoRuleError, Place
from rules.selectors import rule


def site_of(slug: str) -> Tenant:
    """Return a site's row.

    Raises:
        UnknownSiteError: there is none.

    """
    tenant = Tenant.objects.filter(slug=slug).first()
    if tenant is None:
        known = ", ".join(Tenant.objects.order_by("slug").values_list("slug", flat=True)[:20]) or "none yet"
        raise UnknownSiteError(f"There is no site {slug!r}. Sites: {known}.")
    return tenant


def check_move(slug: str, wanted: State) -> None:
    """Refuse a move the life cycle does not know.

    Raises:
        UnknownSiteError, StateError: what is wrong.

    """
    before = State(site_of(slug).state)
    if before is not wanted and wanted not in TRANSITIONS[before]:
        raise StateError(str(TransitionError(slug, before, wanted)))


def _mover(name: str, label: str, wanted: State) -> Verb[SiteRequest]:
    return Verb(
        name=name,
        label=label,
        request=SiteRequest,
        steps=(move_to(wanted, label=label),),
        check=lambda request: check_move(request.slug, wanted),
        is_done=lambda request: site_of(request.slug).state == wanted,
        picture=site_picture,
    )


SUSPEND = _mover("site suspend", "暂停站点", State.SUSPENDED)
READ_ONLY = _mover("site read-only", "转为只读", State.READ_ONLY)


def _waiting_outages(slug: str) -> QuerySet[Outage]:
    return Outage.objects.filter(tenant__slug=slug, cancelled_at=None, ends_at__gt=timezone.now())


RESUME = Verb(
    name="site resume",
    label="恢复访问",
    request=SiteRequest,
    steps=(END_OUTAGES, move_to(State.LIVE, label="恢复访问")),
    check=lambda request: check_move(request.slug, State.LIVE),
    is_done=lambda request: site_of(request.slug).state == State.LIVE and not _waiting_outages(request.slug).exists(),
    picture=site_picture,
)


def check_offline(request: OfflineRequest) -> None:
    """Refuse an absence that is not asked early enough, too long, or one too many; the numbers are rules.

    Raises:
        UnknownSiteError, StateError, RulesError: what is wrong, and what to do.

    """
    tenant = site_of(request.slug)
    if tenant.state not in MAY_GO_OFFLINE:
        raise StateError(f"The site {request.slug!r} is {tenant.state}; only a live or read-only site is taken offline for a time.")
    if not request.reason:
        raise RulesError("Readers are told why the site is away: give --reason.")
    if request.last_day < request.first_day:
        raise RulesError(f"The last day, {request.last_day}, is before the first, {request.first_day}.")
    if is_announced(request):
        return
    try:
        _check_rules(request, tenant, Place.of(region_code=tenant.region_id, tenant=tenant.slug), today=timezone.localdate())
    except (NoRuleError, UncoveredYearError) as error:
        raise RulesError(str(error)) from error


def _check_rules(request: OfflineRequest, tenant: Tenant, place: Place, *, today: dt.date) -> None:
    notice, longest, times = (rule(key, on=today, place=place) for key in (Key.OFFLINE_NOTICE, Key.OFFLINE_LONGEST, Key.OFFLINE_TIMES))
    earliest = WorkingDays().after(today, notice.value)
    if request.first_day < earliest:
        raise RulesError(
            f"Going offline has to be asked {notice.value} working days ahead ({notice.basis}): from today the first day is {earliest}. "
            "In an emergency use `site suspend`."
        )
    days = (request.last_day - request.first_day).days + 1
    if days > longest.value:
        raise RulesError(f"A site may be offline for {longest.value} days at most ({longest.basis}), not {days}.")
    for year in {request.first_day.year, request.last_day.year}:
        before = counted_outages(tenant, year)
        if before >= times.value:
            raise RulesError(f"A site may go offline {times.value} time(s) a year ({times.basis}); in {year} this one has {before}.")


def counted_outages(tenant: Tenant, year: int) -> int:
    """Return how many absences touch a year; one that was called off before it began does not count."""
    first, last = midnight(dt.date(year, 1, 1)), midnight(dt.date(year + 1, 1, 1))
    rows = Outage.objects.filter(tenant=tenant, starts_at__lt=last, ends_at__gt=first)
    return rows.exclude(cancelled_at__lte=F("starts_at")).count()


def is_announced(request: OfflineRequest) -> bool:
    """Whether just this absence is announced already."""
    first, last = midnight(request.first_day), midnight(request.last_day + dt.timedelta(days=1))
    return Outage.objects.filter(tenant__slug=request.slug, starts_at=first, ends_at=last, cancelled_at=None).exists()


OFFLINE = Verb(
    name="site offline",
    label="临时下线",
    request=OfflineRequest,
    steps=(ANNOUNCE,),
    check=check_offline,
    is_done=is_announced,
    picture=site_picture,
)
