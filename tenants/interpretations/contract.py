"""Words and plain values of interpretations and of answers to public opinion; which forms and channels count, and what a clock says."""

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.db import models

from rules.contract import Key

MINUTE = dt.timedelta(minutes=1)


class Form(models.TextChoices):
    """How a document is explained; a text may use several."""

    TEXT = "text", "文字解读"
    PICTURES = "pictures", "图解"
    COMIC = "comic", "漫画动漫"
    AUDIO = "audio", "音频"
    VIDEO = "video", "视频"
    QUESTIONS = "questions", "政策问答"
    EXPERT = "expert", "专家解读"
    LEADER = "leader", "负责人解读"
    PRESS = "press", "新闻发布会"
    MEDIA = "media", "媒体专访"
    TALK = "talk", "在线访谈"


class Medium(models.TextChoices):
    """What can be seen or heard on the page."""

    PICTURE = "picture", "图片"
    AUDIO = "audio", "音频"
    VIDEO = "video", "视频"


class Channel(models.TextChoices):
    """Where else a text was published than on a government's site, as the work points of 2020 list it."""

    WECHAT = "wechat", "政务微信"
    WEIBO = "weibo", "政务微博"
    CLIENT = "client", "移动客户端"
    SHORT_VIDEO = "short_video", "短视频平台"
    PRESS = "press", "新闻发布会"
    BROADCAST = "broadcast", "广播电视"
    NEWSPAPER = "newspaper", "报刊杂志"
    NEWS_SITE = "news_site", "新闻网站"
    NEW_MEDIA = "new_media", "其他新兴媒体"


# Of what is said aloud or printed, a page of the office's own may be the proof; of the others it is not another channel.
OFFLINE_CHANNELS = frozenset({Channel.PRESS, Channel.BROADCAST, Channel.NEWSPAPER})
HOSTS_OF = {Channel.WECHAT: ("weixin.qq.com",), Channel.WEIBO: ("weibo.com", "weibo.cn")}

# What an interpretation should say (requirements.md §6); the field, and what editors and readers call it.
ELEMENTS: Mapping[str, str] = {
    "background": "背景依据",
    "goals": "目标任务",
    "content": "主要内容",
    "scope": "适用范围",
    "standards": "执行标准",
    "cautions": "注意事项",
    "terms": "关键词诠释",
    "benefits": "惠民利民举措",
    "differences": "新旧政策差异",
}

# A form that says there is something on the page counts only where it is.
NEEDS_ON_PAGE: Mapping[Form, str] = {
    Form.PICTURES: "图片",
    Form.COMIC: "图片或视频",
    Form.AUDIO: "音频",
    Form.VIDEO: "视频",
    Form.QUESTIONS: "问答",
}


def backed(kinds: list[str], *, media: set[str], has_questions: bool) -> list[Form]:
    """Return the diversified forms that a text really has: more than words, and on the page where the form says so."""
    there = {
        Form.PICTURES: Medium.PICTURE in media,
        Form.COMIC: bool(media & {Medium.PICTURE, Medium.VIDEO}),
        Form.AUDIO: Medium.AUDIO in media,
        Form.VIDEO: Medium.VIDEO in media,
        Form.QUESTIONS: has_questions,
    }
    return [form for form in Form if form in kinds and form is not Form.TEXT and there.get(form, True)]


# --- meters -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Meter:
    """How many of some texts have something, and how many of a hundred must have it; no `required` where no rule says so here."""

    counted: int
    total: int
    required: int | None = None

    @property
    def share(self) -> str:
        """The share with one decimal, never rounded up: 69.96 % is not shown as 70 %."""
        return f"{math.floor(self.counted * 1000 / self.total) / 10:.1f}%" if self.total else "—"

    @property
    def is_met(self) -> bool | None:
        """Whether the share is reached, in whole numbers; none where there is nothing to measure or no rule."""
        if self.required is None or not self.total:
            return None
        return self.counted * 100 >= self.required * self.total

    @property
    def missing(self) -> int:
        """How many more, if all that are added have it, reach the share; 0 where it is reached or no rule says so."""
        if self.is_met is not False or self.required is None:
            return 0
        short = self.required * self.total - 100 * self.counted
        return short if self.required >= 100 else math.ceil(short / (100 - self.required))  # noqa: PLR2004 - percent


