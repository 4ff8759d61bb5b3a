"""The projection: everything that can be found of a page, one row a page, in `public`; and the indices that are being fed."""

import datetime as dt
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any, ClassVar, NamedTuple, Self
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models.functions import Now
from typing_extensions import override

from registry.models import Tenant
from search.contract import CATEGORY_LABELS, FILE_TYPES, PageKind, Tab, Validity

_BETWEEN_ISSUERS = re.compile("[、；;，,\\n]")
_PAGE_KINDS = [(kind.value, kind.value) for kind in PageKind]
_CATEGORIES = [(category.value, label) for category, label in CATEGORY_LABELS.items()]
_TABS = [(tab.value, tab.value) for tab in Tab]
_VALIDITIES = [(validity.value, validity.value) for validity in Validity]


class State(models.TextChoices):
    """Whether readers may find a page."""

    LIVE = "live", "公开"
    WITHDRAWN = "withdrawn", "撤下"


def issuers_of(text: str) -> list[str]:
    """Return the offices that a text names as its issuers, one each."""
    return list(dict.fromkeys(name for part in _BETWEEN_ISSUERS.split(text) if (name := part.strip())))


def file_types_of(files: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the sorts of files, one each."""
    return sorted({FILE_TYPES[file["extension"]].value for file in files if file["extension"] in FILE_TYPES})


class ShownRow(NamedTuple):
    """What of a page decides whether it is shown and how: a tuple, for a search reads two dozen and models take longer to make."""

    pk: str
    group: str
    source_id: str
    title: str
    kind: str
    tab: str
    region: str
    path: str
    doc_nos: list[str]
    index_no: str
    issuer: str
    version_date: dt.date | None
    effective_date: dt.date | None
    published_at: dt.datetime | None
    year: int | None
    validity: str
    summary: str
    files: list[dict[str, Any]]
    topics: list[str]
    card: dict[str, Any]


class ProjectionQuerySet(models.QuerySet["Projection"]):
    """Projections by what readers may see."""

    def live(self) -> Self:
        """Keep what readers may find."""
        return self.filter(state=State.LIVE)

    def within(self, sites: Collection[UUID] | None, *, hidden: Collection[UUID]) -> Self:
        """Keep the pages of these sites (all sites where None) that are not hidden."""
        kept = self.exclude(tenant__uuid__in=hidden) if hidden else self
        return kept if sites is None else kept.filter(tenant__uuid__in=sites)

    def without_text(self) -> Self:
        """Leave the long columns in the database."""
        return self.defer("body", "file_text", "title_terms", "body_terms")

    def about(self, topics: Collection[str]) -> Self:
        """Keep the pages tagged with one of these topics."""
        return self.filter(topics__overlap=list(topics))

    def with_file(self, key: str) -> Self:
        """Keep the pages that offer a file."""
        return self.filter(files__contains=[{"key": key}])


class Projection(models.Model):
    """What can be found of one page, and how often it changed.

    `revision` grows by one at every change, under the row's lock, so it follows the order of commits; the index takes it as its version.
    A withdrawn page keeps its row without text, so that its next revision is a higher one.
    """

    id = models.CharField(primary_key=True, max_length=80, db_collation="C")
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="+")
    page_id = models.BigIntegerField()
    revision = models.BigIntegerField(default=1)
    state = models.CharField(max_length=10, choices=State.choices, default=State.LIVE.value)
    source_id = models.CharField(max_length=100, blank=True)
    title = models.TextField()
    page_kind = models.CharField(max_length=20, choices=_PAGE_KINDS)
    kind = models.CharField(max_length=30, choices=_CATEGORIES)
    tab = models.CharField(max_length=20, choices=_TABS, default=Tab.OTHER.value, db_default=Tab.OTHER.value)
    region = models.CharField(max_length=6, blank=True, default="", db_default="")
    path = models.TextField()
    doc_nos = ArrayField(models.TextField(), default=list, blank=True)
    index_no = models.TextField(blank=True, default="", db_default="")
    issuer = models.TextField(blank=True)
    place = models.TextField(blank=True)
    group = models.CharField(max_length=80)
    latest = models.BooleanField(default=True)
    version_date = models.DateField(null=True)
    published_at = models.DateTimeField(null=True)
    year = models.SmallIntegerField(null=True)
    validity = models.CharField(max_length=12, choices=_VALIDITIES, default=Validity.UNKNOWN.value)
    document_class = models.CharField(max_length=12, blank=True, default="", db_default="")
    subject = models.CharField(max_length=4, blank=True, default="", db_default="")
    combined_class = models.CharField(max_length=4, blank=True, default="", db_default="")
    signed_date = models.DateField(null=True)
    effective_date = models.DateField(null=True)
    valid_until = models.DateField(null=True)
    body = models.TextField(blank=True)
    summary = models.TextField(blank=True)
    files = models.JSONField(default=list, blank=True, db_default=models.Value([], models.JSONField()))
    file_text = models.TextField(blank=True, default="", db_default="")
    topics = ArrayField(
        models.CharField(max_length=40), default=list, blank=True, db_default=models.Value([], ArrayField(models.CharField()))
    )
    card = models.JSONField(default=dict, blank=True, db_default=models.Value({}, models.JSONField()))
    content_hash = models.CharField(max_length=32)
    title_terms = SearchVectorField()
    body_terms = SearchVectorField()
    created_at = models.DateTimeField(db_default=Now())
    changed_at = models.DateTimeField(db_default=Now())

    objects = ProjectionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "检索投影"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["tenant", "page_id"], name="search_projection_page"),
            models.CheckConstraint(condition=models.Q(state__in=State.values), name="search_projection_state_known"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["group"], name="search_projection_group"),
            models.Index(fields=["changed_at"], name="search_projection_changed"),
            models.Index(
                fields=["tenant", "document_class"],
                condition=models.Q(state=State.LIVE) & ~models.Q(document_class=""),
                name="search_projection_library",
            ),
            models.Index(  # which text is called so
                fields=["title"], condition=models.Q(state=State.LIVE), name="search_projection_named"
            ),
            models.Index(fields=["-published_at"], condition=models.Q(state=State.LIVE), name="search_projection_newest"),
            GinIndex(fields=["title_terms"], name="search_projection_title_terms"),
            GinIndex(fields=["body_terms"], name="search_projection_body_terms"),
            GinIndex(fields=["topics"], name="search_projection_topics"),
            GinIndex(fields=["files"], opclasses=["jsonb_path_ops"], name="search_projection_files"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.title} ({self.pk})"

    @property
    def issuers(self) -> list[str]:
        """The offices that issued it together, one each."""
        return issuers_of(self.issuer)

    @property
    def file_types(self) -> list[str]:
        """The sorts of files it offers, one each."""
        return file_types_of(self.files)

    @property
    def is_live(self) -> bool:
        """Whether readers may find it."""
        return self.state == State.LIVE


class FileText(models.Model):
    """The words of one attached file, kept as long as a live page offers it: read once, however many pages do."""

    class State(models.TextChoices):
        """What reading a file came to."""

        READ = "read", "已读取"
        CUT = "cut", "只读取了开头部分"
        UNREAD = "unread", "未能读取文字"

    id = models.CharField(primary_key=True, max_length=80, db_collation="C")
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="+")
    digest = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=State.choices)
    reason = models.CharField(max_length=200, blank=True)
    text = models.TextField(blank=True)
    read_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = verbose_name_plural = "附件文字"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(state__in=["read", "cut", "unread"]), name="search_file_text_state_known"),
        ]

    @override
    def __str__(self) -> str:
        return self.pk


class Feedback(models.Model):
    """What a reader said of an answer: no person, no address, and numbers in the query masked."""

    class Reason(models.TextChoices):
        """Why an answer did not help."""

        NOT_FOUND = "not_found", "没有找到想要的内容"
        IRRELEVANT = "irrelevant", "结果与搜索词无关"
        OUTDATED = "outdated", "内容过时或已失效"
        BROKEN = "broken", "链接打不开"
        OTHER = "other", "其他"

    tenant = models.ForeignKey(Tenant, models.CASCADE, null=True, related_name="+")
    query = models.CharField(max_length=200)
    scope = models.CharField(max_length=10)
    total = models.PositiveIntegerField()
    is_useful = models.BooleanField()
    reason = models.CharField(max_length=20, choices=Reason.choices, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = verbose_name_plural = "搜索反馈"
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["tenant", "-created_at"], name="search_feedback_newest")]

    @override
    def __str__(self) -> str:
        return f"{self.query} ({self.pk})"


class RequestCount(models.Model):
    """How many requests came from one network within a minute; the network as a keyed hash, rows live for minutes.

    The table is unlogged: after a crash of the server counting begins anew.
    """

    network = models.CharField(max_length=32)
    minute = models.BigIntegerField()
    count = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = verbose_name_plural = "请求计数"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["network", "minute"], name="search_one_count_a_minute"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.network} {self.minute}"


class SearchIndex(models.Model):
    """An Elasticsearch index of ours: readers use the one that `is_reading`, the relay feeds those that are `is_writing`.

    Of the others that are fed, one with `filling_since` is the only one there is and not whole yet, so nobody reads it; one with
    `retired_at` served before; one with neither is being built.
    """

    name = models.CharField(max_length=120, unique=True)
    mapping_hash = models.CharField(max_length=32)
    is_reading = models.BooleanField(default=False)
    is_writing = models.BooleanField(default=True)
    filling_since = models.DateTimeField(null=True)
    retired_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = verbose_name_plural = "检索索引"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["is_reading"], condition=models.Q(is_reading=True), name="search_one_index_read"),
        ]

    @override
    def __str__(self) -> str:
        return self.name
