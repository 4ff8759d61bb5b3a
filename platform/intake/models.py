"""The register of numbers; in `public`, so that one number is one thing in all sites. What was handed in is in the site's own tables."""

from typing import ClassVar

from django.db import models
from typing_extensions import override

from intake.contract import Purpose


class Receipt(models.Model):
    """A number that was given; sites are named by their uuid, so it outlives them and is never given again."""

    number = models.CharField("编号", max_length=20, unique=True)
    purpose = models.CharField("类别", max_length=10, choices=Purpose.choices)
    site = models.UUIDField("网站")
    form = models.CharField("表单标识", max_length=64, unique=True, help_text="表单一次性标识的摘要：同一表单只得一个编号。")
    sender = models.CharField("来源摘要", max_length=32, blank=True)
    phone = models.CharField("电话摘要", max_length=32, blank=True, default="", db_default="", help_text="只用于限制次数，一天后清除。")
    issued_at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "提交编号"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(purpose__in=Purpose.values), name="intake_purpose_known"),
            models.CheckConstraint(condition=models.Q(number__regex=r"^\d{14,20}$"), name="intake_number_form"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["sender", "issued_at"], name="intake_by_sender"),
            models.Index(fields=["phone", "issued_at"], condition=~models.Q(phone=""), name="intake_by_phone"),
        ]

    @override
    def __str__(self) -> str:
        return self.number
