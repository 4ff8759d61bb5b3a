"""The journal of operations and the dump of the template schema; in `public`."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Func, Value
from typing_extensions import override

NUMBERS = "provisioning_operation_number"


class Operation(models.Model):
    """One run of a verb on one subject; it stays unfinished until its last step is committed, or taken back.

    `number` orders operations; a clock that was set back cannot. `memory` is what the steps must know to go back.
    """

    class State(models.TextChoices):
        """How far it got."""

        RUNNING = "running", "进行中"
        FAILED = "failed", "失败"
        DONE = "done", "完成"
        ROLLING_BACK = "undoing", "撤销中"
        ROLLED_BACK = "undone", "已撤销"

    FINISHED = (State.DONE, State.ROLLED_BACK)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.BigIntegerField(unique=True, editable=False, db_default=Func(Value(NUMBERS), function="nextval"))
    verb = models.CharField(max_length=30)
    subject = models.CharField(max_length=60)
    tenant_uuid = models.UUIDField(null=True, blank=True)
    request = models.JSONField()
    memory = models.JSONField(default=dict)
    before = models.JSONField(default=dict)
    by = models.CharField(max_length=150, default="system")
    address = models.CharField(max_length=45, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    error = models.TextField(blank=True)
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["verb", "subject"], condition=~models.Q(state__in=["done", "undone"]), name="provisioning_one_unfinished"
            ),
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
        UNDONE = "undone", "已撤销"

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
    roles = models.CharField(max_length=64, blank=True, db_default="", help_text="Mark of the roles that every site has.")
    created_at = models.DateTimeField(auto_now_add=True)

    @override
    def __str__(self) -> str:
        return self.fingerprint[:12]


class Backup(models.Model):
    """An archive of one site that was made here; the file may have been moved since."""

    slug = models.CharField(max_length=40)
    tenant_uuid = models.UUIDField()
    city_slug = models.CharField(max_length=40)
    taken_at = models.DateTimeField()
    path = models.CharField(max_length=500, unique=True)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    fingerprint = models.CharField(max_length=64)
    is_encrypted = models.BooleanField(default=False)
    rows = models.BigIntegerField()
    files = models.IntegerField()
    seconds = models.FloatField()
    verified_at = models.DateTimeField(null=True, blank=True)
    is_good = models.BooleanField(null=True, blank=True)
    problem = models.TextField(blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "备份"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(verified_at=None, is_good=None) | models.Q(verified_at__isnull=False, is_good__isnull=False),
                name="provisioning_backup_verdict_has_time",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["tenant_uuid", "-taken_at"], name="provisioning_backup_newest"),
            models.Index(fields=["sha256"], name="provisioning_backup_sha256"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.slug} {self.taken_at:%Y-%m-%d %H:%M}"


class FleetRun(models.Model):
    """One migration of all sites to one set of migrations and roles; it stays open until it is done or another takes its place."""

    class State(models.TextChoices):
        """How far it got."""

        RUNNING = "running", "进行中"
        PAUSED = "paused", "已暂停"
        DONE = "done", "完成"
        PARTLY = "partly", "部分完成"
        SUPERSEDED = "superseded", "被取代"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    fingerprint = models.CharField(max_length=64)
    roles = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    plan = models.JSONField(default=dict)
    actor = models.CharField(max_length=150)
    error = models.TextField(blank=True)
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["finished_at"],
                condition=models.Q(finished_at__isnull=True),
                nulls_distinct=False,
                name="provisioning_one_open_fleet_run",
            ),
        ]

    @override
    def __str__(self) -> str:
        return f"fleet {self.started_at:%Y-%m-%d %H:%M} {self.state}"


class FleetResult(models.Model):
    """One site in a fleet run; written in the transaction that migrates it."""

    class State(models.TextChoices):
        """Whether its tables are at the run's version."""

        WAITING = "waiting", "等待"
        DONE = "done", "完成"
        FAILED = "failed", "失败"

    run = models.ForeignKey(FleetRun, models.CASCADE, related_name="results")
    slug = models.CharField(max_length=40)
    schema_name = models.CharField(max_length=63)
    wave = models.CharField(max_length=10)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    way = models.CharField(max_length=10, blank=True)
    seconds = models.FloatField(default=0.0)
    error = models.TextField(blank=True)
    at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["run", "schema_name"], name="provisioning_fleet_site_once"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.run_id} {self.slug} {self.state}"


class DomainCheck(models.Model):
    """What was found of a domain when it was looked at last, for one site."""

    tenant_uuid = models.UUIDField()
    domain = models.CharField(max_length=253)
    checked_at = models.DateTimeField()
    checked_by = models.CharField(max_length=150)
    ipv4 = models.JSONField(default=list, blank=True)
    ipv6 = models.JSONField(default=list, blank=True)
    is_owned = models.BooleanField()
    is_reached_over_ipv6 = models.BooleanField()

    class Meta:
        verbose_name = verbose_name_plural = "域名检查"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["tenant_uuid", "domain"], name="provisioning_domain_check_newest"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.domain} for {self.tenant_uuid} at {self.checked_at:%Y-%m-%d %H:%M}"
