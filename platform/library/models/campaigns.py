"""Campaigns of cleaning (清理): which documents there were on a day, what is decided of each, and where it took effect."""

from typing import ClassVar, Self
from uuid import UUID

from django.db import models
from django.db.models.functions import Now
from typing_extensions import override

from library.contract import Decision


class CampaignQuerySet(models.QuerySet["Campaign"]):
    """Campaigns by who takes part."""

    def of_site(self, site: UUID, *, city_slug: str) -> Self:
        """Keep what a site takes part in: its own, and those of its whole city."""
        return self.filter(models.Q(site=site) | models.Q(site=None, city_slug=city_slug))


class Campaign(models.Model):
    """One cleaning of a site's documents (`site` given) or of a whole city's, as they were on a day."""

    title = models.CharField("名称", max_length=100)
    city_slug = models.CharField(max_length=60)
    site = models.UUIDField(null=True)
    as_of = models.DateField("清理截止日")
    opened_by = models.CharField(max_length=150)
    opened_at = models.DateTimeField(db_default=Now())

    objects = CampaignQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "文件清理"

    @override
    def __str__(self) -> str:
        return f"{self.title} ({self.pk})"


class CampaignItem(models.Model):
    """One document to be decided, under the title it had when the campaign began."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="items")
    site = models.UUIDField()
    page = models.BigIntegerField()
    title = models.TextField()
    doc_no = models.TextField(blank=True)
    decision = models.CharField("处理意见", max_length=10, choices=Decision.choices, blank=True)
    reason = models.CharField("理由", max_length=200, blank=True)
    decided_by = models.CharField(max_length=150, blank=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = verbose_name_plural = "清理的文件"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["campaign", "site", "page"], name="library_item_listed_once"),
            models.CheckConstraint(condition=models.Q(decision__in=["", *Decision.values]), name="library_item_decision_known"),
            models.CheckConstraint(condition=models.Q(decision="") | ~models.Q(reason=""), name="library_item_has_a_reason"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.title} ({self.pk})"


class Conclusion(models.Model):
    """That a site's decisions of a campaign took effect, and on which page they are published; once for all."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="conclusions")
    site = models.UUIDField()
    page = models.BigIntegerField()
    path = models.TextField()
    concluded_by = models.CharField(max_length=150)
    concluded_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = verbose_name_plural = "清理结果"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["campaign", "site"], name="library_conclusion_once_a_site"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.campaign_id} {self.site} ({self.pk})"
