"""Verbs: put the verbs of provisioning into the queue, and the jobs that carry them out."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from jobs.contract import Job, JobRow, NotYetError
from jobs.services import enqueue, job
from provisioning import services as provisioning
from provisioning import verbs
from provisioning.contract import BusyError, Request, Verb
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
