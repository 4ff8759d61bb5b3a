"""Search without the engine: PostgreSQL over the same pairs of characters; simpler order, no pinyin, the same shape of answer."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.contrib.postgres.search import SearchQueryField
from django.db import connection, models, transaction
from django.db.models.functions import Cast

from search.analysis import numbering
from search.analysis.wording import dissect
from search.contract import FACET_VALUES, Count, Question, Scope, Sort
from search.models import Projection, ProjectionQuerySet
from search.querying.answers import Candidate, Counts

TIMEOUT_MILLISECONDS = 800  # of every statement: what the engine's silence leaves of a reader's two seconds
MOST = 5000  # pages that are put in order and counted
SPARE = 10

_UNDATED = dt.datetime(1, 1, 2, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class _Row:
    """What of a page is needed to order, filter and count it."""

    key: str
    group: str
    site: UUID
    kind: str
    year: int | None
    published_at: dt.datetime | None
    score: float


def search(question: Question, *, scope: Scope) -> tuple[list[Candidate], Counts]:
    """Return a page of candidates with some spare ones, and the numbers.

    Raises:
        django.db.OperationalError: it took longer than TIMEOUT_MILLISECONDS.

    """
    with transaction.atomic():
        _limit(TIMEOUT_MILLISECONDS)
        rows: list[_Row] = []
        for attempt in _attempts(question.text):
            if rows := _found(attempt.within(scope.sites, hidden=scope.hidden)):
                break
        _limit(0)
    return _page(rows, question), _counts(rows, question)


def _attempts(text: str) -> Iterable[ProjectionQuerySet]:
    """Yield what to look for, strict first: all of the query in the title or in the text, or its number; then any of it in the title."""
    live = Projection.objects.live()
    wording = dissect(text)
    parts = wording.marks or wording.tokens  # single characters only where there is nothing else
    if not text:
        yield live.annotate(score=models.Value(0.0))
    elif parts:
        every, some = _tsquery(parts, " & "), _tsquery(parts, " | ")
        ranked = live.annotate(score=models.Func(models.F("title_terms"), some, function="ts_rank", output_field=models.FloatField()))
        numbers = numbering.number_keys_in(text)
        named = models.Q(_holds("title_terms", _tsquery(numbers, " | "))) if numbers else models.Q()
        yield ranked.filter(models.Q(_holds("title_terms", every)) | models.Q(_holds("body_terms", every)) | named)
        yield ranked.filter(_holds("title_terms", some))


def _found(matching: Any) -> list[_Row]:  # a ProjectionQuerySet with a `score`, which the stubs do not see
    ordered = matching.order_by("-score", models.F("published_at").desc(nulls_last=True), "pk")
    columns = ("pk", "group", "tenant__uuid", "kind", "year", "published_at", "score")
    return [_Row(*values) for values in ordered.values_list(*columns)[:MOST]]


def _page(rows: Sequence[_Row], question: Question) -> list[Candidate]:
    """Return the first copy of each text, in order."""
    chosen = [row for row in rows if all(fits(row) for fits in _choices(question).values())]
    if question.sort is Sort.DATE:
        chosen.sort(key=lambda row: row.published_at or _UNDATED, reverse=True)
    texts: dict[str, _Row] = {}
    for row in chosen:
        texts.setdefault(row.group, row)
    first = (question.page - 1) * question.size
    return [Candidate(row.key, row.group, ()) for row in list(texts.values())[first : first + question.size + SPARE]]


def _counts(rows: Sequence[_Row], question: Question) -> Counts:
    """Count texts: all, and per value of each facet with the other facets' choices."""
    choices = _choices(question)

    def facet(name: str) -> Counter[str]:
        others = [fits for other, fits in choices.items() if other != name]
        return _texts_by(attrgetter(name), [row for row in rows if all(fits(row) for fits in others)])

    total = len({row.group for row in rows if all(fits(row) for fits in choices.values())})
    years = sorted(facet("year").items(), reverse=True)[:FACET_VALUES]
    return Counts(total, _most(facet("site")), _most(facet("kind")), tuple(Count(year, count) for year, count in years))


def _choices(question: Question) -> dict[str, Callable[[_Row], bool]]:
    chosen: dict[str, Callable[[_Row], bool]] = {}
    if question.site:
        chosen["site"] = lambda row: row.site == question.site
    if question.kind:
        chosen["kind"] = lambda row: row.kind == question.kind
    if question.year:
        chosen["year"] = lambda row: row.year == question.year
    return chosen


def _texts_by(value_of: Callable[[_Row], Hashable], rows: Iterable[_Row]) -> Counter[str]:
    return Counter(str(value) for value, _ in {(value_of(row), row.group) for row in rows} if value is not None)


def _most(counted: Counter[str]) -> tuple[Count, ...]:
    ordered = sorted(counted.items(), key=lambda each: (-each[1], each[0]))
    return tuple(Count(value, count) for value, count in ordered[:FACET_VALUES])


def _holds(column: str, query: Cast) -> models.Func:
    output = models.BooleanField()
    return models.Func(models.F(column), query, template="(%(expressions)s)", arg_joiner=" @@ ", output_field=output)


def _tsquery(terms: Iterable[str], operator: str) -> Cast:
    """Return a query over terms as they are: quoted, so that no character of them means anything."""
    quoted = ("'{}'".format(term.replace("\\", "\\\\").replace("'", "''")) for term in terms)
    return Cast(models.Value(operator.join(quoted)), SearchQueryField())


def _limit(milliseconds: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = %s", [milliseconds])
