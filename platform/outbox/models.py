"""The table of events."""

from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models.functions import Now
from typing_extensions import override


class EventQuerySet(models.QuerySet["Event"]):
    """Events by what is to become of them; time is the database's, so that machines need not agree."""

    def of_topic(self, topic: str) -> Self:
        """Keep one topic's."""
        return self.filter(topic=topic)

    def pending(self) -> Self:
        """Keep those that the relay still has to carry out."""
        return self.filter(parked_at=None)

    def due(self) -> Self:
        """Keep the pending ones whose time has come."""
        return self.pending().filter(available_at__lte=Now())

    def delayed(self) -> Self:
        """Keep the pending ones that failed and wait for another attempt."""
        return self.pending().filter(attempts__gt=0)

    def parked(self) -> Self:
        """Keep those that were given up until somebody looks."""
        return self.filter(parked_at__isnull=False)


class Event(models.Model):
    """Something that happened to `key` and that `topic`'s handler has to carry out; written in the transaction that did it."""

    topic = models.CharField(max_length=40)
    key = models.CharField(max_length=200)
    created_at = models.DateTimeField(db_default=Now())
    available_at = models.DateTimeField(db_default=Now())
    attempts = models.PositiveSmallIntegerField(default=0)
    parked_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True, default="")

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "事件"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["topic", "available_at", "id"], condition=models.Q(parked_at=None), name="outbox_event_due"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.topic} {self.key} ({self.pk})"

    @property
    def is_parked(self) -> bool:
        """Whether it was given up until somebody looks."""
        return self.parked_at is not None

    def put_off(self, until: datetime, *, reason: str) -> None:
        """Count a failed attempt and wait; does not save."""
        self.attempts, self.available_at, self.error = self.attempts + 1, until, reason

    def park(self, now: datetime, *, reason: str) -> None:
        """Give up until somebody looks; does not save."""
        self.attempts, self.parked_at, self.error = self.attempts + 1, now, reason
