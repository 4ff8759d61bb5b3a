"""Memberships, officers, one-time tickets and failed sign-ins; in `public` only, so that no foreign key crosses schemas."""

from typing import ClassVar

from django.db import models
from typing_extensions import override

from accounts.models import User
from memberships.contract import PlatformRole, Role
from registry.models import Tenant

_ROLES = [(role.value, role.label) for role in Role]


class Membership(models.Model):
    """A person's role at one site."""

    person = models.ForeignKey(User, models.PROTECT, related_name="memberships", verbose_name="人员")
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="memberships", verbose_name="站点")
    role = models.CharField("角色", max_length=16, choices=_ROLES)
    is_active = models.BooleanField("有效", default=True)
    granted_at = models.DateTimeField("授予时间")
    granted_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="授予人", help_text="空：由命令行或自动流程授予。"
    )

    class Meta:
        verbose_name = verbose_name_plural = "成员"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["person", "tenant"], name="memberships_one_role_per_site"),
            models.CheckConstraint(condition=models.Q(role__in=[role.value for role in Role]), name="memberships_role_known"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.person_id}@{self.tenant_id}: {Role(self.role).label}"


class Officer(models.Model):
    """A person's role on the platform. The person is the key: no account holds two."""

    person = models.OneToOneField(User, models.PROTECT, primary_key=True, related_name="officer", verbose_name="人员")
    role = models.CharField("平台角色", max_length=16, choices=[(role.value, role.label) for role in PlatformRole])
    granted_at = models.DateTimeField("授予时间")
    granted_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="授予人", help_text="空：由命令行授予。"
    )

    class Meta:
        verbose_name = verbose_name_plural = "平台管理人员"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(role__in=[role.value for role in PlatformRole]), name="memberships_platform_role_known"
            ),
            models.CheckConstraint(
                condition=models.Q(granted_by=None) | ~models.Q(granted_by=models.F("person")), name="memberships_granted_by_another"
            ),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.person_id}: {PlatformRole(self.role).label}"


class Ticket(models.Model):
    """What lets one person into one site's editor, once, within a minute; only its digest is kept."""

    digest = models.CharField(max_length=64, unique=True)
    person = models.ForeignKey(User, models.CASCADE, related_name="+")
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="+")
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "进站凭证"
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["person", "issued_at"], name="memberships_ticket_person")]

    @override
    def __str__(self) -> str:
        return f"{self.digest[:8]}… {self.person_id}@{self.tenant_id}"


class SignInFailure(models.Model):
    """One wrong sign-in, counted by name and by address; kept for a day."""

    username = models.CharField(max_length=150)
    network = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = verbose_name_plural = "登录失败"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["username", "at"], name="memberships_failure_name"),
            models.Index(fields=["network", "at"], name="memberships_failure_network"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.username} {self.network} {self.at:%Y-%m-%d %H:%M:%S}"