# --- clocks -------------------------------------------------------------------


class IssueKind(models.TextChoices):
    """What became known; each has its own clocks."""

    EMERGENCY = "emergency", "特别重大、重大突发事件"
    OPINION = "opinion", "一般政务舆情"
    MISREADING = "misreading", "政策误读"


class ResponseForm(models.TextChoices):
    """How it is answered."""

    STATEMENT = "statement", "权威信息"
    PRESS = "press", "新闻发布会"
    EXPLANATION = "explanation", "解释说明"
    PROGRESS = "progress", "后续进展"


# What must follow: the rule that says how many hours, and what it is called.
CLOCKS: Mapping[IssueKind, tuple[tuple[Key, str], ...]] = {
    IssueKind.EMERGENCY: ((Key.RESPONSE_EMERGENCY, "发布权威信息"), (Key.RESPONSE_PRESS, "举行新闻发布会")),
    IssueKind.OPINION: ((Key.RESPONSE_OPINION, "予以回应"),),
    IssueKind.MISREADING: ((Key.RESPONSE_MISREADING, "澄清误读"),),
}


class ClockState(StrEnum):
    """Where a clock stands."""

    RUNNING = "running"
    OVERDUE = "overdue"
    ON_TIME = "on_time"
    LATE = "late"
    NO_RULE = "no_rule"


@dataclass(frozen=True, slots=True)
class Clock:
    """One thing that must follow an issue: when, whether it did, and how much time is left or was exceeded."""

    label: str
    state: ClockState
    hours: int = 0
    basis: str = ""
    due_at: dt.datetime | None = None
    stopped_at: dt.datetime | None = None
    span: dt.timedelta = field(default_factory=dt.timedelta)  # left, exceeded, or taken

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to act."""
        return self.state in (ClockState.RUNNING, ClockState.OVERDUE)

    @property
    def text(self) -> str:
        """What staff read."""
        words = {
            ClockState.RUNNING: f"还剩{span_text(self.span)}",
            ClockState.OVERDUE: f"已超时{span_text(self.span)}",
            ClockState.ON_TIME: f"按时，用时{span_text(self.span)}",
            ClockState.LATE: f"超时，用时{span_text(self.span)}",
            ClockState.NO_RULE: "本地没有这项时限规定",
        }
        return words[self.state]


def read_clock(*, label: str, hours: int, basis: str, start: dt.datetime, stopped_at: dt.datetime | None, now: dt.datetime) -> Clock:
    """Return where a clock stands that began at `start`; the last moment still counts as on time."""
    due_at = start + dt.timedelta(hours=hours)
    if stopped_at is not None:
        state, span = (ClockState.ON_TIME if stopped_at <= due_at else ClockState.LATE), stopped_at - start
    elif now <= due_at:
        state, span = ClockState.RUNNING, due_at - now
    else:
        state, span = ClockState.OVERDUE, now - due_at
    return Clock(label, state, hours, basis, due_at, stopped_at, span)


def span_text(span: dt.timedelta) -> str:
    """Return a length of time in whole days, hours and minutes."""
    minutes = int(span / MINUTE)
    if minutes < 1:
        return "不足1分钟"
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    parts = [(days, "天"), (hours, "小时"), (minutes, "分钟")]
    return "".join(f"{number}{unit}" for number, unit in parts if number)


# --- what readers see ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LinkedDocument:
    """The official document a text explains, as readers may see it; `site` where it is another site's."""

    title: str
    url: str
    doc_no: str = ""
    issuer: str = ""
    validity: Mapping[str, str] | None = None
    date: dt.datetime | None = None
    site: str = ""


@dataclass(frozen=True, slots=True)
class Explained:
    """A line of a list of interpretations: with its forms, and the document it explains."""

    title: str
    url: str
    date: dt.datetime | None
    kinds: tuple[str, ...] = ()
    organ: str = ""
    documents: tuple[LinkedDocument, ...] = ()
    site: str = ""
    summary: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture, recording or film on the page, with what stands for it."""

    medium: str
    title: str
    url: str
    caption: str = ""
    transcript: tuple[str, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)  # a picture's alt, width and height; a film's captions and poster
