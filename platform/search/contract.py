"""Words and plain values of search: what a site hands over, what a reader asks, what comes back."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from registry.contract import TenantRef

TOPIC = "search"  # of this room's events
FILE_TOPIC = "files"  # files whose words search does not know yet; whoever keeps files reads them and calls `services.keep_file_text`
QUERY_LENGTH = 200  # characters of a query that count
MAX_SIZE = 50  # hits on a page
MAX_DEPTH = 1000  # how far readers may turn pages, in hits
FACET_VALUES = 100
MOST_ISSUERS = 20  # offices one may choose from: there are many, and counting the texts of each takes time
FILE_TEXT_LENGTH = 200_000  # characters of one attached file that count
SERVICES_SHOWN = 3  # cards above the hits


class Category(StrEnum):
    """What a citizen understands a text to be; the facet `kind`."""

    POLICY = "policy"
    LAW = "law"
    ADMIN_REGULATION = "admin_regulation"
    DEPT_RULE = "dept_rule"
    LOCAL_REGULATION = "local_regulation"
    JUDICIAL_INTERPRETATION = "judicial_interpretation"
    CASE = "case"
    WORK_REPORT = "work_report"
    NPC_RESOLUTION = "npc_resolution"
    OTHER = "other"
    ORGAN = "organ"
    POWERS = "powers"
    CONSULTATION = "consultation"
    ARTICLE = "article"
    COLUMN = "column"
    HOME = "home"


class PageKind(StrEnum):
    """What sort of page it is."""

    DOCUMENT = "document"
    ARTICLE = "article"
    COLUMN = "column"
    HOME = "home"


class Validity(StrEnum):
    """Whether an official text is in force."""

    IN_FORCE = "in_force"
    AMENDED = "amended"
    REPEALED = "repealed"
    EXPIRED = "expired"
    PENDING = "pending"
    UNKNOWN = "unknown"


class DocumentClass(StrEnum):
    """What sort of official document a government's library lists it as; laws and other texts have none."""

    RULE = "rule"
    NORMATIVE = "normative"
    MARKET = "market"
    OTHER = "other"


class Tab(StrEnum):
    """The class a citizen chooses first; what a page's column is for decides it."""

    POLICY = "policy"
    INTERPRETATION = "interpretation"
    SERVICE = "service"
    NEWS = "news"
    DIALOGUE = "dialogue"
    OPENNESS = "openness"
    OTHER = "other"


class FileType(StrEnum):
    """What sort of file is attached."""

    PDF = "pdf"
    OFD = "ofd"
    WORD = "word"
    SHEET = "sheet"
    SLIDES = "slides"
    TEXT = "text"
    ARCHIVE = "archive"
    MEDIA = "media"


class Place(StrEnum):
    """Where in a page a query's words may stand."""

    ALL = "all"
    TITLE = "title"


class Sort(StrEnum):
    """The order of hits."""

    RELEVANCE = "relevance"
    DATE = "date"


CATEGORY_LABELS = {
    Category.POLICY: "政策文件",
    Category.LAW: "法律",
    Category.ADMIN_REGULATION: "行政法规",
    Category.DEPT_RULE: "部门规章",
    Category.LOCAL_REGULATION: "地方性法规",
    Category.JUDICIAL_INTERPRETATION: "司法解释",
    Category.CASE: "案例",
    Category.WORK_REPORT: "工作报告",
    Category.NPC_RESOLUTION: "决议决定",
    Category.OTHER: "其他文件",
    Category.ORGAN: "机构",
    Category.POWERS: "权责清单",
    Category.CONSULTATION: "意见征集",
    Category.ARTICLE: "文章",
    Category.COLUMN: "栏目",
    Category.HOME: "网站首页",
}
VALIDITY_LABELS = {
    Validity.IN_FORCE: "现行有效",
    Validity.AMENDED: "已修改",
    Validity.REPEALED: "废止",
    Validity.EXPIRED: "失效",
    Validity.PENDING: "尚未施行",
}
DOCUMENT_CLASS_LABELS = {
    DocumentClass.RULE: "规章",
    DocumentClass.NORMATIVE: "行政规范性文件",
    DocumentClass.MARKET: "监管规则和标准",
    DocumentClass.OTHER: "其他文件",
}
TAB_LABELS = {
    Tab.POLICY: "政策文件",
    Tab.INTERPRETATION: "政策解读",
    Tab.SERVICE: "办事服务",
    Tab.NEWS: "新闻动态",
    Tab.DIALOGUE: "互动交流",
    Tab.OPENNESS: "信息公开",
}
FILE_TYPE_LABELS = {
    FileType.PDF: "PDF",
    FileType.OFD: "OFD",
    FileType.WORD: "Word 文档",
    FileType.SHEET: "表格",
    FileType.SLIDES: "演示文稿",
    FileType.TEXT: "纯文本",
    FileType.ARCHIVE: "压缩包",
    FileType.MEDIA: "音频视频",
}
FILE_TYPES = {
    **dict.fromkeys(("doc", "docx", "wps"), FileType.WORD),
    **dict.fromkeys(("xls", "xlsx", "et", "csv"), FileType.SHEET),
    **dict.fromkeys(("ppt", "pptx"), FileType.SLIDES),
    **dict.fromkeys(("zip", "rar"), FileType.ARCHIVE),
    **dict.fromkeys(("mp3", "mp4"), FileType.MEDIA),
    "pdf": FileType.PDF,
    "ofd": FileType.OFD,
    "txt": FileType.TEXT,
}
PLACE_LABELS = {Place.ALL: "全文", Place.TITLE: "仅标题"}
SORT_LABELS = {Sort.RELEVANCE: "按相关度", Sort.DATE: "按日期"}


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachedFile:
    """A file offered on a page that anybody may read; `digest` says which content it has."""

    file_id: int
    title: str
    extension: str
    size: int
    path: str
    digest: str


