"""Verbs: declare a job, put it into the queue, try it again."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django_tasks import TaskContext, task
from django_tasks.base import Task
from django_tasks_db.models import DBTaskResult

from jobs.contract import BACKEND, Job, JobState, NotFailedError, UnknownJobError
from observability.audit import acting_from, record_audit
from observability.logs import log_context
from registry.contract import TenantRef
from registry.schemas import in_public
from registry.selectors import directory

JobFunction = Callable[[Job, Mapping[str, Any]], Any]


def job(function: JobFunction) -> Task[Any, Any]:
    """Make a module's function a job.

    It may run more than once and must then go on where it was; it enters a site's schema through `registry` alone. It raises
    `NotYetError` to be tried again later; with any other exception it has failed until somebody says `retry`.
    """

    def run(context: TaskContext, *, label: str, subject: str, tenant: str, actor: str, address: str, payload: Mapping[str, Any]) -> Any:
        del label
        result = context.task_result
        site = directory().by_uuid.get(UUID(tenant)) if tenant else None
        told = Job(UUID(result.id), subject, site, actor, address, len(result.worker_ids))
        with in_public(), acting_from(address), log_context(tenant=subject, job=result.id):
            return function(told, payload)

    run.__module__, run.__qualname__, run.__name__ = function.__module__, function.__qualname__, function.__name__  # workers find it so
    declared: Task[Any, Any] = task(backend=BACKEND, takes_context=True)(run)
    return declared


def enqueue(
    declared: Task[Any, Any],
    *,
    label: str,
    subject: str,
    tenant: TenantRef | None,
    actor: str,
    address: str = "",
    payload: Mapping[str, Any] | None = None,
) -> UUID:
    """Put a job into the queue, in the caller's transaction, and return its id.

    `label` is what people read; `subject` names the site (or the city) even before it exists; `payload` is JSON.

    Raises:
        ValueError: nobody is named as the actor.

    """
    if not actor:
        raise ValueError("A job says for whom it runs: name the actor.")
    with in_public():
        result = declared.enqueue(
            label=label,
            subject=subject,
            tenant=str(tenant.uuid) if tenant else "",
            actor=actor,
            address=address,
            payload=dict(payload or {}),
        )
    return UUID(result.id)


@transaction.atomic
def retry(job_id: UUID, *, by: str, address: str = "") -> None:
    """Put a failed job back into the queue; what it did before stays done.

    Raises:
        UnknownJobError: no such job.
        NotFailedError: it waits, runs or is done.

    """
    with in_public():
        row = DBTaskResult.objects.select_for_update().filter(pk=job_id, backend_name=BACKEND).first()
        if row is None:
            raise UnknownJobError(f"There is no job {job_id}. `manage.py jobs list` shows them.")
        if row.status != JobState.FAILED:
            raise NotFailedError(f"Job {job_id} is {row.status.lower()}: only a failed one is tried again.")
        requeue(row)
        row.worker_ids = []
        row.save(update_fields=["worker_ids"])
        kwargs = row.args_kwargs["kwargs"]
        record_audit(
            "job.retried",
            actor=by,
            subject=kwargs["subject"],
            tenant_uuid=UUID(kwargs["tenant"]) if kwargs["tenant"] else None,
            detail={"job": str(job_id), "label": kwargs["label"]},
            address=address,
        )


def requeue(row: "DBTaskResult[Any, Any]", *, seconds: float = 0.0) -> None:
    """Let a job be taken up again, now or in a while."""
    row.status, row.run_after, row.finished_at = JobState.READY.value, timezone.now() + timedelta(seconds=seconds), None
    row.exception_class_path = row.traceback = ""
    row.save(update_fields=["status", "run_after", "finished_at", "exception_class_path", "traceback"])
