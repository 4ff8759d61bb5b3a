"""Closing a site and removing it for good: what the law and our own rules ask before."""

import datetime as dt

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils import timezone

from provisioning.contract import PurgeRequest, RefusedError, RetireRequest, RulesError, StateError, Verb
from provisioning.steps import closing
from provisioning.steps.states import site_picture
from provisioning.verbs.states import check_move, site_of
from registry.contract import State
from registry.models import Closure
from registry.selectors import tenant_by_slug
from rules.contract import Key, NoRuleError, Place
from rules.selectors import end_of, rule


def check_retire(request: RetireRequest) -> None:
    """Refuse a closing that may not be.

    Raises:
        UnknownSiteError, StateError, RulesError, RefusedError: what is wrong, and what to do.

    """
    if is_closed(request):
        return
    check_move(request.slug, State.MIGRATING)
    if not request.reason:
        raise RefusedError("Closing a site needs its reason: --reason.")
    for url in filter(None, (request.redirect_to, request.notice_url)):
        try:
            URLValidator(schemes=["http", "https"])(url)
        except ValidationError as error:
            raise RefusedError(f"{url!r} is no web address: https://www.example.gov.cn/.") from error
    if not request.notice_url and closing.portal_of(tenant_by_slug(request.slug)) is None:
        raise RefusedError(f"{request.slug!r} has no portal above it to announce the closing. Announce it there, and give --notice-url.")
    _check_announced(request)


def _check_announced(request: RetireRequest) -> None:
    """Where a rule wants the closing announced on the site itself for some time, look whether it was."""
    tenant = site_of(request.slug)
    place = Place.of(region_code=tenant.region_id, tenant=tenant.slug)
    today = timezone.localdate()
    try:
        asked = rule(Key.CLOSING_NOTICE, on=today, place=place)
    except NoRuleError:
        return
    if not request.announced_on:
        raise RulesError(f"{asked.basis}: announce the closing on the site itself first, and give the day: --announced-on YYYY-MM-DD.")
    until = end_of(Key.CLOSING_NOTICE, start=dt.date.fromisoformat(request.announced_on), place=place)
    if today < until:
        raise RulesError(f"{asked.basis}: the notice of {request.announced_on} has to stand until {until}.")


def is_closed(request: RetireRequest | PurgeRequest) -> bool:
    """Whether the site is closed already."""
    return site_of(request.slug).state in (State.CLOSED, State.PURGED)


def check_purge(request: PurgeRequest) -> None:
    """Refuse to remove a site that is not closed, or was closed too lately.

    Raises:
        UnknownSiteError, StateError, RulesError: what is wrong, and what to do.

    """
    tenant = site_of(request.slug)
    if tenant.state == State.PURGED:
        return
    if tenant.state != State.CLOSED:
        raise StateError(f"The site {request.slug!r} is {tenant.state}. Only a closed site can be purged: close it with `site retire`.")
    closure = Closure.objects.get(tenant=tenant)
    now = timezone.now()
    if now < closure.closed_at or timezone.localdate(now) < closure.purge_from:
        raise RulesError(
            f"The site {request.slug!r} was closed on {closure.closed_at:%Y-%m-%d} and can be purged from {closure.purge_from}."
        )


RETIRE = Verb(
    name="site retire",
    label="关停站点",
    request=RetireRequest,
    steps=closing.RETIRE_SITE,
    check=check_retire,
    is_done=is_closed,
    picture=site_picture,
)
PURGE = Verb(
    name="site purge",
    label="清除站点",
    request=PurgeRequest,
    steps=closing.PURGE_SITE,
    check=check_purge,
    is_done=lambda request: site_of(request.slug).state == State.PURGED,
    picture=site_picture,
)
