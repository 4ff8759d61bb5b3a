"""The audit trail: who did what, kept in `public` for all sites, and the chain that shows whether anybody touched it."""

from typing import ClassVar

from django.db import models
from typing_extensions import override


class AuditEntry(models.Model):
    """One thing somebody did. Rows are only ever added: triggers refuse to change, delete or truncate them."""

    at = models.DateTimeField("时间", auto_now_add=True)
    actor = models.CharField("操作人", max_length=150)
    action = models.CharField("操作", max_length=60)
    subject = models.CharField("对象", max_length=200)
    tenant_uuid = models.UUIDField("站点", null=True, blank=True)
    detail = models.JSONField("详情", default=dict, blank=True)
    address = models.GenericIPAddressField("地址", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "审计记录"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["tenant_uuid", "at"], name="observability_audit_site"),
            models.Index(fields=["actor", "at"], name="observability_audit_actor"),
            models.Index(fields=["at"], name="observability_audit_at"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=~models.Q(actor="") & ~models.Q(action=""), name="observability_audit_says_who_and_what"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.actor} {self.action} {self.subject}"


class AuditLink(models.Model):
    """An entry's place in the chain; a trigger adds it when the entry's transaction commits, and nothing else can."""

    number = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField(AuditEntry, models.PROTECT, related_name="link")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the digest before, the number and the entry.")

    @override
    def __str__(self) -> str:
        return f"{self.number}:{self.digest}"


class AuditHead(models.Model):
    """One row: the last link. Its lock is what links wait for, so that the chain is one line."""

    number = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True, default="")

    @override
    def __str__(self) -> str:
        return f"{self.number}:{self.digest}"
