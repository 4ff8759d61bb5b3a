"""What became known and must be answered, and the pages that answer it."""

import datetime as dt
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from modelcluster.fields import ParentalKey
from typing_extensions import override
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel
from wagtail.models import Orderable

from search.contract import Tab
from tenants.interpretations import composing
from tenants.interpretations.contract import IssueKind, ResponseForm
from tenants.interpretations.models.channels import ChannelRow
from tenants.pages.contract import ADMINISTRATORS, AUDITORS, EDITORS, REVIEWERS
from tenants.pages.models import TITLE, TextPage


class PublicIssue(models.Model):
    """What the office got to know that people talk about (舆情); staff's own record, never shown to readers."""

    title = models.CharField("舆情事项", max_length=200)
    kind = models.CharField("类别", max_length=16, choices=IssueKind.choices, help_text="回应时限按类别从规则中取得。")
    noticed_at = models.DateTimeField("获知时间", help_text="时限从这一刻起算。")
    source = models.CharField("来源", max_length=200, help_text="例：网民留言、媒体报道、12345热线、上级转办。")
    source_link = models.URLField("来源链接", max_length=500, blank=True)
    organ = models.CharField("责任单位", max_length=100)
    summary = models.TextField("基本情况", blank=True)
    waived_reason = models.CharField(
        "不公开回应的理由", max_length=300, blank=True, help_text="经研究不需要公开回应的，写明理由；写了就不再计时。"
    )

    role_rights: ClassVar[dict[str, tuple[str, ...]]] = {
        EDITORS: ("view", "add", "change"),
        REVIEWERS: ("view", "add", "change", "delete"),
        ADMINISTRATORS: ("view", "add", "change", "delete"),
        AUDITORS: ("view",),
    }
    panels: ClassVar[list[Any]] = [
        FieldPanel("title"),
        FieldRowPanel([FieldPanel("kind"), FieldPanel("noticed_at")]),
        FieldRowPanel([FieldPanel("source"), FieldPanel("source_link")]),
        FieldPanel("organ"),
        FieldPanel("summary"),
        FieldPanel("waived_reason"),
    ]

    class Meta:
        verbose_name = verbose_name_plural = "舆情事项"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(kind__in=IssueKind.values), name="interpretations_issue_kind_known")
        ]

    @override
    def __str__(self) -> str:
        return f"{self.title}（{timezone.localtime(self.noticed_at):%Y-%m-%d %H:%M}）"

    @override
    def clean(self) -> None:
        """Refuse a moment that has not come yet."""
        super().clean()
        noticed_at: dt.datetime | None = self.noticed_at
        if noticed_at is not None and noticed_at > timezone.now():
            raise ValidationError({"noticed_at": "获知时间不能晚于现在。"})


class ResponsePage(TextPage):
    """A text that answers what people talk about (舆情回应)."""

    issue = models.ForeignKey(
        PublicIssue,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="舆情事项",
        help_text="这篇回应针对哪一件；发布后该事项停止计时。",
    )
    focus = models.CharField("关注焦点", max_length=300, blank=True, help_text="公众关心的问题是什么，一句话写明，读者看得到。")
    form = models.CharField("回应方式", max_length=16, choices=ResponseForm.choices, default=ResponseForm.STATEMENT)
    held_at = models.DateTimeField("举行时间", null=True, blank=True, help_text="新闻发布会必填。")
    organ = models.CharField("回应机关", max_length=100, blank=True)

    own_tab = Tab.DIALOGUE

    content_panels: ClassVar[list[Any]] = [
        TITLE,
        FieldPanel("subtitle"),
        MultiFieldPanel(
            [
                FieldPanel("issue"),
                FieldPanel("focus"),
                FieldRowPanel([FieldPanel("form"), FieldPanel("held_at")]),
                FieldPanel("organ"),
                FieldRowPanel([FieldPanel("source"), FieldPanel("editor_name")]),
            ],
            heading="回应信息",
        ),
        FieldPanel("summary"),
        FieldPanel("body"),
        InlinePanel("updates", heading="后续进展", label="进展", help_text="事情有新进展就加一条，重新发布即可。"),
        InlinePanel("channels", heading="其他渠道发布与传播情况", label="渠道"),
        FieldPanel("attachments"),
        FieldPanel("keywords"),
    ]

    class Meta:
        verbose_name = verbose_name_plural = "舆情回应"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(form__in=ResponseForm.values), name="interpretations_response_form_known"),
        ]

    @override
    def clean(self) -> None:
        """Refuse a press conference without its time, and an answer that was public before its question was known."""
        super().clean()
        errors: dict[str, str] = {}
        if self.form == ResponseForm.PRESS and self.held_at is None:
            errors["held_at"] = "请填写新闻发布会的举行时间。"
        issue: PublicIssue | None = self.issue
        if issue and self.first_published_at and self.first_published_at < issue.noticed_at:
            errors["issue"] = "本页在获知这件舆情之前就已发布，不能算作回应；请新建一篇回应。"
        if errors:
            raise ValidationError(errors)

    @override
    def shown(self, request: HttpRequest) -> dict[str, Any]:
        """Return the text with what people asked, how it went on, and where else it was published."""
        return composing.response(self, request)

    @override
    def search_text(self) -> str:
        """Return the body with what people asked and how it went on."""
        parts = [self.focus, super().search_text(), *(row.text for row in self.updates.all())]
        return "\n".join(line for part in parts for line in part.splitlines() if line.strip())


class ResponseUpdate(Orderable):
    """How the matter went on."""

    page = ParentalKey(ResponsePage, on_delete=models.CASCADE, related_name="updates")
    at = models.DateTimeField("时间")
    text = models.TextField("进展")

    panels: ClassVar[list[Any]] = [FieldPanel("at"), FieldPanel("text")]

    class Meta(Orderable.Meta):
        verbose_name = verbose_name_plural = "后续进展"

    @override
    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.text[:20]}"


class ResponseChannel(ChannelRow):
    """Where else an answer was published, and how far it reached."""

    page = ParentalKey(ResponsePage, on_delete=models.CASCADE, related_name="channels")
    reads = models.PositiveBigIntegerField("阅读（播放）量", null=True, blank=True)
    shares = models.PositiveBigIntegerField("转发量", null=True, blank=True)

    panels: ClassVar[list[Any]] = [
        *ChannelRow.panels,
        FieldRowPanel([FieldPanel("reads"), FieldPanel("shares")]),
    ]

    class Meta(ChannelRow.Meta):
        verbose_name = verbose_name_plural = "其他渠道发布与传播情况"
