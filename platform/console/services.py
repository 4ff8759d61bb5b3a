"""Verbs: put long work into the queue, and the jobs that carry it out: the verbs of provisioning, archives, announcements."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from exchange import services as exchange
from exchange.contract import NotAnnouncedError
from exchange.selectors import announcement
from jobs.contract import Job, JobRow, NotYetError
from jobs.services import enqueue, job
from provisioning import importing, restoring, verbs
from provisioning import services as provisioning
from provisioning.backups.contract import Key
from provisioning.contract import BusyError, Plan, Request, Verb
from registry.contract import TenantRef
from registry.selectors import directory


@job
def carry_out(told: Job, payload: Mapping[str, Any]) -> dict[str, Any]:
    """Walk a verb's steps; a second time goes on where the first stopped."""
    verb = verbs.ALL[payload["verb"]]
    try:
        outcome = provisioning.carry_out(verb, verb.request.from_json(dict(payload["request"])), by=told.actor, address=told.address)
    except BusyError as error:
        raise NotYetError(str(error)) from error
    return {"ran": list(outcome.ran)}


@job
def roll_back(told: Job, payload: Mapping[str, Any]) -> dict[str, Any]:
    """Walk a verb's steps back."""
    verb = verbs.ALL[payload["verb"]]
    try:
        if verb is verbs.RESTORE:
            outcome = restoring.roll_back_restore(told.subject, by=told.actor)
        else:
            outcome = provisioning.roll_back(verb, told.subject, by=told.actor, address=told.address)
    except BusyError as error:
        raise NotYetError(str(error)) from error
    return {"ran": list(outcome.ran)}


@job
def restore(told: Job, payload: Mapping[str, Any]) -> dict[str, Any]:
    """Restore a site from an archive that lies here unencrypted; a second time goes on where the first stopped."""
    try:
        outcome = restoring.restore_site(Path(payload["file"]), key=Key(), new_slug=payload["new_slug"], by=told.actor)
    except BusyError as error:
        raise NotYetError(str(error)) from error
    return {"ran": list(outcome.ran)}


@job
def take_in(told: Job, payload: Mapping[str, Any]) -> dict[str, Any]:
    """Prepare a site from an open archive, whole or not at all."""
    try:
        outcome = importing.import_site(Path(payload["file"]), slug=told.subject, city=payload["city"], by=told.actor)
    except BusyError as error:
        raise NotYetError(str(error)) from error
    return {"ran": list(outcome.ran)}


@job
def confirm(told: Job, payload: Mapping[str, Any]) -> dict[str, Any]:
    """Remove what a site was before its last restore; for good."""
    del payload
    try:
        return {"removed": restoring.confirm_restore(told.subject, by=told.actor)}
    except BusyError as error:
        raise NotYetError(str(error)) from error


@job
def look_at(told: Job, payload: Mapping[str, Any]) -> dict[str, Any]:
    """Ask DNS and the net about a domain, and keep what they say."""
    found = provisioning.look_at_domain(told.subject, payload["domain"], by=told.actor, now=timezone.now())
    return {"owned": found.is_owned}


def rehearsed(verb: Verb[Any], make: Callable[[], Request]) -> tuple[Plan, Request]:
    """Return what a verb would do whose request keeps something first, such as a blueprint's text; nothing of it stays.

    The world outside is not asked: a page does not wait for DNS. The job asks before its first step.

    Raises:
        RefusedError: it would be refused.

    """
    with transaction.atomic():
        request = make()
        plan = provisioning.plan(verb, request, asks_outside=False)
        transaction.set_rollback(True)
    return plan, request


def request_restore(file: Path, slug: str, *, new_slug: str, by: str, address: str) -> UUID:
    """Let a site be restored in the background and return the job's id."""
    payload = {"verb": verbs.RESTORE.name, "file": str(file), "new_slug": new_slug}
    return _of_site(restore, verbs.RESTORE.label, new_slug or slug, payload, by=by, address=address)


