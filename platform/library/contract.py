"""Words and plain values of the document library, and the ways in which a relation is refused."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from django.db import models

from registry.contract import TenantRef
from search.contract import Validity, document_key
from vocabularies.contract import SCHEME_LABELS, Scheme


class RelationKind(models.TextChoices):
    """What a text has to do with a document; said from the text's side."""

    REPEALS = "repeals", "废止"
    AMENDS = "amends", "修改"
    BASED_ON = "based_on", "制定依据"
    DRAFT_OF = "draft_of", "征求意见稿"
    INTERPRETS = "interprets", "解读"


# 公文种类: the fifteen of 党政机关公文处理工作条例.
GENRES = ("决议", "决定", "命令", "公报", "公告", "通告", "意见", "通知", "通报", "报告", "请示", "批复", "议案", "函", "纪要")
# The same, said from the document's side.
INVERSE_LABELS = {
    RelationKind.REPEALS: "被下列文件废止",
    RelationKind.AMENDS: "被下列文件修改",
    RelationKind.BASED_ON: "下列文件以本文件为依据",
    RelationKind.DRAFT_OF: "征求意见稿",
    RelationKind.INTERPRETS: "解读",
}
LABELS = {
    RelationKind.REPEALS: "废止下列文件",
    RelationKind.AMENDS: "修改下列文件",
    RelationKind.BASED_ON: "制定依据",
    RelationKind.DRAFT_OF: "正式文件",
    RelationKind.INTERPRETS: "解读的文件",
}
OF_DOCUMENTS = (RelationKind.REPEALS, RelationKind.AMENDS, RelationKind.BASED_ON, RelationKind.DRAFT_OF)
CHANGING = (RelationKind.REPEALS, RelationKind.AMENDS)  # these change whether the other document is in force
ACYCLIC = (CHANGING, (RelationKind.BASED_ON,))  # following relations of one of these sorts from text to text never comes back


@dataclass(frozen=True, slots=True)
class Member:
    """A page of a site: what a relation joins."""

    site: UUID
    page: int

    @property
    def key(self) -> str:
        """The page's id in the projection."""
        return document_key(self.site, self.page)

    @classmethod
    def of_key(cls, key: str) -> "Member":
        """Return the page of a projection's id."""
        site, _, page = key.split(":")
        return cls(UUID(site), int(page))


@dataclass(frozen=True, slots=True)
class Wanted:
    """A relation that a text says it has; `effective_on` is the first day on which it changes the other document, none for at once."""

    kind: RelationKind
    target: Member
    effective_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Partner:
    """The other side of a relation; without `url` where readers cannot open it now."""

    member: Member
    title: str
    site: TenantRef | None
    url: str = ""
    doc_no: str = ""
    validity: Validity = Validity.UNKNOWN


@dataclass(frozen=True, slots=True)
class Cited:
    """A line that names a document: the words before, the name as it is written, the words behind, and the document if it is known."""

    before: str
    name: str
    behind: str
    partner: Partner | None = None
    anchor: str = ""

    @property
    def url(self) -> str:
        """Where the document is read, at the article that is named; empty where the library has none."""
        if self.partner is None or not self.partner.url:
            return ""
        return f"{self.partner.url}#{self.anchor}" if self.anchor else self.partner.url


@dataclass(frozen=True, slots=True)
class Related:
    """One relation seen from one of its sides; `is_inverse` where the partner said it."""

    kind: RelationKind
    is_inverse: bool
    partner: Partner
    effective_on: dt.date | None = None

    @property
    def label(self) -> str:
        """What the partner is called from this side."""
        return INVERSE_LABELS[self.kind] if self.is_inverse else LABELS[self.kind]


def own_by_time(own: Validity, *, effective: dt.date | None, until: dt.date | None, today: dt.date) -> Validity:
    """Return whether a document is in force by its own dates; one that is repealed or has expired stays so."""
    if own in (Validity.REPEALED, Validity.EXPIRED):
        return own
    if until is not None and until < today:
        return Validity.EXPIRED
    if effective is not None and effective > today:
        return Validity.PENDING
    return Validity.IN_FORCE if own is Validity.PENDING and effective is not None else own


class RelationError(ValueError):
    """A relation that is refused; the message says why and what to do, for editors."""


class SelfRelationError(RelationError):
    """A text related to itself."""

    def __init__(self, kind: RelationKind, title: str) -> None:
        super().__init__(f"《{title}》不能{kind.label}它自己。请改选另一份文件。")


class ContradictionError(RelationError):
    """Two relations that cannot both hold."""

    def __init__(self, kind: RelationKind, title: str, other: RelationKind, other_title: str) -> None:
        super().__init__(f"《{title}》不能同时{kind.label}又{other.label}《{other_title}》。请只保留一种关系。")


