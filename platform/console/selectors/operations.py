"""Reads: what was done to a site, step by step."""

from django.db.models import Q

from console.contract import Mark, OperationRow, StepRow, Tone
from jobs.contract import JobRow
from provisioning import verbs
from provisioning.models import Operation, Step
from registry.contract import TenantRef
from registry.schemas import in_public

_STATES = {
    Operation.State.RUNNING: Mark(Tone.WARNING, "进行中"),
    Operation.State.FAILED: Mark(Tone.BAD, "失败"),
    Operation.State.DONE: Mark(Tone.GOOD, "完成"),
    Operation.State.ROLLING_BACK: Mark(Tone.WARNING, "撤销中"),
    Operation.State.ROLLED_BACK: Mark(Tone.QUIET, "已撤销"),
}
_STEPS = {
    Step.State.DONE: Mark(Tone.GOOD, "完成"),
    Step.State.FAILED: Mark(Tone.BAD, "失败"),
    Step.State.UNDONE: Mark(Tone.QUIET, "已撤销"),
}
_OPEN = Mark(Tone.QUIET, "待执行")


def operations_of(site: TenantRef, *, limit: int = 20) -> list[OperationRow]:
    """Return what was done to a site, under whatever name it had, newest first."""
    with in_public():
        found = Operation.objects.filter(Q(tenant_uuid=site.uuid) | Q(tenant_uuid=None, subject=site.slug))
        return [_row(operation) for operation in found.prefetch_related("steps").order_by("-number")[:limit]]


def operation_of(job: JobRow) -> OperationRow | None:
    """Return the operation a job carries out, as soon as it is begun."""
    verb = job.payload.get("verb", "")
    with in_public():
        found = Operation.objects.filter(verb=verb, subject=job.subject).prefetch_related("steps").order_by("-number").first()
    is_older = found is not None and found.finished_at is not None and found.finished_at < job.enqueued_at
    return None if found is None or is_older else _row(found)


def planned_steps(verb_name: str) -> tuple[StepRow, ...]:
    """Return a verb's steps before the first is begun."""
    verb = verbs.ALL.get(verb_name)
    return tuple(StepRow(step.label, _OPEN, None, None, "") for step in verb.steps) if verb else ()


def _row(operation: Operation) -> OperationRow:
    verb = verbs.ALL.get(operation.verb)
    return OperationRow(
        number=operation.number,
        verb=operation.verb,
        label=verb.label if verb else operation.verb,
        state=_STATES[Operation.State(operation.state)],
        is_unfinished=operation.state not in Operation.FINISHED,
        by=operation.by,
        started_at=operation.started_at,
        finished_at=operation.finished_at,
        error=operation.error,
        steps=_steps(operation),
    )


def _steps(operation: Operation) -> tuple[StepRow, ...]:
    """Return the journal's steps under the labels of the verb, those to come after them."""
    verb = verbs.ALL.get(operation.verb)
    done = {step.name: step for step in operation.steps.all()}
    names = {step.name: step.label for step in verb.steps} if verb else {name: name for name in done}
    return tuple(
        StepRow(label, _STEPS[Step.State(step.state)], step.seconds, step.at, step.error)
        if (step := done.get(name))
        else StepRow(label, _OPEN, None, None, "")
        for name, label in names.items()
    )
