"""Where else a text was published, with the proof of it."""

import datetime as dt
from typing import Any, ClassVar
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.utils import timezone
from typing_extensions import override
from wagtail.admin.panels import FieldPanel, FieldRowPanel
from wagtail.models import Orderable

from registry.selectors import directory
from tenants.interpretations.contract import HOSTS_OF, OFFLINE_CHANNELS, Channel


class ChannelRow(Orderable):
    """One publication in another channel: where, when, and a link or a file that proves it."""

    channel = models.CharField("渠道", max_length=16, choices=Channel.choices)
    outlet = models.CharField("账号或媒体名称", max_length=100, blank=True)
    published_on = models.DateField("发布日期")
    link = models.URLField("佐证链接", max_length=500, blank=True, help_text="在该渠道发布的网址，以 http:// 或 https:// 开头。")
    proof = models.ForeignKey(
        "media.SiteFile",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="佐证文件",
        help_text="没有网址的（如广播电视、报刊），上传版面、截图等文件。",
    )

    panels: ClassVar[list[Any]] = [
        FieldRowPanel([FieldPanel("channel"), FieldPanel("published_on")]),
        FieldPanel("outlet"),
        FieldPanel("link"),
        FieldPanel("proof"),
    ]

    class Meta(Orderable.Meta):
        abstract = True
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(channel__in=Channel.values), name="%(app_label)s_%(class)s_channel"),
            models.CheckConstraint(condition=~models.Q(link="") | models.Q(proof__isnull=False), name="%(app_label)s_%(class)s_proof"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.get_channel_display()} {self.outlet} {self.published_on}".strip()

    @override
    def clean(self) -> None:
        """Refuse what proves nothing: no link and no file, a day to come, an address that is no other channel."""
        super().clean()
        errors: dict[str, str] = {}
        if not self.link and self.proof is None:
            errors["link"] = "请填写佐证链接，或上传佐证文件。"
        elif self.link and (fault := link_fault(self.link, channel=self.channel)):
            errors["link"] = fault
        published_on: dt.date | None = self.published_on
        if published_on is not None and published_on > timezone.localdate():
            errors["published_on"] = "发布日期不能晚于今天；尚未发布的请在发布后登记。"
        if errors:
            raise ValidationError(errors)


def link_fault(link: str, *, channel: str) -> str:
    """Return why an address is no proof of a publication in a channel; empty if it is one."""
    parts = urlsplit(link)
    host = (parts.hostname or "").lower().removesuffix(".")
    try:
        URLValidator(schemes=["http", "https"])(link)
    except ValidationError:
        return "请填写以 http:// 或 https:// 开头的完整网址。"
    if "@" in parts.netloc or "." not in host or host.replace(".", "").isdigit() or ":" in host:
        return "网址要用公开的域名，不能是IP地址、本机名称或带账号的地址。"
    wanted = HOSTS_OF.get(Channel(channel)) if channel in Channel.values else None
    if wanted and not any(host == name or host.endswith(f".{name}") for name in wanted):
        return f"{Channel(channel).label}的网址应在 {'、'.join(wanted)} 之下。"
    if channel not in OFFLINE_CHANNELS and host in directory().by_host:
        return "这是政府网站的网址，不算其他渠道；请填写在该渠道发布的网址。"
    return ""
