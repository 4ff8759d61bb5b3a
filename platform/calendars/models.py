"""Years as they were announced, version by version, and their special days; in `public`."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from typing_extensions import override


class Version(models.Model):
    """One announced arrangement of a year; the highest number counts, the others stay for what was decided by them."""

    year = models.PositiveSmallIntegerField("年份")
    number = models.PositiveSmallIntegerField("版本")
    source = models.CharField("依据", max_length=200)
    published_on = models.DateField("发布日期")
    imported_at = models.DateTimeField("录入时间", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "年度安排"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["year", "number"], name="calendars_version_once"),
            models.CheckConstraint(condition=~Q(source=""), name="calendars_version_has_a_source"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.year} v{self.number}"


class Day(models.Model):
    """A special day of a version."""

    version = models.ForeignKey(Version, models.CASCADE, related_name="days", verbose_name="年度安排")
    day = models.DateField("日期")
    is_working = models.BooleanField("上班")
    name = models.CharField("名称", max_length=40)

    class Meta:
        verbose_name = verbose_name_plural = "特殊日期"
        constraints: ClassVar[list[models.BaseConstraint]] = [models.UniqueConstraint(fields=["version", "day"], name="calendars_day_once")]

    @override
    def __str__(self) -> str:
        return f"{self.day} {self.name}"
