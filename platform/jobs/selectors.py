"""Reads: what waits, runs, failed, and whether anybody works."""

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from jobs.contract import BACKEND, JobRow, JobState
from registry.schemas import in_public

WORKER_LOCK = 0x6A6F6273  # the first half of the advisory locks that running workers hold


def jobs(*, state: JobState | None = None, subject: str = "", limit: int = 100) -> list[JobRow]:
    """Return jobs, newest first."""
    rows = DBTaskResult.objects.filter(backend_name=BACKEND)
    if state:
        rows = rows.filter(status=state.value)
    if subject:
        rows = rows.filter(args_kwargs__kwargs__subject=subject)
    with in_public():
        return [_row(row) for row in rows.order_by("-enqueued_at")[:limit]]


def job_by_id(job_id: UUID) -> JobRow | None:
    """Return one job, if there is one."""
    with in_public():
        row = DBTaskResult.objects.filter(pk=job_id, backend_name=BACKEND).first()
    return _row(row) if row else None


def counts() -> Mapping[JobState, int]:
    """Return how many jobs are in each state."""
    with in_public():
        rows = DBTaskResult.objects.filter(backend_name=BACKEND).order_by().values_list("status").annotate(Count("pk"))
        found = dict(rows)
    return {state: found.get(state.value, 0) for state in JobState}


def workers() -> int:
    """Return how many workers run on this database now."""
    query = """
      SELECT count(DISTINCT objid) FROM pg_locks WHERE locktype = 'advisory' AND classid = %s AND objsubid = 2
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    """
    with connection.cursor() as cursor:
        cursor.execute(query, [WORKER_LOCK])
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def oldest_wait() -> float:
    """Return for how many seconds the first job of the queue has waited; 0 when none waits."""
    with in_public():
        oldest = DBTaskResult.objects.ready().filter(backend_name=BACKEND).order_by("enqueued_at").first()
    return (timezone.now() - oldest.enqueued_at).total_seconds() if oldest else 0.0


def _row(row: "DBTaskResult[Any, Any]") -> JobRow:
    told = row.args_kwargs["kwargs"]
    return JobRow(
        id=row.id,
        name=row.task_path.rpartition(".")[2],
        label=told.get("label", ""),
        state=JobState(row.status),
        subject=told.get("subject", ""),
        tenant_uuid=UUID(told["tenant"]) if told.get("tenant") else None,
        actor=told.get("actor", ""),
        payload=told.get("payload", {}),
        enqueued_at=row.enqueued_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        attempts=len(row.worker_ids),
        error=_message(row),
        error_path=row.exception_class_path,
    )


def _message(row: "DBTaskResult[Any, Any]") -> str:
    """Return what the exception said, all its lines, without where it came from."""
    name = row.exception_class_path.rpartition(".")[2]
    _, *said = re.split(rf"(?m)^[\w.]*\b{re.escape(name)}: ", row.traceback)
    return " ".join((said[-1] if said else name).split())
