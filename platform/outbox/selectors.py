"""Reads: how far behind the relay is."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, Q
from django.db.models.functions import Now

from outbox.models import Event


@dataclass(frozen=True, slots=True)
class Backlog:
    """One topic's events at one moment."""

    topic: str
    pending: int
    delayed: int
    parked: int
    oldest_seconds: float


def backlog() -> list[Backlog]:
    """Return every topic that has events, with the age of its oldest pending one in seconds."""
    pending = Q(parked_at=None)
    rows = (
        Event.objects.values("topic")
        .annotate(
            pending=Count("pk", filter=pending),
            delayed=Count("pk", filter=pending & Q(attempts__gt=0)),
            parked=Count("pk", filter=~pending),
            oldest=Min("created_at", filter=pending),
            now=Now(),
        )
        .order_by("topic")
    )
    return [Backlog(row["topic"], row["pending"], row["delayed"], row["parked"], _age(row["oldest"], row["now"])) for row in rows]


def parked(*, limit: int = 100) -> list[Event]:
    """Return the parked events, newest first."""
    return list(Event.objects.parked().order_by("-parked_at")[:limit])


def _age(oldest: datetime | None, now: datetime) -> float:
    return round((now - oldest).total_seconds(), 1) if oldest else 0.0