def request_import(file: Path, slug: str, *, city: str, by: str, address: str) -> UUID:
    """Let a site be prepared from an open archive in the background and return the job's id."""
    payload = {"verb": verbs.IMPORT.name, "file": str(file), "city": city}
    return _of_site(take_in, verbs.IMPORT.label, slug, payload, by=by, address=address)


def request_confirmation(slug: str, *, by: str, address: str) -> UUID:
    """Let what a site was before its last restore be removed in the background and return the job's id."""
    return _of_site(confirm, "确认恢复", slug, {}, by=by, address=address)


def request_look(slug: str, domain: str, *, by: str, address: str) -> UUID:
    """Let a domain be looked at in the background and return the job's id.

    Raises:
        UnknownSiteError, DomainError: it cannot be this site's.

    """
    name = provisioning.check_name(slug, domain)
    return _of_site(look_at, f"检查域名 {name}", slug, {"domain": name}, by=by, address=address)


def _of_site(declared: Any, label: str, slug: str, payload: Mapping[str, Any], *, by: str, address: str) -> UUID:
    tenant = directory().by_slug.get(slug)
    return enqueue(declared, label=label, subject=slug, tenant=tenant, actor=by, address=address, payload=payload)


@job
def announce(told: Job, payload: Mapping[str, Any]) -> dict[str, Any]:
    """Publish a notice on all its sites in one moment, or on none; a second time finds it published."""
    known = directory().by_uuid
    sites = [known[UUID(uuid)] for uuid in payload["sites"]]
    number = UUID(payload["announcement"])
    made = exchange.announce(sites, title=payload["title"], text=payload["text"], by=told.actor, now=timezone.now(), number=number)
    return {"sites": len(made.pages)}


@job
def withdraw(told: Job, payload: Mapping[str, Any]) -> dict[str, Any]:
    """Take a notice down everywhere in one moment."""
    found = announcement(UUID(payload["announcement"]))
    return {"changed": found is not None and exchange.withdraw(found, by=told.actor, now=timezone.now())}


def request_announcement(sites: Sequence[TenantRef], *, number: UUID, title: str, text: str, by: str, address: str) -> UUID:
    """Let a notice be published in the background and return the job's id.

    Raises:
        NotAnnouncedError: it cannot be published everywhere; the reasons by site.

    """
    if reasons := exchange.obstacles(sites):
        raise NotAnnouncedError(reasons)
    payload = {"announcement": str(number), "title": title, "text": text, "sites": [str(site.uuid) for site in sites]}
    return enqueue(announce, label="发布公告", subject=title, tenant=None, actor=by, address=address, payload=payload)


def request_withdrawal(number: UUID, *, title: str, by: str, address: str) -> UUID:
    """Let a notice be taken down everywhere in the background and return the job's id."""
    payload = {"announcement": str(number)}
    return enqueue(withdraw, label="撤下公告", subject=title, tenant=None, actor=by, address=address, payload=payload)


def request_operation(verb: Verb[Any], request: Request, *, by: str, address: str) -> UUID:
    """Let a verb be carried out in the background and return the job's id."""
    payload = {"verb": verb.name, "request": request.as_json()}
    return enqueue(
        carry_out,
        label=verb.label,
        subject=request.subject,
        tenant=directory().by_slug.get(request.subject),
        actor=by,
        address=address,
        payload=payload,
    )


def request_rollback(verb: Verb[Any], subject: str, *, by: str, address: str) -> UUID:
    """Let the last operation of a verb be taken back in the background and return the job's id."""
    return enqueue(
        roll_back,
        label=f"撤销：{verb.label}",
        subject=subject,
        tenant=directory().by_slug.get(subject),
        actor=by,
        address=address,
        payload={"verb": verb.name},
    )


def is_rollback(row: JobRow) -> bool:
    """Whether a job takes something back."""
    return row.name == "roll_back"
