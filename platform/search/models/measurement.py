"""What was searched and clicked, without anything that tells who did; and what is to be done about searches that found nothing."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models.functions import Now
from typing_extensions import override

from registry.models import City, Tenant
from search.models.curation import OwnedQuerySet


class SearchRecord(models.Model):
    """One search. The text is masked before it comes here; the session cannot be linked to another day's."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    at = models.DateTimeField()
    city = models.ForeignKey(City, models.CASCADE, null=True, related_name="+")
    tenant = models.ForeignKey(Tenant, models.CASCADE, null=True, related_name="+")
    session = models.CharField(max_length=32)
    channel = models.CharField(max_length=8)
    reach = models.CharField(max_length=8)
    text = models.CharField(max_length=200)
    normal = models.CharField(max_length=200)
    is_filtered = models.BooleanField(default=False)
    page = models.PositiveSmallIntegerField(default=1)
    total = models.PositiveIntegerField()
    took_ms = models.PositiveIntegerField()
    is_degraded = models.BooleanField(default=False)

    class Meta:
        verbose_name = verbose_name_plural = "搜索记录"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["tenant", "at"], name="search_record_site"),
            models.Index(fields=["city", "at"], name="search_record_city"),
            models.Index(fields=["at"], name="search_record_at"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.text}"


class ClickRecord(models.Model):
    """One result that was opened; several clicks of one person on one result of one search are one."""

    search = models.ForeignKey(SearchRecord, models.CASCADE, related_name="clicks")
    at = models.DateTimeField()
    rank = models.PositiveSmallIntegerField()
    document = models.CharField(max_length=80, db_collation="C")

    class Meta:
        verbose_name = verbose_name_plural = "点击记录"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["search", "document"], name="search_click_once"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.search_id} {self.rank} {self.document}"


class SessionSalt(models.Model):
    """What makes sessions of one day, and is destroyed after it, so that nobody can link two days."""

    day = models.DateField(primary_key=True)
    salt = models.BinaryField()

    class Meta:
        verbose_name = verbose_name_plural = "会话盐值"

    @override
    def __str__(self) -> str:
        return str(self.day)


class SearchDay(models.Model):
    """One day of one site in numbers alone; stays when the records go."""

    day = models.DateField()
    city = models.ForeignKey(City, models.CASCADE, null=True, related_name="+")
    tenant = models.ForeignKey(Tenant, models.CASCADE, null=True, related_name="+")
    searches = models.PositiveIntegerField()
    sessions = models.PositiveIntegerField()
    without_result = models.PositiveIntegerField()
    with_click = models.PositiveIntegerField()
    degraded = models.PositiveIntegerField()
    took_median_ms = models.PositiveIntegerField()
    took_p95_ms = models.PositiveIntegerField()

    class Meta:
        verbose_name = verbose_name_plural = "每日搜索统计"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["day", "city", "tenant"], nulls_distinct=False, name="search_day_once"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.day} {self.tenant_id or '-'}"


class QueryTask(models.Model):
    """A query that finds nothing and somebody is to do something about."""

    class State(models.TextChoices):
        """How far it is."""

        OPEN = "open", "待处理"
        ASSIGNED = "assigned", "处理中"
        DONE = "done", "已办结"

    class Action(models.TextChoices):
        """What was done about it."""

        SYNONYM = "synonym", "增加同义词"
        BEST = "best", "增加推荐结果"
        CONTENT = "content", "请业务部门补充内容"
        NONE = "none", "不需处理"

    city = models.ForeignKey(City, models.CASCADE, related_name="+")
    tenant = models.ForeignKey(Tenant, models.CASCADE, null=True, related_name="+")
    normal = models.CharField("搜索词", max_length=200)
    sessions = models.PositiveIntegerField("人次")
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.OPEN.value)
    holder = models.CharField("负责人", max_length=60, blank=True)
    action = models.CharField("处理办法", max_length=10, choices=Action.choices, blank=True)
    note = models.CharField("说明", max_length=300, blank=True)
    created_at = models.DateTimeField("建立时间", db_default=Now())
    changed_at = models.DateTimeField("更新时间", db_default=Now())

    objects = OwnedQuerySet["QueryTask"].as_manager()
    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = verbose_name_plural = "无结果搜索词"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(state__in=["open", "assigned", "done"]), name="search_task_state_known"),
            models.CheckConstraint(condition=~models.Q(state="assigned") | ~models.Q(holder=""), name="search_task_has_holder"),
            models.CheckConstraint(condition=~models.Q(state="done") | ~models.Q(action=""), name="search_task_done_how"),
            models.UniqueConstraint(
                fields=["city", "tenant", "normal"], condition=~models.Q(state="done"), nulls_distinct=False, name="search_task_once"
            ),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.normal} ({self.pk})"