@dataclass(frozen=True, slots=True)
class CardFact:
    """One line of a card: what it says, and of what."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Phase:
    """How a matter stands from a day on (from the beginning where none is given), in the words of its room."""

    since: dt.date | None
    code: str
    label: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """What is said of a page beside its title, ready to be shown.

    Of a service its facts and where to begin: an address, or a path of the page's site. Of a matter its phases: how it stands is
    chosen on the day it is read.
    """

    facts: tuple[CardFact, ...] = ()
    entry: str = ""
    phases: tuple[Phase, ...] = ()

    def phase_on(self, day: dt.date) -> Phase | None:
        """Return how the matter stands on a day; nothing where the page is none that stands in some way."""
        begun = [phase for phase in self.phases if phase.since is None or phase.since <= day]
        return begun[-1] if begun else None


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchDocument:
    """All that can be found of one published page, as its site hands it over.

    `path` is the path of its address without the host. `body` is plain text, a paragraph a line. `group` is the same for
    all versions and copies of one text; where it is empty it is worked out. `version_date` says which version leads.
    `files` are the attached files that anybody may read, `topics` the short names of topics (see vocabularies).
    `document_class`, `subject` and `combined_class` (their codes), the day of signing and the days between which a document holds are
    for the library of documents, not for search. `card` is shown and not searched.
    """

    tenant: TenantRef
    page_id: int
    title: str
    kind: PageKind
    path: str
    category: Category | None = None
    source_id: str = ""
    tab: Tab = Tab.OTHER
    doc_nos: tuple[str, ...] = ()
    index_no: str = ""
    issuer: str = ""
    place: str = ""
    published_at: dt.datetime | None = None
    validity: Validity = Validity.UNKNOWN
    body: str = ""
    summary: str = ""
    group: str = ""
    version_date: dt.date | None = None
    files: tuple[AttachedFile, ...] = ()
    document_class: DocumentClass | None = None
    subject: str = ""
    combined_class: str = ""
    signed_date: dt.date | None = None
    effective_date: dt.date | None = None
    valid_until: dt.date | None = None
    topics: tuple[str, ...] = ()
    card: Card | None = None

    def __post_init__(self) -> None:
        if self.published_at is not None and self.published_at.tzinfo is None:
            raise ValueError("published_at needs a time zone")

    @property
    def key(self) -> str:
        """The document's id in the projection and in the index."""
        return document_key(self.tenant.uuid, self.page_id)

    @property
    def facet(self) -> Category:
        """What the facet `kind` counts it as."""
        return self.category or Category(self.kind if self.kind is not PageKind.DOCUMENT else Category.OTHER)


