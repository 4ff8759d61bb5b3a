"""What citizens sent: as little of themselves as they choose, read by staff alone."""

from typing import ClassVar

from django.db import models
from typing_extensions import override

from tenants.consultations.contract import LONGEST_OPINION, LONGEST_REASON
from tenants.consultations.models.consulting import ConsultationPage
from tenants.pages.contract import ADMINISTRATORS, AUDITORS, EDITORS, REVIEWERS


class Opinion(models.Model):
    """One opinion; name and contact are gone when the time is over that a rule says, or when it is withheld."""

    consultation = models.ForeignKey(ConsultationPage, models.CASCADE, related_name="opinions", verbose_name="意见征集")
    number = models.CharField("编号", max_length=20, unique=True)
    text = models.TextField("意见内容", max_length=LONGEST_OPINION)
    name = models.CharField("姓名或单位", max_length=40, blank=True)
    contact = models.CharField("联系方式", max_length=100, blank=True)
    received_at = models.DateTimeField("收到时间")
    withheld_at = models.DateTimeField("撤除时间", null=True, blank=True)  # one that is withheld counts no more
    withheld_reason = models.CharField("撤除理由", max_length=LONGEST_REASON, blank=True, default="", db_default="")

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
            models.CheckConstraint(
                condition=models.Q(withheld_at=None, withheld_reason="")
                | (models.Q(withheld_at__isnull=False, name="", contact="") & ~models.Q(withheld_reason="")),
                name="consultations_withheld_for_a_reason_without_a_person",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["consultation", "received_at"], name="consultations_by_arrival")]

    @override
    def __str__(self) -> str:
        return self.number
