"""Words and plain values of consultations: their kinds, how they stand, what became of an opinion, which rules count."""

import datetime as dt
from collections.abc import Mapping
from enum import StrEnum

from django.db import models

from rules.contract import Key
from search.contract import Phase
from tenants.pages.contract import Element

LONGEST_OPINION = 5_000
LONGEST_REASON = 300
GONE = "［内容已删除］"  # what a withheld opinion says whose words had to go
MISSING = (
    Element("organ", "起草单位"),
    Element("note", "起草说明"),
    Element("draft", "征求意见稿：正文、附件或已发布的文件"),
    Element("ways", "提意见的方式：网上、信函、电子邮件或电话"),
)


class Kind(models.TextChoices):
    """What is decided."""

    DECISION = "decision", "重大行政决策"
    RULE = "rule", "规章草案"
    NORMATIVE = "normative", "行政规范性文件"
    OTHER = "other", "其他事项"


class Adoption(models.TextChoices):
    """What became of an opinion."""

    ADOPTED = "adopted", "采纳"
    PARTLY = "partly", "部分采纳"
    DECLINED = "declined", "未采纳"


class Status(StrEnum):
    """How a consultation stands; told by the clock and by whether it was answered, never typed."""

    UPCOMING = "upcoming"
    OPEN = "open"
    CLOSED = "closed"
    ANSWERED = "answered"


STATUS_LABELS: Mapping[Status, str] = {
    Status.UPCOMING: "未开始",
    Status.OPEN: "征集中",
    Status.CLOSED: "已结束",
    Status.ANSWERED: "已反馈",
}
PERIODS = {Kind.DECISION: Key.CONSULTATION_DECISION, Kind.RULE: Key.CONSULTATION_RULE, Kind.NORMATIVE: Key.CONSULTATION_NORMATIVE}


def period_key(kind: str, *, affects_market: bool) -> Key | None:
    """Return the rule that says how long a consultation lasts at least; none where no rule does.

    What touches market entities has a rule of its own, unless it is a decision or 规章: those have theirs.
    """
    key = PERIODS.get(Kind(kind)) if kind in Kind.values else None
    return Key.CONSULTATION_MARKET if affects_market and key in (None, Key.CONSULTATION_NORMATIVE) else key


def status_of(starts_on: dt.date | None, ends_on: dt.date | None, *, is_answered: bool, today: dt.date) -> Status:
    """Return how a consultation stands on a day; its first and its last day count as open."""
    if starts_on is None or today < starts_on:
        return Status.UPCOMING
    if ends_on is None or today <= ends_on:
        return Status.OPEN
    return Status.ANSWERED if is_answered else Status.CLOSED


def phases_of(starts_on: dt.date | None, ends_on: dt.date | None, *, is_answered: bool) -> tuple[Phase, ...]:
    """Return how a consultation stands from each day on that changes it, so that whoever reads it on any day is told right."""
    after = ends_on + dt.timedelta(days=1) if ends_on else None
    turns = [None, *sorted(day for day in (starts_on, after) if day)]
    notes = {Status.UPCOMING: f"{starts_on} 开始" if starts_on else "", Status.OPEN: f"{ends_on} 截止" if ends_on else ""}
    found = [(day, status_of(starts_on, ends_on, is_answered=is_answered, today=day or dt.date.min)) for day in turns]
    return tuple(Phase(day, status.value, STATUS_LABELS[status], notes.get(status, "")) for day, status in found)


def masked(text: str) -> str:
    """Return a name or a contact so that staff tell two apart and nobody is recognised: the first sign, and of long ones the last two."""
    if len(text) < 2:  # noqa: PLR2004 - a single sign is all there is to hide
        return "*" * len(text)
    shown = 2 if len(text) > 6 else 0  # noqa: PLR2004 - the end of a number; a name has none to spare
    return text[0] + "*" * (len(text) - 1 - shown) + text[len(text) - shown :]
