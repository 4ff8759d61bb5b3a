"""What may be suggested while somebody types: texts, the forms under which each is found, and the pages that carry it."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Left
from typing_extensions import override

from search.models.projection import Projection


class Suggestion(models.Model):
    """One text, once for all pages that have it as their title; or a query that several people found something with."""

    text = models.TextField(unique=True)
    is_query = models.BooleanField(default=False)
    weight = models.SmallIntegerField()

    class Meta:
        verbose_name = verbose_name_plural = "搜索建议"

    @override
    def __str__(self) -> str:
        return f"{self.text} ({self.pk})"


class SuggestionForm(models.Model):
    """One way to begin typing a suggestion: its characters, its pinyin, its first letters. The first characters are indexed by weight."""

    suggestion = models.ForeignKey(Suggestion, models.CASCADE, related_name="forms")
    form = models.CharField(max_length=120, db_collation="C")
    weight = models.SmallIntegerField()

    class Meta:
        verbose_name = verbose_name_plural = "搜索建议写法"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["form"], name="search_form_beginning"),
            models.Index(Left("form", 1), models.F("weight").desc(), name="search_form_one"),
            models.Index(Left("form", 2), models.F("weight").desc(), name="search_form_two"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["suggestion", "form"], name="search_form_once"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.form} ({self.suggestion_id})"


class SuggestionSource(models.Model):
    """A page that carries the suggestion as its title; whether it may be seen is asked of the projection, every time."""

    suggestion = models.ForeignKey(Suggestion, models.CASCADE, related_name="sources")
    projection = models.OneToOneField(Projection, models.CASCADE, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "搜索建议来源"

    @override
    def __str__(self) -> str:
        return f"{self.projection_id} ({self.suggestion_id})"
