"""The table of rules; in `public`."""

from typing import ClassVar

from django.db import models
from typing_extensions import override

from rules.contract import MARK_LABELS, SCOPE_LABELS, UNIT_LABELS, Mark, Scope, Unit


class Rule(models.Model):
    """A number set by law or rule: what it is, where and from when to when it holds, and what it rests on."""

    key = models.CharField("规则", max_length=60)
    value = models.PositiveIntegerField("数值")
    unit = models.CharField("单位", max_length=16, choices=[(unit.value, label) for unit, label in UNIT_LABELS.items()])
    basis = models.CharField("依据", max_length=200)
    mark = models.CharField("可信度", max_length=8, choices=[(mark.value, label) for mark, label in MARK_LABELS.items()])
    scope = models.CharField(
        "适用范围", max_length=10, choices=[(scope.value, label) for scope, label in SCOPE_LABELS.items()], default=Scope.NATION.value
    )
    scope_code = models.CharField("范围代码", max_length=40, blank=True, help_text="省：区划代码前两位；市：区划代码；站点：站点标识。")
    valid_from = models.DateField("生效日期")
    valid_to = models.DateField("失效日期", null=True, blank=True, help_text="最后一天；空：仍然有效。")
    note = models.CharField("说明", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "规则参数"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["key", "scope", "scope_code", "valid_from"], name="rules_one_value_a_day"),
            models.CheckConstraint(
                condition=models.Q(valid_to=None) | models.Q(valid_to__gte=models.F("valid_from")), name="rules_in_order"
            ),
            models.CheckConstraint(condition=models.Q(scope__in=[scope.value for scope in Scope]), name="rules_scope_known"),
            models.CheckConstraint(condition=models.Q(unit__in=[unit.value for unit in Unit]), name="rules_unit_known"),
            models.CheckConstraint(condition=models.Q(mark__in=[mark.value for mark in Mark]), name="rules_mark_known"),
            models.CheckConstraint(condition=~models.Q(basis=""), name="rules_has_a_basis"),
            models.CheckConstraint(
                condition=(models.Q(scope=Scope.NATION.value) & models.Q(scope_code=""))
                | (~models.Q(scope=Scope.NATION.value) & ~models.Q(scope_code="")),
                name="rules_scope_is_named",
            ),
        ]

    @override
    def __str__(self) -> str:
        where = f"{self.scope} {self.scope_code}".strip()
        return f"{self.key} = {self.value} {self.unit} ({where}, from {self.valid_from})"
