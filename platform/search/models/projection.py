"""The projection: everything that can be found of a page, one row a page, in `public`; and the indices that are being fed."""

from collections.abc import Collection
from typing import ClassVar, Self
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models.functions import Now
from typing_extensions import override

from registry.models import Tenant
from search.contract import CATEGORY_LABELS, PageKind, Validity

_PAGE_KINDS = [(kind.value, kind.value) for kind in PageKind]
_CATEGORIES = [(category.value, label) for category, label in CATEGORY_LABELS.items()]
_VALIDITIES = [(validity.value, validity.value) for validity in Validity]


class State(models.TextChoices):
    """Whether readers may find a page."""

    LIVE = "live", "公开"
    WITHDRAWN = "withdrawn", "撤下"


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
        return self.defer("body", "title_terms", "body_terms")


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
    path = models.TextField()
    doc_nos = ArrayField(models.TextField(), default=list, blank=True)
    issuer = models.TextField(blank=True)
    place = models.TextField(blank=True)
    group = models.CharField(max_length=80)
    latest = models.BooleanField(default=True)
    version_date = models.DateField(null=True)
    published_at = models.DateTimeField(null=True)
    year = models.SmallIntegerField(null=True)
    validity = models.CharField(max_length=12, choices=_VALIDITIES, default=Validity.UNKNOWN.value)
    body = models.TextField(blank=True)
    summary = models.TextField(blank=True)
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
            models.Index(fields=["-published_at"], condition=models.Q(state=State.LIVE), name="search_projection_newest"),
            GinIndex(fields=["title_terms"], name="search_projection_title_terms"),
            GinIndex(fields=["body_terms"], name="search_projection_body_terms"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.title} ({self.pk})"

    @property
    def is_live(self) -> bool:
        """Whether readers may find it."""
        return self.state == State.LIVE


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
