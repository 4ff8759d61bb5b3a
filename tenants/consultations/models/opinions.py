"""What citizens sent: as little of themselves as they choose, read by staff alone."""

from typing import ClassVar

from django.db import models
from typing_extensions import override

from tenants.consultations.contract import LONGEST_OPINION
from tenants.consultations.models.consulting import ConsultationPage
from tenants.pages.contract import ADMINISTRATORS, AUDITORS, EDITORS, REVIEWERS


class Opinion(models.Model):
    """One opinion; name and contact are gone when the time is over that a rule says."""

    consultation = models.ForeignKey(ConsultationPage, models.CASCADE, related_name="opinions", verbose_name="意见征集")
    number = models.CharField("编号", max_length=20, unique=True)
    text = models.TextField("意见内容", max_length=LONGEST_OPINION)
    name = models.CharField("姓名或单位", max_length=40, blank=True)
    contact = models.CharField("联系方式", max_length=100, blank=True)
    received_at = models.DateTimeField("收到时间")

    role_rights: ClassVar[dict[str, tuple[str, ...]]] = {
        EDITORS: ("view", "contact"),
        REVIEWERS: ("view", "contact"),
        ADMINISTRATORS: ("view", "contact"),
        AUDITORS: ("view",),
    }

    class Meta:
        verbose_name = verbose_name_plural = "公众意见"
        permissions = (("contact_opinion", "查看提意见人的姓名和联系方式"),)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=~models.Q(text=""), name="consultations_opinion_says_something"),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["consultation", "received_at"], name="consultations_by_arrival")]

    @override
    def __str__(self) -> str:
        return self.number
