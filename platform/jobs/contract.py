"""What a job is told, and what others may know of one."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from registry.contract import TenantRef

BACKEND = "jobs"


class JobState(StrEnum):
    """Where a job stands; the words of django-tasks."""

    READY = "READY"
    RUNNING = "RUNNING"
    SUCCESSFUL = "SUCCESSFUL"
    FAILED = "FAILED"

    @property
    def label(self) -> str:
        """The state as people read it."""
        return _LABELS[self]

    @property
    def is_over(self) -> bool:
        """Whether nothing more happens by itself."""
        return self in (JobState.SUCCESSFUL, JobState.FAILED)


_LABELS = {JobState.READY: "排队中", JobState.RUNNING: "进行中", JobState.SUCCESSFUL: "完成", JobState.FAILED: "失败"}


@dataclass(frozen=True, slots=True)
class Job:
    """What a job's function is told: for which site, for whom, from where, and how often it was tried before."""

    id: UUID
    subject: str
    tenant: TenantRef | None
    actor: str
    address: str
    attempt: int


@dataclass(frozen=True, slots=True)
class JobRow:
    """One job as lists show it."""

    id: UUID
    name: str
    label: str
    state: JobState
    subject: str
    tenant_uuid: UUID | None
    actor: str
    payload: dict[str, Any]
    enqueued_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    attempts: int
    error: str
    error_path: str = ""  # which exception it was: its module and name


class UnknownJobError(LookupError):
    """There is no such job."""


class NotFailedError(Exception):
    """Only a job that failed is tried again."""


class NotYetError(Exception):
    """A job's function cannot go on now, but may in a while: it is tried again."""
