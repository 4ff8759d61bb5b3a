"""An account kept elsewhere as a page of the register, and what was published there as plain rows."""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest
from typing_extensions import override
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, PageChooserPanel

from tenants.channels import composing
from tenants.channels.contract import AccountKind, AccountState
from tenants.pages.contract import ADMINISTRATORS, AUDITORS, EDITORS, REVIEWERS
from tenants.pages.models import TITLE, TextPage


class AccountPage(TextPage):
    """An account that the government keeps on another platform."""

    kind = models.CharField("平台", max_length=20, choices=AccountKind.choices, default=AccountKind.WECHAT.value)
    account_id = models.CharField("账号", max_length=80, blank=True, help_text="平台上的账号名或编号；标题填账号的名称。")
    organ_name = models.CharField("主办单位", max_length=100)
    responsible = models.CharField("责任部门", max_length=100, blank=True, help_text="负责内容的科室或岗位。")
    opened_date = models.DateField("开设日期", null=True, blank=True)
    link = models.URLField("链接", max_length=300, blank=True, help_text="账号主页或客户端下载页。")
    qr = models.ForeignKey("media.SiteImage", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="二维码")
    filing_no = models.CharField("备案编号", max_length=60, blank=True)
    filed_date = models.DateField("备案日期", null=True, blank=True)
    state = models.CharField("状态", max_length=10, choices=AccountState.choices, default=AccountState.ACTIVE.value)
    closed_date = models.DateField("关停日期", null=True, blank=True)
    closing_note = models.CharField("关停备案说明", max_length=200, blank=True, help_text="关停前的公告、备案文号等。")

    content_panels: ClassVar[list[Any]] = [
        TITLE,
        FieldRowPanel([FieldPanel("kind"), FieldPanel("account_id")]),
        FieldRowPanel([FieldPanel("organ_name"), FieldPanel("responsible")]),
        FieldPanel("summary"),
        FieldPanel("link"),
        FieldPanel("qr"),
        MultiFieldPanel(
            [FieldPanel("opened_date"), FieldRowPanel([FieldPanel("filing_no"), FieldPanel("filed_date")])], heading="开设和备案"
        ),
        MultiFieldPanel([FieldRowPanel([FieldPanel("state"), FieldPanel("closed_date")]), FieldPanel("closing_note")], heading="运行状态"),
    ]

    class Meta:
        verbose_name = verbose_name_plural = "新媒体账号"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=~models.Q(state=AccountState.CLOSED.value) | models.Q(closed_date__isnull=False),
                name="channels_closed_has_its_day",
                violation_error_message="已关停的账号要填写关停日期。",
            ),
        ]

    @override
    def shown(self, request: HttpRequest) -> dict[str, Any]:
        """Return the account's facts and what it published last."""
        return composing.account(self, request)

    @override
    def search_text(self) -> str:
        """Return all that a reader sees of the account, a paragraph a line."""
        facts = [f"{fact['label']}：{fact['value']}" for fact in composing.facts_of(self)]
        return "\n".join(line for line in [*facts, super().search_text()] if line)

    @override
    def search_facts(self) -> dict[str, Any]:
        """Return who keeps it."""
        return {"issuer": self.organ_name}


class Post(models.Model):
    """What was published on an account: registered by day, not copied."""

    account = models.ForeignKey(AccountPage, models.CASCADE, related_name="posts", verbose_name="账号")
    posted_date = models.DateField("发布日期")
    title = models.CharField("标题", max_length=200)
    link = models.URLField("链接", max_length=300, blank=True)
    page = models.ForeignKey(
        "wagtailcore.Page",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="本站文章",
        help_text="本站也发布了同样内容的，选择那一篇。",
    )

    panels: ClassVar[list[Any]] = [
        FieldPanel("account"),
        FieldRowPanel([FieldPanel("posted_date"), FieldPanel("title")]),
        FieldPanel("link"),
        PageChooserPanel("page"),
    ]
    role_rights: ClassVar[dict[str, tuple[str, ...]]] = {
        EDITORS: ("view", "add", "change"),
        REVIEWERS: ("view", "add", "change", "delete"),
        ADMINISTRATORS: ("view", "add", "change", "delete"),
        AUDITORS: ("view",),
    }

    class Meta:
        verbose_name = verbose_name_plural = "新媒体发布记录"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["account", "posted_date", "title"],
                name="channels_a_post_once",
                violation_error_message="这个账号当天已经登记过同样标题的内容。",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["account", "-posted_date"], name="channels_post_newest")]

    @override
    def __str__(self) -> str:
        return self.title

    @override
    def clean(self) -> None:
        """Refuse a link that is no web address of a page.

        Raises:
            ValidationError: the link is neither http nor https.

        """
        super().clean()
        if self.link and not self.link.startswith(("https://", "http://")):
            raise ValidationError({"link": "链接要以 https:// 或 http:// 开头。"})
