"""Words of the exchange between sites, plain values, and each way to fail."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import models


class Mode(models.TextChoices):
    """What happens at the receiving site."""

    AT_ONCE = "at_once", "直接发布"
    AFTER_ACCEPTANCE = "after_acceptance", "对方审核后发布"


class DeliveryState(models.TextChoices):
    """What became of a text at one receiving site."""

    OFFERED = "offered", "待处理"
    CARRIED = "carried", "已发布"
    DECLINED = "declined", "不予采用"
    FAILED = "failed", "未能发布"


class Mark(models.TextChoices):
    """What readers of a copy must know of its original."""

    NONE = "", "正常"
    WITHDRAWN = "withdrawn", "原文已撤下"
    REPEALED = "repealed", "原文已废止"
    EXPIRED = "expired", "原文已失效"


def label_of(mark: str) -> str:
    """Return what to tell those who must learn of a mark; that there is none any more is news to those who knew it."""
    return Mark(mark).label if mark else "原文已恢复"


@dataclass(frozen=True, slots=True)
class Original:
    """A text as other sites may know it: the page, where readers find it, and what became of it."""

    site: UUID
    page_id: int
    path: str
    title: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a copy comes from, and what became of the original."""

    site_name: str
    url: str
    mark: str
    label: str
    marked_at: datetime | None


class ExchangeError(Exception):
    """Something that cannot be done; the message is for the person who asked, in Chinese."""


class NoReceiverError(ExchangeError):
    """Nobody was chosen, or somebody who cannot receive."""


class DecidedError(ExchangeError):
    """The text was decided about already."""


class NotAnnouncedError(ExchangeError):
    """An announcement did not go live anywhere, because it could not everywhere."""

    def __init__(self, reasons: dict[str, str]) -> None:
        self.reasons = reasons
        lines = "；".join(f"{site}：{reason}" for site, reason in reasons.items())
        super().__init__(f"没有在任何网站发布，因为有 {len(reasons)} 个网站不能发布：{lines}")
