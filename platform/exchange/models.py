"""What was sent from site to site; in `public`. Sites are named by their uuid: what was sent outlives a site."""

import uuid
from typing import ClassVar

from django.db import models
from typing_extensions import override

from exchange.contract import DeliveryState, Mark, Mode


class Sending(models.Model):
    """A text of one site that others were given, as it was when it was sent last."""

    sender = models.UUIDField("发出网站")
    page_id = models.PositiveBigIntegerField("页面")
    path = models.CharField("地址", max_length=500)
    title = models.CharField("标题", max_length=255)
    mode = models.CharField("方式", max_length=20, choices=Mode.choices)
    row = models.JSONField("内容")
    version = models.PositiveIntegerField("版本", default=1)
    mark = models.CharField("原文状态", max_length=12, choices=Mark.choices, blank=True, default=Mark.NONE)
    marked_at = models.DateTimeField("状态变更时间", null=True, blank=True)
    sent_by = models.CharField("发出人", max_length=150)
    sent_at = models.DateTimeField("发出时间", auto_now_add=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["sender", "page_id"], name="exchange_sent_once"),
            models.CheckConstraint(condition=models.Q(mode__in=Mode.values), name="exchange_mode_known"),
            models.CheckConstraint(condition=models.Q(mark__in=Mark.values), name="exchange_mark_known"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.title} (version {self.version}) from {self.sender}"


class Delivery(models.Model):
    """What became of a text at one receiving site."""

    sending = models.ForeignKey(Sending, models.CASCADE, related_name="deliveries")
    receiver = models.UUIDField("接收网站")
    mode = models.CharField("方式", max_length=20, choices=Mode.choices, default=Mode.AFTER_ACCEPTANCE, db_default=Mode.AFTER_ACCEPTANCE)
    state = models.CharField("状态", max_length=10, choices=DeliveryState.choices, default=DeliveryState.OFFERED)
    version = models.PositiveIntegerField("已发布版本", default=0)
    page_id = models.PositiveBigIntegerField("页面", null=True, blank=True)
    reason = models.CharField("说明", max_length=300, blank=True)
    decided_by = models.CharField("处理人", max_length=150, blank=True)
    decided_at = models.DateTimeField("处理时间", null=True, blank=True)
    seen_mark = models.CharField("已知悉的原文状态", max_length=12, choices=Mark.choices, blank=True, default=Mark.NONE)
    seen_by = models.CharField("签收人", max_length=150, blank=True)
    seen_at = models.DateTimeField("签收时间", null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["sending", "receiver"], name="exchange_delivered_once"),
            models.CheckConstraint(condition=models.Q(state__in=DeliveryState.values), name="exchange_state_known"),
            models.CheckConstraint(condition=models.Q(mode__in=Mode.values), name="exchange_delivery_mode_known"),
            models.CheckConstraint(condition=~models.Q(state="carried") | models.Q(page_id__isnull=False), name="exchange_carried_page"),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["receiver", "page_id"], name="exchange_copy_of")]

    @override
    def __str__(self) -> str:
        return f"delivery {self.pk} of sending {self.sending_id} to {self.receiver}: {self.state}"


class Relay(models.Model):
    """A text that one site took over from another by itself (转载), without having been sent it; both are public pages."""

    sender = models.UUIDField("原文网站")
    page_id = models.PositiveBigIntegerField("原文页面")
    path = models.CharField("原文地址", max_length=500)
    title = models.CharField("原文标题", max_length=255)
    receiver = models.UUIDField("转载网站")
    copy_id = models.PositiveBigIntegerField("转载页面")
    mark = models.CharField("原文状态", max_length=12, choices=Mark.choices, blank=True, default=Mark.NONE)
    marked_at = models.DateTimeField("状态变更时间", null=True, blank=True)
    seen_mark = models.CharField("已知悉的原文状态", max_length=12, choices=Mark.choices, blank=True, default=Mark.NONE)
    seen_by = models.CharField("签收人", max_length=150, blank=True)
    seen_at = models.DateTimeField("签收时间", null=True, blank=True)
    found_at = models.DateTimeField("发现时间", auto_now_add=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["receiver", "copy_id"], name="exchange_relay_has_one_original"),
            models.CheckConstraint(condition=models.Q(mark__in=Mark.values), name="exchange_relay_mark_known"),
            models.CheckConstraint(condition=~models.Q(sender=models.F("receiver")), name="exchange_relay_joins_two_sites"),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["sender", "page_id"], name="exchange_relay_of")]

    @override
    def __str__(self) -> str:
        return f"{self.title} ({self.pk}) at {self.receiver}, taken over from {self.sender}"


class Announcement(models.Model):
    """A notice that went live on several sites in one moment."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    title = models.CharField("标题", max_length=255)
    text = models.TextField("正文")
    pages = models.JSONField("各网站的页面", default=dict)
    announced_by = models.CharField("发布人", max_length=150)
    announced_at = models.DateTimeField("发布时间")
    withdrawn_by = models.CharField("撤下人", max_length=150, blank=True)
    withdrawn_at = models.DateTimeField("撤下时间", null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=~models.Q(title=""), name="exchange_announcement_has_title"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.title} of {self.announced_at:%Y-%m-%d %H:%M} on {len(self.pages)} sites"
