"""Walks a verb's steps, forward or back, each committed together with its row, so that a killed walk goes on where it stopped."""

import copy
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, TypeVar

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from observability.audit import record_audit
from provisioning.contract import (
    BusyError,
    DifferentRequestError,
    IrreversibleError,
    LaterOperationError,
    NothingToUndoError,
    OnStep,
    Outcome,
    Request,
    RollingBackError,
    StepDefinition,
    StepFailedError,
    StepReport,
    UnfinishedError,
    Verb,
    Walk,
)
from provisioning.models import Operation, Step

R = TypeVar("R", bound=Request)


@contextmanager
def alone(names: Iterable[str]) -> Iterator[None]:
    """Hold advisory locks; they belong to the database session, so a killed process leaves none behind.

    Raises:
        BusyError: another process holds one of them.

    """
    with ExitStack() as held:
        for name in names:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [name])
                if not cursor.fetchone()[0]:
                    raise BusyError(f"Another process is at work on {name!r}. Wait for it to end, then run the command again.")
            held.callback(_release, name)
        yield


def _release(name: str) -> None:
    if not connection.is_usable():
        return  # the session is gone, and its locks with it
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [name])


def unfinished(verb: Verb[R], subject: str) -> Operation | None:
    """Return the operation of this verb that was begun and not ended."""
    return Operation.objects.filter(verb=verb.name, subject=subject).exclude(state__in=Operation.FINISHED).first()


def done_steps(operation: Operation | None) -> set[str]:
    """Return the names of the steps that are committed."""
    if operation is None:
        return set()
    return set(operation.steps.filter(state=Step.State.DONE).values_list("name", flat=True))


def refuse_others(verb: Verb[R], subject: str) -> None:
    """Refuse to begin while another verb is half-way on the same subject.

    Raises:
        UnfinishedError: names it and the two ways out.

    """
    same = Q(subject=subject)
    if (uuid := verb.picture(subject, None).tenant_uuid) is not None:
        same |= Q(tenant_uuid=uuid)
    others = Operation.objects.filter(same, verb__startswith=f"{verb.noun} ", steps__state=Step.State.DONE)
    other = others.exclude(verb=verb.name).exclude(state__in=Operation.FINISHED).first()
    if other is not None:
        raise UnfinishedError(
            f"{other.verb!r} on {subject!r} was begun on {other.started_at:%Y-%m-%d %H:%M} and is not finished. "
            f"Run it again to finish it, or take it back with --rollback."
        )


def run(verb: Verb[R], request: R, *, by: str, address: str, on_step: OnStep) -> Outcome:
    """Run what is left of an operation, under the caller's locks but never inside its transaction.

    Raises:
        DifferentRequestError: an unfinished operation of this verb asked for something else.
        RollingBackError: it is being taken back.
        StepFailedError: a step failed; those before it are kept.

    """
    began = time.monotonic()
    operation = _begin(verb, request, by=by, address=address)
    done = done_steps(operation)
    walk = Walk(request, by, address, operation.memory)
    ran = []
    last = verb.steps[-1].name
    for position, step in enumerate(verb.steps, start=1):
        seconds = 0.0
        if step.name not in done:
            finish = _finisher(operation, verb, walk, state=Operation.State.DONE, suffix="") if step.name == last else _nothing
            seconds = _commit(
                operation, step, walk, position=position, work=step.run, state=Step.State.DONE, finish=finish, ahead=step.ahead or _nothing
            )
            ran.append(step.name)
        on_step(StepReport(verb.name, request.subject, step.name, step.label, position, len(verb.steps), seconds, step.name in done))
    return Outcome(request.subject, tuple(ran), time.monotonic() - began)


def _begin(verb: Verb[R], request: R, *, by: str, address: str) -> Operation:
    wanted = request.as_json()
    known = unfinished(verb, request.subject)
    if known is None:
        picture = verb.picture(request.subject, None)
        return Operation.objects.create(
            verb=verb.name,
            subject=request.subject,
            tenant_uuid=picture.tenant_uuid,
            request=wanted,
            before=dict(picture.facts),
            by=by,
            address=address,
        )
    if known.state == Operation.State.ROLLING_BACK:
        raise RollingBackError(f"{verb.name!r} on {request.subject!r} is being taken back. Finish that first: --rollback.")
    if not known.steps.filter(state=Step.State.DONE).exists():
        known.request, known.memory = wanted, {}  # nothing was done yet: the new request counts
    elif different := sorted(name for name, value in wanted.items() if known.request.get(name) != value):
        before = ", ".join(f"{name}={known.request.get(name)!r}" for name in different)
        raise DifferentRequestError(
            f"{request.subject!r} was begun on {known.started_at:%Y-%m-%d %H:%M} with {before} and not finished. "
            "Repeat it with these to go on, or take it back with --rollback.",
        )
    known.state, known.by, known.address = Operation.State.RUNNING, by, address
    known.save(update_fields=["request", "memory", "state", "by", "address"])
    return known


def latest(verb: Verb[R], subject: str) -> Operation:
    """Return the last operation of a verb on a subject, or on the site that has its name now.

    Raises:
        NothingToUndoError: there never was one.

    """
    mine = Q(subject=subject)
    if (uuid := verb.picture(subject, None).tenant_uuid) is not None:
        mine |= Q(tenant_uuid=uuid)
    found = Operation.objects.filter(mine, verb=verb.name).order_by("-number").first()
    if found is None:
        raise NothingToUndoError(f"There is nothing to take back: {verb.name!r} was never run on {subject!r}.")
    return found


