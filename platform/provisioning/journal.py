"""Runs an operation's steps, each committed together with its row in the journal, so that a killed one goes on where it stopped."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import connection, transaction
from django.utils import timezone

from provisioning.contract import BusyError, DifferentRequestError, OnStep, Outcome, SiteSpec, StepFailedError, StepReport
from provisioning.models import Operation, Step
from provisioning.steps import StepDefinition
from registry.schemas import in_public


def run(verb: str, spec: SiteSpec, steps: Sequence[StepDefinition], *, on_step: OnStep) -> Outcome:
    """Run what is left of an operation, in the caller's connection but never inside its transaction.

    Raises:
        BusyError: another process has the site in hand.
        DifferentRequestError: an unfinished operation of this verb asked for something else.
        StepFailedError: a step failed; those before it are kept.

    """
    began = time.monotonic()
    with in_public(), _alone(f"{verb} {spec.slug}"):
        operation = _begin(verb, spec)
        done = set(operation.steps.filter(state=Step.State.DONE).values_list("name", flat=True))
        ran = []
        for position, step in enumerate(steps, start=1):
            seconds = 0.0 if step.name in done else _run_step(operation, position, step, spec)
            if step.name not in done:
                ran.append(step.name)
            on_step(StepReport(verb, spec.slug, step.name, step.label, position, len(steps), seconds, step.name in done))
        operation.state, operation.error, operation.finished_at = Operation.State.DONE, "", timezone.now()
        operation.save(update_fields=["state", "error", "finished_at"])
    return Outcome(spec.slug, tuple(ran), time.monotonic() - began)


@contextmanager
def _alone(name: str) -> Iterator[None]:
    """Hold an advisory lock; it belongs to the database session, so a killed process leaves none behind."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [name])
        if not cursor.fetchone()[0]:
            raise BusyError(f"Another process is at work on {name!r}. Wait for it to end, then run the command again.")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [name])


def _begin(verb: str, spec: SiteSpec) -> Operation:
    request = spec.as_json()
    unfinished = Operation.objects.filter(verb=verb, subject=spec.slug).exclude(state=Operation.State.DONE).first()
    if unfinished is None:
        return Operation.objects.create(verb=verb, subject=spec.slug, request=request)
    if not unfinished.steps.filter(state=Step.State.DONE).exists():
        unfinished.request = request  # nothing was done yet: the new request counts
    elif different := sorted(name for name, value in request.items() if unfinished.request.get(name) != value):
        before = ", ".join(f"{name}={unfinished.request.get(name)!r}" for name in different)
        raise DifferentRequestError(
            f"{spec.slug!r} was begun on {unfinished.started_at:%Y-%m-%d %H:%M} with {before} and not finished. "
            "Repeat it with these to go on.",
        )
    unfinished.state = Operation.State.RUNNING
    unfinished.save(update_fields=["request", "state"])
    return unfinished


def _run_step(operation: Operation, position: int, step: StepDefinition, spec: SiteSpec) -> float:
    began = time.monotonic()
    try:
        with transaction.atomic():
            step.run(spec)
            seconds = time.monotonic() - began
            _record(operation, step.name, position=position, state=Step.State.DONE, seconds=seconds, error="")
    except Exception as error:
        with transaction.atomic():
            _record(operation, step.name, position=position, state=Step.State.FAILED, seconds=time.monotonic() - began, error=str(error))
            Operation.objects.filter(pk=operation.pk).update(state=Operation.State.FAILED, error=f"{step.name}: {error}")
        raise StepFailedError(subject=spec.slug, step=step.name, reason=str(error)) from error
    return seconds


def _record(operation: Operation, name: str, **fields: object) -> None:
    Step.objects.update_or_create(operation=operation, name=name, defaults=fields)