class CycleError(RelationError):
    """Relations that lead from a text back to itself."""

    def __init__(self, steps: Iterable[tuple[str, RelationKind, str]]) -> None:
        way = "，".join(f"《{title}》{kind.label}《{follower}》" for title, kind, follower in steps)
        super().__init__(f"{way}：首尾相接，互相矛盾。请先取消其中一项关系。")


class NotEntitledError(RelationError):
    """A site may not change another site's document."""

    def __init__(self, kind: RelationKind, title: str, site: str) -> None:
        super().__init__(
            f"《{title}》由{site}发布，本网站的文件不能{kind.label}它：只有本网站的文件，或者市级门户的文件，才能改变它的有效性。"
        )


class UnknownDocumentError(RelationError):
    """There is no such published document in the city."""

    def __init__(self, reference: str) -> None:
        super().__init__(f"在本市各网站已公开的文件中没有找到“{reference}”。请填写完整的发文字号、标题或网页地址。")


class AmbiguousDocumentError(RelationError):
    """Several documents are called so."""

    def __init__(self, reference: str, addresses: Collection[str]) -> None:
        super().__init__(f"“{reference}”对应不止一份文件。请填写其中一份的网页地址：{'；'.join(addresses)}。")


class PartnerLockedError(RelationError):
    """The other document's site cannot be changed now."""

    def __init__(self, title: str, site: str) -> None:
        super().__init__(f"《{title}》所在的{site}目前只读，不能改变它的有效性。请待该网站恢复后再试。")


# --- the list over a site or a city -----------------------------------------

OVER = "over"  # repealed or expired: one filter of the list


class Facet(StrEnum):
    """By what the list is narrowed down; the values are the parameters' names."""

    CLASS = "class"
    VALIDITY = "validity"
    YEAR = "year"
    ISSUER = "issuer"
    SUBJECT = "subject"
    COMBINED = "combined"


FACET_LABELS = {
    Facet.CLASS: "文件种类",
    Facet.VALIDITY: "有效性",
    Facet.YEAR: "年份",
    Facet.ISSUER: "发文机关",
    Facet.SUBJECT: SCHEME_LABELS[Scheme.SUBJECT],
    Facet.COMBINED: SCHEME_LABELS[Scheme.COMBINED],
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a reader asks of the list: values by facet, and the page."""

    values: Mapping[Facet, str] = field(default_factory=dict)
    page: int = 1


@dataclass(frozen=True, slots=True)
class Choice:
    """A value of a facet and how many documents have it; `below` are its own values, shown where readers go down into it."""

    value: str
    label: str
    count: int
    is_current: bool = False
    below: Sequence["Choice"] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A line of the list."""

    title: str
    url: str
    site: TenantRef
    doc_no: str
    issuer: str
    document_class: str
    day: dt.date | None
    validity: dict[str, str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One page of the list."""

    rows: Sequence[Listed]
    total: int
    page: int
    pages: int
    is_beyond: bool
    facets: Mapping[Facet, Sequence[Choice]]


# --- campaigns of cleaning --------------------------------------------------


class Decision(models.TextChoices):
    """What becomes of a document."""

    KEEP = "keep", "保留"
    AMEND = "amend", "修改"
    REPEAL = "repeal", "废止"
    EXPIRE = "expire", "失效"


ENDING = {Decision.REPEAL: Validity.REPEALED, Decision.EXPIRE: Validity.EXPIRED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a site is in a campaign; `path` is where its result is published, empty until it is."""

    site: TenantRef
    total: int
    decided: int
    path: str = ""


class CampaignError(ValueError):
    """A step of a campaign that is refused; the message says why and what to do, for editors."""


class NothingToCleanError(CampaignError):
    """No document is to be cleaned."""

    def __init__(self, day: dt.date) -> None:
        super().__init__(f"截至 {day}，没有现行有效的规章、规范性文件或其他文件可供清理。")


class ReasonError(CampaignError):
    """A decision without a reason."""

    def __init__(self, title: str) -> None:
        super().__init__(f"请写明对《{title}》的处理理由。")


class ConcludedError(CampaignError):
    """Decisions that took effect already."""

    def __init__(self, site: str) -> None:
        super().__init__(f"{site}的清理结果已经公布，不能再改。如需更正，请直接修改该文件，或另行开展清理。")


class UndecidedError(CampaignError):
    """Documents that are not decided yet."""

    def __init__(self, titles: Sequence[str]) -> None:
        more = f"等 {len(titles)} 份文件" if len(titles) > 1 else ""
        super().__init__(f"《{titles[0]}》{more}还没有处理意见，全部决定后才能公布。")
