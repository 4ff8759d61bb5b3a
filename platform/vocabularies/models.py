"""The table of topics; in `public`."""

from typing import ClassVar

from django.db import models
from typing_extensions import override

from vocabularies.contract import TOPIC


class TopicRow(models.Model):
    """A topic that texts of all sites may be tagged with. Texts name it by its short name, so that no table points across schemas."""

    slug = models.CharField("标识", max_length=40, primary_key=True)
    title = models.CharField("名称", max_length=60)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="members", verbose_name="所属专题")
    description = models.CharField("说明", max_length=300, blank=True)
    basis = models.CharField("依据", max_length=200, blank=True)
    city = models.CharField("城市", max_length=40, blank=True, help_text="空：所有城市共用。")
    position = models.PositiveSmallIntegerField("次序", default=0)
    is_offered = models.BooleanField("供编辑选用", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "专题词"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(slug__regex=rf"^{TOPIC.pattern}$"), name="vocabularies_topic_slug_form"),
            models.CheckConstraint(condition=~models.Q(title=""), name="vocabularies_topic_has_a_title"),
            models.CheckConstraint(condition=~models.Q(parent=models.F("slug")), name="vocabularies_topic_not_its_own"),
            models.UniqueConstraint(fields=["title", "city"], name="vocabularies_topic_one_title"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.title} ({self.slug})"