def roll_back(verb: Verb[R], operation: Operation, *, by: str, address: str, on_step: OnStep) -> Outcome:
    """Take an operation's committed steps back, last first, under the caller's locks; a second run changes nothing.

    Raises:
        LaterOperationError, IrreversibleError: it cannot be taken back; nothing was changed.
        StepFailedError: a step's way back failed; those after it are taken back.

    """
    began = time.monotonic()
    if operation.state == Operation.State.ROLLED_BACK:
        return Outcome(operation.subject, (), 0.0)
    back = way_back(verb, operation)
    request = verb.request.from_json(operation.request)
    operation.state = Operation.State.ROLLING_BACK
    operation.save(update_fields=["state"])
    walk = Walk(request, by, address, operation.memory)
    finish = _finisher(operation, verb, walk, state=Operation.State.ROLLED_BACK, suffix=".rolled_back")
    if not back:
        with transaction.atomic():
            finish()
    for position, step in enumerate(back, start=1):
        work = step.undo or _nothing
        ends = finish if position == len(back) else _nothing
        seconds = _commit(operation, step, walk, position=_position(verb, step), work=work, state=Step.State.UNDONE, finish=ends)
        on_step(StepReport(verb.name, operation.subject, step.name, step.label, position, len(back), seconds, was_done=False, is_undo=True))
    return Outcome(operation.subject, tuple(step.name for step in back) or ("begun",), time.monotonic() - began)


def way_back(verb: Verb[R], operation: Operation) -> list[StepDefinition[R]]:
    """Return the steps to take back, last first; none when the operation is taken back already.

    Raises:
        LaterOperationError, IrreversibleError: there is no way back.

    """
    if operation.state == Operation.State.ROLLED_BACK:
        return []
    if operation.state == Operation.State.DONE:
        _refuse_later(verb, operation)
        verb.check_undo(verb.request.from_json(operation.request))
    done = done_steps(operation)
    back = [step for step in reversed(verb.steps) if step.name in done]
    _refuse_irreversible(verb, operation, back)
    return back


def _refuse_later(verb: Verb[R], operation: Operation) -> None:
    same = Q(subject=operation.subject)
    if operation.tenant_uuid:
        same |= Q(tenant_uuid=operation.tenant_uuid)
    later = Operation.objects.filter(same, verb__startswith=f"{verb.noun} ", number__gt=operation.number, steps__state=Step.State.DONE)
    last = later.exclude(state=Operation.State.ROLLED_BACK).order_by("-number").first()
    if last is not None:
        raise LaterOperationError(
            f"{verb.name!r} on {operation.subject!r} cannot be taken back: {last.verb!r} came after it. Take that back first."
        )


def _refuse_irreversible(verb: Verb[R], operation: Operation, back: list[StepDefinition[R]]) -> None:
    for step in back:
        if step.undo is None:
            raise IrreversibleError(
                f"{verb.name!r} on {operation.subject!r} cannot be taken back: its step {step.name!r} is done and has no way back."
                + ("" if operation.state == Operation.State.DONE else " Run it again to finish it.")
            )


def _position(verb: Verb[R], step: StepDefinition[R]) -> int:
    return list(verb.steps).index(step) + 1


def _nothing(*_: object) -> None:
    """Do nothing."""


def _finisher(operation: Operation, verb: Verb[R], walk: Walk[R], *, state: Operation.State, suffix: str) -> Callable[[], None]:
    """Return what ends an operation: its state and its audit entry, in the transaction of its last step."""

    def finish() -> None:
        picture = verb.picture(operation.subject, operation.tenant_uuid)
        operation.tenant_uuid = picture.tenant_uuid or operation.tenant_uuid
        operation.state, operation.error, operation.finished_at = state, "", timezone.now()
        operation.save(update_fields=["tenant_uuid", "state", "error", "finished_at"])
        record_audit(
            verb.action + suffix,
            actor=walk.by,
            subject=operation.subject,
            tenant_uuid=operation.tenant_uuid,
            detail={"before": operation.before, "after": dict(picture.facts), "request": operation.request},
            address=walk.address,
        )

    return finish


def _commit(
    operation: Operation,
    step: StepDefinition[R],
    walk: Walk[R],
    *,
    position: int,
    work: Callable[[Walk[R]], None],
    state: Step.State,
    finish: Callable[[], None],
    ahead: Callable[[Walk[R]], None] = _nothing,
) -> float:
    """Do one step, its row, and the operation's end if it is the last, in one transaction; return the seconds it took."""
    began, remembered = time.monotonic(), copy.deepcopy(walk.memory)
    try:
        ahead(walk)
        with transaction.atomic():
            work(walk)
            seconds = time.monotonic() - began
            _record(operation, step.name, position=position, state=state, seconds=seconds, error="")
            operation.memory = walk.memory
            operation.save(update_fields=["memory"])
            finish()
    except Exception as error:
        walk.memory = operation.memory = remembered
        _record_failure(operation, step, position=position, keep=state is Step.State.UNDONE, seconds=time.monotonic() - began, error=error)
        raise StepFailedError(subject=operation.subject, step=step.name, reason=str(error)) from error
    return seconds


def _record_failure(
    operation: Operation, step: StepDefinition[Any], *, position: int, keep: bool, seconds: float, error: Exception
) -> None:
    """Write down why a step failed; one that was being taken back stays done."""
    with transaction.atomic():
        state = Step.State.DONE if keep else Step.State.FAILED
        _record(operation, step.name, position=position, state=state, seconds=seconds, error=str(error))
        changes: dict[str, Any] = {"error": f"{step.name}: {error}"} | ({} if keep else {"state": Operation.State.FAILED})
        Operation.objects.filter(pk=operation.pk).update(**changes)


def _record(operation: Operation, name: str, **fields: object) -> None:
    Step.objects.update_or_create(operation=operation, name=name, defaults=fields)
