"""Works on jobs, one at a time; any number of workers may run at once.

A worker holds an advisory lock for the job in hand, on a connection of its own. Whoever dies loses it at once, however it died: a job
that is marked as running and whose lock is free was abandoned, and goes back into the queue. No heart beats, no time-outs.
"""

import logging
import os
import secrets
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

from django.db import InterfaceError, OperationalError, connection, transaction
from django_tasks import TaskContext
from django_tasks_db.models import DBTaskResult

from jobs.contract import BACKEND, JobState, NotYetError
from jobs.selectors import WORKER_LOCK
from jobs.services import requeue
from registry.schemas import leave_schema

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 5
POLL_SECONDS = 0.25
SECONDS_BETWEEN_LOOKS = 3.0  # for jobs whose worker died
PAUSE_SECONDS = 1.0  # while the database is away

Row = DBTaskResult[Any, Any]


class WorkerDiedError(Exception):
    """Every worker that took the job up ended while it ran."""


class Worker:
    """One process that works on jobs."""

    def __init__(self, *, report: Callable[[str], None] = lambda _text: None) -> None:
        self.id = f"{socket.gethostname()[:30]}-{os.getpid()}-{secrets.token_hex(4)}"
        self.done = self.failed = 0
        self._report = report
        self._watch = connection.copy()  # a connection that nothing else closes
        self._looked_at = 0.0

    def run(self, *, should_stop: Callable[[], bool], wait: Callable[[float], object] = time.sleep, once: bool = False) -> None:
        """Work until told to stop, between jobs, or until nothing waits; a database that is away is waited for, and logged once."""
        is_away = False
        try:
            while not should_stop():
                try:
                    has_worked = self._turn()
                except (OperationalError, InterfaceError) as error:
                    if not is_away:
                        logger.warning("worker waits for the database", extra={"reason": str(error)})
                    is_away = True
                    self._watch.close()
                    connection.close()
                    wait(PAUSE_SECONDS)
                    continue
                is_away = False
                if not has_worked:
                    if once:
                        return
                    wait(POLL_SECONDS)
        finally:
            self._leave()

    def _leave(self) -> None:
        """Give back the locks and the connection: a connection that is only closed keeps its locks until the server notices."""
        with suppress(OperationalError, InterfaceError):  # the database is away, and our locks with it
            if self._watch.connection is not None:
                self._ask("SELECT pg_advisory_unlock_all()")
        self._watch.close()

    def _turn(self) -> bool:
        """Take one job up and carry it out; return whether there was one."""
        leave_schema()
        if not self._watch.is_usable() or self._watch.connection is None:
            self._watch.close()
            self._ask("SELECT pg_advisory_lock(%s, %s)", WORKER_LOCK, os.getpid())
        if time.monotonic() - self._looked_at > SECONDS_BETWEEN_LOOKS:
            self._take_back_abandoned()
            self._looked_at = time.monotonic()
        row = self._claim()
        if row is None:
            return False
        try:
            self._carry_out(row)
        finally:
            leave_schema()
            self._ask("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", _lock_name(row))
        return True

    def _claim(self) -> Row | None:
        """Mark the next job as ours; its lock is taken before anybody can see the mark."""
        with transaction.atomic():
            row = DBTaskResult.objects.ready().filter(backend_name=BACKEND).select_for_update(skip_locked=True).first()
            if row is None or not self._lock(row):
                return None
            row.claim(self.id)
        return row

    def _carry_out(self, row: Row) -> None:
        is_last = len(row.worker_ids) >= MAX_ATTEMPTS
        try:
            value = row.task.call(TaskContext(task_result=row.task_result), **row.args_kwargs["kwargs"])  # type: ignore[arg-type] # theirs
        except (OperationalError, InterfaceError) as error:
            if not is_last:
                raise  # the database is away: the job is found abandoned when it is back
            self._fail(row, error)
        except NotYetError as error:
            if is_last:
                self._fail(row, error)
            else:
                self._finish(row, partial(requeue, seconds=2.0 ** len(row.worker_ids)))
        except Exception as error:
            logger.exception("job failed", extra={"job": str(row.id)})
            self._fail(row, error)
        else:
            self._finish(row, lambda mine: mine.set_successful(value))
            self.done += 1
            self._report(f"{row.task_name} {row.args_kwargs['kwargs']['subject']}: done")

    def _fail(self, row: Row, error: Exception) -> None:
        self._finish(row, lambda mine: mine.set_failed(error))
        self.failed += 1
        self._report(f"{row.task_name} {row.args_kwargs['kwargs']['subject']}: failed: {error}")

    def _finish(self, row: Row, mark: Callable[[Row], None]) -> None:
        """Write down how it ended, unless another worker has taken the job over."""
        leave_schema()
        with transaction.atomic():
            mine = DBTaskResult.objects.select_for_update().filter(pk=row.pk, status=JobState.RUNNING).first()
            if mine and mine.worker_ids[-1:] == [self.id]:
                mark(mine)

    def _take_back_abandoned(self) -> None:
        """Put jobs whose worker died back into the queue; one that kills every worker is given up."""
        for row in DBTaskResult.objects.running().filter(backend_name=BACKEND):
            with self._locked(row) as is_abandoned:
                if not is_abandoned:
                    continue
                with transaction.atomic():
                    again = DBTaskResult.objects.select_for_update().filter(pk=row.pk, status=JobState.RUNNING).first()
                    if again is None:
                        continue
                    logger.warning("job was abandoned", extra={"job": str(row.pk), "attempts": len(row.worker_ids)})
                    if len(again.worker_ids) < MAX_ATTEMPTS:
                        requeue(again)
                    else:
                        again.set_failed(WorkerDiedError(f"{MAX_ATTEMPTS} workers ended while they ran this job."))

    @contextmanager
    def _locked(self, row: Row) -> Iterator[bool]:
        has_lock = self._lock(row)
        try:
            yield has_lock
        finally:
            if has_lock:
                self._ask("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", _lock_name(row))

    def _lock(self, row: Row) -> bool:
        return bool(self._ask("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", _lock_name(row)))

    def _ask(self, query: str, *values: str | int) -> Any:
        with self._watch.cursor() as cursor:
            cursor.execute(query, values)
            row = cursor.fetchone()
        return row[0] if row else None


def _lock_name(row: Row) -> str:
    return f"job {row.pk}"
