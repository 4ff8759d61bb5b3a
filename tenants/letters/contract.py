"""Words of letters, what is masked of them, and each way to fail."""

import datetime as dt
import re
from dataclasses import dataclass

from django.db import models

from rules.contract import Key
from search.analytics.masking import mask_text

HOTLINE = "12345"
GONE = "［已按期清除］"  # what a letter says when it was kept long enough
CODE_TRIES = "letters.query"
NAME = "［姓名］"
_SHORTEST_NAME = 2  # one character alone is a word of many texts
_MOBILE = re.compile(r"(?<!\d)1[3-9](?:[\s-]?\d){9}(?!\d)")
_CARD = re.compile(r"(?<![0-9A-Za-z])(?:\d{17}[\dXx]|\d{15})(?![0-9A-Za-z])")


class LetterKind(models.TextChoices):
    """What a letter asks for."""

    CONSULT = "consult", "咨询"
    COMPLAINT = "complaint", "投诉"
    ADVICE = "advice", "建言"


class LetterState(models.TextChoices):
    """Where a letter stands."""

    WAITING = "waiting", "待受理"
    WORKING = "working", "办理中"
    FORWARDED = "forwarded", "已转办"
    ANSWERED = "answered", "已答复"
    REFUSED = "refused", "不予受理"


OPEN = (LetterState.WAITING, LetterState.WORKING)  # this site still has to act
ANSWER_RULES = {  # how many working days there are, by what is asked
    LetterKind.CONSULT: Key.LETTER_ANSWER_CONSULT,
    LetterKind.COMPLAINT: Key.LETTER_ANSWER,
    LetterKind.ADVICE: Key.LETTER_ANSWER,
}


class Source(models.TextChoices):
    """How a letter came."""

    SITE = "site", "网站"
    HOTLINE = "hotline", "12345热线"


class Decision(models.TextChoices):
    """Whether others may read a letter and its answer."""

    OPEN = "", "未定"
    PUBLISH = "publish", "公开"
    KEEP = "keep", "不公开"


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What somebody wrote, as it came."""

    kind: LetterKind
    subject: str
    text: str
    writer: str
    contact: str
    organ: str = ""
    may_publish: bool = False


@dataclass(frozen=True, slots=True)
class Deadlines:
    """By when a letter is to be answered, and when it is past all patience; none where no rule or no calendar says so."""

    due_on: dt.date | None
    limit_on: dt.date | None


class LetterError(ValueError):
    """Something that cannot be done with a letter; the message is for the person who asked, in Chinese."""


class WrongStateError(LetterError):
    """The letter stands elsewhere than the verb needs."""

    def __init__(self, label: str) -> None:
        super().__init__(f"这封来信现在是“{label}”，不能这样处理。请刷新页面后再看。")


class MissingReasonError(LetterError):
    """No reason is given, or no answer."""


class NotAgreedError(LetterError):
    """The writer did not agree that others read the letter."""

    def __init__(self) -> None:
        super().__init__("写信人不同意公开，不能选登。")


class NotOursError(LetterError):
    """The letter was handed to another site, or came from one."""


class NoReceiverError(LetterError):
    """A site that cannot be handed a letter."""


class NoLetterColumnError(LetterError):
    """The site has no column for letters."""

    def __init__(self) -> None:
        super().__init__("本站没有“来信”类栏目，请先新建并发布一个。")


def masked(text: str, *, writer: str, contact: str) -> str:
    """Return what a citizen wrote without numbers, addresses of mail, and the own name."""
    clean = text.replace(contact, "［号码］") if contact else text
    return _without_name(mask_text(clean), writer)


def masked_reply(text: str, *, writer: str, contact: str) -> str:
    """Return an answer without the writer's name, mobile numbers and cards; an office's own telephone stays."""
    clean = text.replace(contact, "［号码］") if contact else text
    return _without_name(_CARD.sub("［号码］", _MOBILE.sub("［号码］", clean)), writer)


def masked_name(name: str) -> str:
    """Return a name as lists show it: the first character."""
    return f"{name[:1]}**" if name else ""


def masked_contact(contact: str) -> str:
    """Return a telephone or an address of mail as lists show it."""
    name, at, host = contact.partition("@")
    if at:
        return f"{name[:1]}***@{host}"
    return f"{contact[:3]}****{contact[-2:]}" if len(contact) >= len("0000000") else "****" if contact else ""


def _without_name(text: str, name: str) -> str:
    return text.replace(name, NAME) if len(name) >= _SHORTEST_NAME else text


# --- work orders as a table -----------------------------------------------------

ORDER, NUMBER, KIND, SUBJECT, TEXT, WRITER, CONTACT, ORGAN, RECEIVED, AGREED, STATE, REPLY, ANSWERED = COLUMNS = (
    "工单编号",
    "来信编号",
    "类别",
    "标题",
    "内容",
    "来电人",
    "联系方式",
    "承办单位",
    "受理时间",
    "同意公开",
    "状态",
    "答复内容",
    "答复时间",
)
NEEDED = (ORDER, KIND, SUBJECT, TEXT, RECEIVED)
