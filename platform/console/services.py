"""Verbs: put long work into the queue, and the jobs that carry it out: the verbs of provisioning, announcements."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.utils import timezone

from exchange import services as exchange
from exchange.contract import NotAnnouncedError
from exchange.selectors import announcement
from jobs.contract import Job, JobRow, NotYetError
from jobs.services import enqueue, job
from provisioning import services as provisioning
from provisioning import verbs
from provisioning.contract import BusyError, Request, Verb
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
    try:
        outcome = provisioning.roll_back(verbs.ALL[payload["verb"]], told.subject, by=told.actor, address=told.address)
    except BusyError as error:
        raise NotYetError(str(error)) from error
    return {"ran": list(outcome.ran)}


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