@dataclass(frozen=True, slots=True)
class Scope:
    """Which sites a search may see; made by `selectors`, asked for by every query, so that nobody can leave it out.

    `sites` is None for every site of the platform. `hidden` are the sites that no reader may see now.
    """

    sites: tuple[UUID, ...] | None
    hidden: tuple[UUID, ...]

    def admits(self, site: UUID) -> bool:
        """Whether a page of this site may be shown."""
        return site not in self.hidden and (self.sites is None or site in self.sites)


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose rules, reports and tasks: a city as a whole, or (`site` given) one of its sites."""

    city_slug: str
    site: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Guidance:
    """What editors' rules change of one search: pages left out, pages lowered, other words for the same (weaker than the query's own)."""

    hidden: tuple[str, ...] = ()
    lowered: tuple[str, ...] = ()
    expansions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lift:
    """Whose results come earlier: divisions by code, and what they are called; named in the query, or where the reader stands.

    `rest` is the query without the names: a place's own texts need not say where they are of. Not `is_on`, the same is found in
    the usual order.
    """

    regions: tuple[str, ...]
    names: tuple[str, ...]
    is_named: bool
    rest: str = ""
    is_on: bool = True


@dataclass(frozen=True, slots=True)
class TopicChoice:
    """A topic that was chosen; `family` are the short names that count: its own and those of all that belong to it."""

    slug: str
    title: str
    family: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a reader asks, checked: text (maybe empty), filters, order, page.

    `expansions` and `rewritings` say the text in official words; `selectors.find` adds them from the vocabulary.
    `is_verbatim`: what was typed and nothing else is wanted. `is_loose`: half of the text is enough, in titles; `is_partial`: a fifth
    of it, anywhere. `lift` is the place whose results come earlier,
    `is_level` that no place's shall.
    """

    text: str = ""
    expansions: tuple[str, ...] = ()
    rewritings: tuple[str, ...] = ()
    is_verbatim: bool = False
    is_loose: bool = False
    is_partial: bool = False
    lift: Lift | None = None
    is_level: bool = False
    tab: Tab | None = None
    site: UUID | None = None
    region: str = ""
    issuer: str = ""
    kind: Category | None = None
    year: int | None = None
    since: dt.date | None = None
    until: dt.date | None = None
    validity: Validity | None = None
    file: FileType | None = None
    topic: TopicChoice | None = None
    place: Place = Place.ALL
    sort: Sort = Sort.RELEVANCE
    page: int = 1
    size: int = 10

    @property
    def is_narrowed(self) -> bool:
        """Whether anything was chosen that leaves texts out."""
        chosen = (self.tab, self.site, self.region, self.issuer, self.kind, self.year, self.since, self.until, self.validity, self.file)
        return any(chosen) or self.topic is not None or self.place is not Place.ALL


@dataclass(frozen=True, slots=True)
class Copy:
    """The same text on another site."""

    site: TenantRef
    path: str


@dataclass(frozen=True, slots=True)
class Coming:
    """A newer version of a text that is published and not in force yet; `day` is the first it will be."""

    site: TenantRef
    path: str
    day: dt.date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """A text that belongs to a topic: the copy that leads it, and on which site."""

    title: str
    site: TenantRef
    path: str
    tab: Tab
    published_at: dt.datetime | None
    doc_no: str = ""
    validity: Validity = Validity.UNKNOWN


class Match(StrEnum):
    """Where a query was found in a page; what a hit explains itself with."""

    TITLE = "title"
    NUMBER = "number"
    PINYIN = "pinyin"
    ARTICLE = "article"
    BODY = "body"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file attached to a text that was found."""

    title: str
    extension: str
    size: int
    path: str
    is_cut: bool = False  # only its beginning is searched
    is_unread: bool = False  # only its title is searched


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One text found: the copy that leads its group, with marks as safe HTML, and the others."""

    key: str
    source_id: str
    site: TenantRef
    title: str
    title_html: str
    snippet_html: str
    path: str
    category: Category
    doc_no: str
    published_at: dt.datetime | None
    validity: Validity
    tab: Tab = Tab.OTHER
    index_no: str = ""
    issuer: str = ""
    summary: str = ""
    matches: tuple[Match, ...] = ()
    article: str = ""  # 第十二条, where the snippet is of it
    anchor: str = ""  # of that article on the page
    files: tuple[FoundFile, ...] = ()
    card: Card | None = None
    coming: Coming | None = None
    copies: tuple[Copy, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Promoted:
    """A result that editors put before all others: a live page of ours (`site` and `path`), or an address elsewhere."""

    title: str
    key: str = ""
    source_id: str = ""
    site: TenantRef | None = None
    path: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Count:
    """How many texts a facet's value has; `value` is a site's uuid, a category or a year, as text."""

    value: str
    count: int


@dataclass(frozen=True, slots=True)
class Correction:
    """What the reader probably meant to type; `is_applied` where the hits answer it, because nothing answers the original."""

    text: str
    is_applied: bool


class Facet(StrEnum):
    """By what a reader narrows an answer down; the values are the parameters' names."""

    TAB = "tab"
    SITE = "site"
    REGION = "region"
    ISSUER = "issuer"
    KIND = "kind"
    YEAR = "year"
    VALIDITY = "validity"
    FILE = "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An answer: one page of texts; `total` counts texts, not copies, and `is_exact` is false beyond MAX_DEPTH.

    `total_of_tabs` counts the texts of all classes. `services` are the service pages that come first where somebody wants to get
    something done. `is_partial`: nothing holds enough of what was asked, and these hold a part.
    """

    hits: tuple[Hit, ...]
    total: int
    is_exact: bool
    took_ms: int
    is_degraded: bool
    promoted: tuple[Promoted, ...] = ()
    total_of_tabs: int = 0
    facets: Mapping[Facet, tuple[Count, ...]] = field(default_factory=dict)
    services: tuple[Hit, ...] = ()
    correction: Correction | None = None
    is_partial: bool = False


def document_key(tenant_uuid: UUID, page_id: int) -> str:
    """Return the id of a page's document: unique over all sites."""
    return f"{tenant_uuid}:page:{page_id}"


def file_key(tenant_uuid: UUID, file_id: int) -> str:
    """Return the id of a file: unique over all sites."""
    return f"{tenant_uuid}:file:{file_id}"
