"""The journal of operations and the dump of the template schema; in `public`."""

import uuid
from typing import ClassVar

from django.db import models
from typing_extensions import override


class Operation(models.Model):
    """One run of a verb on one site; it stays unfinished until its last step is committed."""

    class State(models.TextChoices):
        """How far it got."""

        RUNNING = "running", "进行中"
        FAILED = "failed", "失败"
        DONE = "done", "完成"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    verb = models.CharField(max_length=30)
    subject = models.CharField(max_length=60)
    request = models.JSONField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    error = models.TextField(blank=True)
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["verb", "subject"], condition=~models.Q(state="done"), name="provisioning_one_unfinished"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.verb} {self.subject} {self.started_at:%Y-%m-%d %H:%M}"


class Step(models.Model):
    """One committed or failed step of an operation."""

    class State(models.TextChoices):
        """Whether its work is in the database."""

        DONE = "done", "完成"
        FAILED = "failed", "失败"

    operation = models.ForeignKey(Operation, models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=30)
    state = models.CharField(max_length=10, choices=State.choices)
    seconds = models.FloatField()
    error = models.TextField(blank=True)
    at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["operation", "name"], name="provisioning_step_once"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.operation_id} {self.name} {self.state}"


class Template(models.Model):
    """The cleaned dump of the template schema at one set of migrations; replaying it makes a new site's tables."""

    fingerprint = models.CharField(max_length=64, unique=True)
    sql = models.TextField()
    tables = models.PositiveIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    @override
    def __str__(self) -> str:
        return self.fingerprint[:12]
