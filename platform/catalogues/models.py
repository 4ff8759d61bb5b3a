"""Editions of catalogues and their entries, and how far each site is; in `public`."""

from typing import ClassVar

from django.db import models
from typing_extensions import override

from catalogues.contract import KIND_LABELS, LEVEL_LABELS, SEPARATOR, Item, Kind, Level
from rules.contract import SCOPE_LABELS, Scope


class Edition(models.Model):
    """A catalogue as somebody announced it; a changed one is a further edition."""

    kind = models.CharField("目录", max_length=12, choices=[(kind.value, label) for kind, label in KIND_LABELS.items()])
    number = models.PositiveIntegerField("版本")
    title = models.CharField("名称", max_length=200)
    source = models.CharField("来源", max_length=200)
    published_on = models.DateField("公布日期")
    valid_from = models.DateField("适用起始日期")
    scope = models.CharField(
        "适用范围", max_length=10, choices=[(scope.value, label) for scope, label in SCOPE_LABELS.items()], default=Scope.NATION.value
    )
    scope_code = models.CharField("范围代码", max_length=40, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "公开目录"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["kind", "number"], name="catalogues_one_number"),
            models.CheckConstraint(condition=models.Q(kind__in=[kind.value for kind in Kind]), name="catalogues_kind_known"),
            models.CheckConstraint(condition=models.Q(scope__in=[scope.value for scope in Scope]), name="catalogues_scope_known"),
            models.CheckConstraint(condition=~models.Q(source=""), name="catalogues_has_a_source"),
            models.CheckConstraint(
                condition=(models.Q(scope=Scope.NATION.value) & models.Q(scope_code=""))
                | (~models.Q(scope=Scope.NATION.value) & ~models.Q(scope_code="")),
                name="catalogues_scope_is_named",
            ),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.title} ({self.kind} {self.number}, from {self.valid_from})"


class Entry(models.Model):
    """A row of an edition; `code` stays the same from edition to edition, so that what sites say of it stays."""

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="entries")
    position = models.PositiveIntegerField("次序")
    code = models.CharField("编码", max_length=20)
    field = models.CharField("领域", max_length=60)
    group = models.CharField("一级事项", max_length=100, blank=True)
    title = models.CharField("公开事项", max_length=200)
    content = models.TextField("公开内容（要素）", blank=True)
    basis = models.TextField("公开依据", blank=True)
    timing = models.CharField("公开时限", max_length=200, blank=True)
    organ = models.CharField("公开主体", max_length=200, blank=True)
    channels = models.CharField("公开渠道和载体", max_length=300, blank=True)
    audience = models.CharField("公开对象", max_length=100, blank=True)
    manner = models.CharField("公开方式", max_length=40, blank=True)
    levels = models.CharField("公开层级", max_length=40, help_text="city、county、township，用分号隔开。")
    columns = models.CharField("默认栏目", max_length=200, blank=True, help_text="栏目类别或栏目名称，用分号隔开。")
    is_sample = models.BooleanField("样例", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "公开事项"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["edition", "code"], name="catalogues_one_code"),
            models.UniqueConstraint(fields=["edition", "position"], name="catalogues_one_position"),
            models.CheckConstraint(condition=~models.Q(levels=""), name="catalogues_has_a_level"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    @property
    def item(self) -> Item:
        """The row as a plain value."""
        return Item(
            code=self.code,
            field=self.field,
            title=self.title,
            group=self.group,
            content=self.content,
            basis=self.basis,
            timing=self.timing,
            organ=self.organ,
            channels=self.channels,
            audience=self.audience,
            manner=self.manner,
            levels=tuple(Level(level) for level in self.levels.split(SEPARATOR) if level in LEVEL_LABELS),
            columns=tuple(filter(None, self.columns.split(SEPARATOR))),
            is_sample=self.is_sample,
        )


class Standing(models.Model):
    """How far one site was when it was last measured; names the site by its uuid, never a row of its schema."""

    tenant_uuid = models.UUIDField("站点", unique=True)
    measured_at = models.DateTimeField("统计时间")
    platform_path = models.CharField("公开专栏地址", max_length=300, blank=True)
    columns = models.PositiveIntegerField("栏目数")
    blank = models.PositiveIntegerField("空白栏目")
    overdue = models.PositiveIntegerField("逾期栏目")
    due_soon = models.PositiveIntegerField("即将到期栏目")
    entries = models.PositiveIntegerField("公开事项数")
    fulfilled = models.PositiveIntegerField("已落实事项")
    late = models.PositiveIntegerField("逾期事项")
    rows = models.JSONField(
        "法定主动公开内容逐项", default=list, blank=True, db_default=models.Value([], models.JSONField())
    )  # of each statutory entry: code, title, state, words, days, count, url; see contract.StandingRow

    class Meta:
        verbose_name = verbose_name_plural = "公开进度"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(fulfilled__lte=models.F("entries")), name="catalogues_fulfilled_of_entries"),
            models.CheckConstraint(condition=models.Q(overdue__lte=models.F("columns")), name="catalogues_overdue_of_columns"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.tenant_uuid}: {self.fulfilled}/{self.entries}, {self.blank} blank, {self.overdue} overdue"
