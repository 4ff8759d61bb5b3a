"""Carry a verb out, say what it would do, take it back. Written once; the command line, the console and tests call these."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from django.db import transaction

from observability.audit import record_audit
from provisioning import cloning, domains, journal, verbs
from provisioning.contract import CityError, DomainError, OnStep, Outcome, Plan, PlannedStep, Request, SiteSpec, Verb, silent
from provisioning.domains import DomainFindings
from provisioning.models import DomainCheck
from provisioning.verbs.opening import check_domain, check_slug_form, region_of
from provisioning.verbs.states import site_of
from registry.models import City
from registry.schemas import in_public
from registry.selectors import forget_directory

R = TypeVar("R", bound=Request)


def carry_out(verb: Verb[R], request: R, *, by: str, address: str = "", on_step: OnStep = silent) -> Outcome:
    """Carry a verb out, or go on with it where it stopped; a second run changes nothing and says so.

    `by` is the sign-in name of whoever asks, `system` for the command line; `address` is the client's where there is one.

    Raises:
        RefusedError: the request is wrong, in one of the ways of `provisioning.contract`; nothing was changed.
        BusyError: another process has the subject in hand.
        StepFailedError: a step failed; those before it are kept.

    """
    with in_public(), journal.alone(verb.locks(request)):
        if not _is_begun(verb, request):
            verb.check(request)
            if verb.is_done(request):
                return Outcome(request.subject, (), 0.0)
            if ask := verb.outside(request):
                ask()
            journal.refuse_others(verb, request.subject)
            verb.prepare(request)
        try:
            return journal.run(verb, request, by=by, address=address, on_step=on_step)
        finally:
            forget_directory()


def plan(verb: Verb[R], request: R, *, asks_outside: bool = True) -> Plan:
    """Return what carrying a verb out would do now, and change nothing.

    `asks_outside`: whether DNS and the like are asked already, which may take seconds; else the plan says that they will be.

    Raises:
        RefusedError: it would be refused.

    """
    with in_public():
        done = journal.done_steps(journal.unfinished(verb, request.subject))
        ask = None
        if not done:
            verb.check(request)
            if verb.is_done(request):
                return Plan(verb.name, request.subject, ())
            ask = verb.outside(request)
            if ask and asks_outside:
                ask()
            journal.refuse_others(verb, request.subject)
        steps = [
            PlannedStep(
                step.name, step.label, step.name in done, "" if step.name in done or step.foresee is None else step.foresee(request)
            )
            for step in verb.steps
        ]
    return Plan(verb.name, request.subject, tuple(steps), asks_first=ask is not None and not asks_outside)


def plan_back(verb: Verb[R], subject: str) -> list[str]:
    """Return the steps that taking the last operation back would undo, last first, and change nothing.

    Raises:
        NothingToUndoError, LaterOperationError, IrreversibleError: it would be refused.

    """
    with in_public():
        return [step.name for step in journal.way_back(verb, journal.latest(verb, subject))]


def roll_back(verb: Verb[R], subject: str, *, by: str, address: str = "", on_step: OnStep = silent) -> Outcome:
    """Take the last operation of a verb on a subject back, finished or not; a second run changes nothing.

    Raises:
        NothingToUndoError, LaterOperationError, IrreversibleError: it cannot be taken back; nothing was changed.
        BusyError: another process has the subject in hand.
        StepFailedError: a step's way back failed.

    """
    with in_public():
        locks = verb.locks(verb.request.from_json(journal.latest(verb, subject).request))
        with journal.alone(sorted({*locks, f"{verb.noun} {subject}"})):
            try:
                return journal.roll_back(verb, journal.latest(verb, subject), by=by, address=address, on_step=on_step)
            finally:
                forget_directory()


def _is_begun(verb: Verb[R], request: R) -> bool:
    return bool(journal.done_steps(journal.unfinished(verb, request.subject)))


def open_city(slug: str, *, region_code: str) -> tuple[City, bool]:
    """Register a city and make the template its sites are cloned from; returns it and whether it is new.

    Raises:
        SlugError: wrong form, reserved, or another city's.
        RegionError: no such region.

    """
    with in_public():
        check_slug_form(slug)
        region = region_of(region_code)
        cloning.ensure_template()
        with transaction.atomic():
            city, created = City.objects.get_or_create(slug=slug, defaults={"name": region.name, "region": region})
        if city.region_id != region_code:
            raise CityError(f"City {slug!r} exists with region {city.region_id}, not {region_code}. Choose another slug.")
    return city, created


def open_site(spec: SiteSpec, *, by: str = "system", on_step: OnStep = silent) -> Outcome:
    """Open a site, or go on opening it: `carry_out` with the verb `site open`."""
    return carry_out(verbs.OPEN, spec, by=by, on_step=on_step)


def check_name(slug: str, domain: str) -> str:
    """Return a domain as DNS has it, if it may be looked at for a site; nothing is asked or changed.

    Raises:
        UnknownSiteError: there is no such site.
        DomainError: it is no domain name, or another site's.

    """
    try:
        name = domains.plain(domain)
    except ValueError as error:
        raise DomainError(str(error)) from error
    with in_public():
        check_domain(name, slug=site_of(slug).slug)
    return name


def look_at_domain(
    slug: str, domain: str, *, by: str, now: datetime, look: Callable[..., DomainFindings] = domains.look_at
) -> DomainFindings:
    """Look at a domain for a site, and keep what was found in place of what was found before.

    Raises:
        UnknownSiteError, DomainError: as `check_name`.

    """
    name = check_name(slug, domain)
    with in_public():
        site = site_of(slug)
        found = look(name, tenant_uuid=site.uuid)
        facts = {"ipv4": list(found.ipv4), "ipv6": list(found.ipv6), "is_owned": found.is_owned}
        with transaction.atomic():
            kept = facts | {"is_reached_over_ipv6": found.is_reached_over_ipv6, "checked_at": now, "checked_by": by}
            DomainCheck.objects.update_or_create(tenant_uuid=site.uuid, domain=name, defaults=kept)
            record_audit("domain.checked", actor=by, subject=slug, tenant_uuid=site.uuid, detail={"domain": name} | facts)
    return found
