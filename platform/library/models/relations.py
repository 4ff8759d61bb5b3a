"""Relations: what one text says of a document, of the same site or another."""

from collections.abc import Collection
from typing import ClassVar, Self

from django.db import models
from django.db.models.functions import Now
from typing_extensions import override

from library.contract import Member, RelationKind


class RelationQuerySet(models.QuerySet["Relation"]):
    """Relations by what they join."""

    def said_by(self, *members: Member) -> Self:
        """Keep what these texts say of others."""
        return self.filter(_of("source", members))

    def said_of(self, *members: Member) -> Self:
        """Keep what is said of these documents."""
        return self.filter(_of("target", members))

    def about(self, *members: Member) -> Self:
        """Keep what touches these pages from either side."""
        return self.filter(_of("source", members) | _of("target", members))


def _of(side: str, members: Collection[Member]) -> models.Q:
    pages: dict[str, list[int]] = {}
    for member in members:
        pages.setdefault(str(member.site), []).append(member.page)
    found = models.Q(pk=None)
    for site, numbers in pages.items():
        found |= models.Q(**{f"{side}_site": site, f"{side}_page__in": numbers})
    return found


class Relation(models.Model):
    """What one text (the source) says of a document (the target). Titles are remembered for the day one of them is gone."""

    kind = models.CharField("关系", max_length=12, choices=RelationKind.choices)
    source_site = models.UUIDField()
    source_page = models.BigIntegerField()
    source_title = models.TextField()
    target_site = models.UUIDField()
    target_page = models.BigIntegerField()
    target_title = models.TextField()
    effective_on = models.DateField("自何日起", null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    objects = RelationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "文件关系"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["source_site", "source_page", "kind", "target_site", "target_page"], name="library_relation_said_once"
            ),
            models.CheckConstraint(condition=models.Q(kind__in=RelationKind.values), name="library_relation_kind_known"),
            models.CheckConstraint(
                condition=~models.Q(source_site=models.F("target_site"), source_page=models.F("target_page")),
                name="library_relation_joins_two",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["target_site", "target_page"], name="library_relation_target")]

    @override
    def __str__(self) -> str:
        return f"{self.source_title} {self.kind} {self.target_title} ({self.pk})"

    @property
    def source(self) -> Member:
        """The text that says it."""
        return Member(self.source_site, self.source_page)

    @property
    def target(self) -> Member:
        """The document it is said of."""
        return Member(self.target_site, self.target_page)
