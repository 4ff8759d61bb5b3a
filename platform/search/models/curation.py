"""What editors decided: the rules they are working on, and the versions that readers' searches follow."""

from typing import ClassVar, Self, TypeVar

from django.db import models
from django.db.models.functions import Now
from typing_extensions import override

from registry.models import City, Tenant
from search.contract import Owner

Row_co = TypeVar("Row_co", bound=models.Model, covariant=True)


class RuleKind(models.TextChoices):
    """What a rule does."""

    BEST = "best", "推荐结果"
    WORST = "worst", "屏蔽与降低"
    SYNONYM = "synonym", "同义词"
    SPELLING = "spelling", "错别字"
    DENIED = "denied", "屏蔽词"


class Match(models.TextChoices):
    """When a rule is meant: the query is its phrase, or holds it."""

    EXACT = "exact", "搜索词与此完全相同"
    CONTAINS = "contains", "搜索词包含此词"


class Effect(models.TextChoices):
    """What becomes of a page that is not wanted."""

    HIDE = "hide", "不显示"
    LOWER = "lower", "排到后面"


class OwnedQuerySet(models.QuerySet[Row_co]):
    """Rows that belong to a city as a whole, or to one of its sites."""

    def owned_by(self, owner: Owner) -> Self:
        """Keep one owner's rows; a city's own are those without a site."""
        return self.filter(city__slug=owner.city_slug, tenant__uuid=owner.site) if owner.site else self.of_city(owner.city_slug)

    def of_city(self, city_slug: str) -> Self:
        """Keep the rows of the city as a whole."""
        return self.filter(city__slug=city_slug, tenant=None)


class Rule(models.Model):
    """One rule as editors have it now; readers' searches follow it only from the next version on."""

    city = models.ForeignKey(City, models.CASCADE, related_name="+")
    tenant = models.ForeignKey(Tenant, models.CASCADE, null=True, related_name="+")
    kind = models.CharField("类型", max_length=10, choices=RuleKind.choices)
    phrase = models.CharField("搜索词", max_length=100)
    match = models.CharField("匹配方式", max_length=10, choices=Match.choices, default=Match.EXACT.value)
    address = models.CharField("网页地址", max_length=500, blank=True)
    page = models.CharField(max_length=80, blank=True, db_collation="C")  # the page's key, where the address is one of ours
    title = models.CharField("显示标题", max_length=200, blank=True)
    position = models.PositiveSmallIntegerField("次序", default=1)
    effect = models.CharField("处理方式", max_length=10, choices=Effect.choices, default=Effect.HIDE.value)
    words = models.CharField("对应词语", max_length=100, blank=True)
    is_two_way = models.BooleanField("双向", default=False)
    starts_on = models.DateField("开始日期", null=True, blank=True)
    ends_on = models.DateField("结束日期", null=True, blank=True)
    holder = models.CharField("负责人", max_length=60, blank=True)
    note = models.CharField("备注", max_length=300, blank=True)
    changed_by = models.CharField(max_length=150)
    changed_at = models.DateTimeField(db_default=Now())

    objects = OwnedQuerySet["Rule"].as_manager()
    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = verbose_name_plural = "搜索规则"
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["city", "tenant", "kind"], name="search_rule_owner")]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(kind__in=RuleKind.values), name="search_rule_kind_known"),
            models.CheckConstraint(condition=models.Q(match__in=Match.values), name="search_rule_match_known"),
            models.CheckConstraint(condition=models.Q(effect__in=Effect.values), name="search_rule_effect_known"),
            models.CheckConstraint(condition=~models.Q(phrase=""), name="search_rule_has_phrase"),
            models.CheckConstraint(
                condition=~models.Q(kind__in=[RuleKind.SYNONYM, RuleKind.SPELLING]) | ~models.Q(words=""), name="search_rule_has_words"
            ),
            models.CheckConstraint(condition=~models.Q(kind=RuleKind.BEST) | ~models.Q(address=""), name="search_rule_best_has_address"),
            models.CheckConstraint(condition=~models.Q(kind=RuleKind.WORST) | ~models.Q(page=""), name="search_rule_worst_has_page"),
            models.CheckConstraint(
                condition=models.Q(starts_on=None) | models.Q(ends_on=None) | models.Q(ends_on__gte=models.F("starts_on")),
                name="search_rule_dates_in_order",
            ),
            models.UniqueConstraint(
                fields=["city", "tenant", "kind", "phrase", "address", "words"], nulls_distinct=False, name="search_rule_once"
            ),
        ]

    @override
    def __str__(self) -> str:
        return f"{RuleKind(self.kind).label}：{self.phrase} ({self.pk})"


class CurationVersion(models.Model):
    """All rules of one owner as they were put into force; never changed afterwards, but for which one is in force."""

    city = models.ForeignKey(City, models.CASCADE, related_name="+")
    tenant = models.ForeignKey(Tenant, models.CASCADE, null=True, related_name="+")
    number = models.PositiveIntegerField("版本")
    rules = models.JSONField(default=list)
    changes = models.JSONField(default=list)
    note = models.CharField("说明", max_length=300, blank=True)
    is_active = models.BooleanField("现行", default=True)
    activated_by = models.CharField("启用人", max_length=150)
    activated_at = models.DateTimeField("启用时间", db_default=Now())

    objects = OwnedQuerySet["CurationVersion"].as_manager()
    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = verbose_name_plural = "搜索规则版本"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["city", "tenant", "number"], nulls_distinct=False, name="search_version_number_once"),
            models.UniqueConstraint(
                fields=["city", "tenant"], condition=models.Q(is_active=True), nulls_distinct=False, name="search_one_version_in_force"
            ),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.city_id}/{self.tenant_id or '-'} v{self.number}"
