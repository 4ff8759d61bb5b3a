"""Search without the engine: PostgreSQL over the same pairs of characters; simpler order, no pinyin, the same shape of answer."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.contrib.postgres.search import SearchQueryField
from django.db import OperationalError, connection, models, transaction
from django.db.models.functions import Cast

from search.analysis import numbering
from search.analysis.reading import read
from search.contract import FACET_VALUES, MOST_ISSUERS, Count, Facet, Place, Question, Scope, Sort
from search.documents import CHINA
from search.models import Projection, ProjectionQuerySet, file_types_of, issuers_of
from search.querying.answers import Candidate, Counts

# What the engine's silence leaves of a reader's two seconds, for each attempt in turn: the last one is the cheapest.
MILLISECONDS = (400, 250, 150)
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
    tab: str
    region: str
    issuers: tuple[str, ...]
    year: int | None
    validity: str
    files: tuple[str, ...]
    published_at: dt.datetime | None


def search(question: Question, *, scope: Scope) -> tuple[list[Candidate], Counts]:
    """Return a page of candidates with some spare ones, and the numbers.

    Raises:
        django.db.OperationalError: even the cheapest attempt took longer than its MILLISECONDS.

    """
    rows: list[_Row] = []
    late: OperationalError | None = None
    for attempt, milliseconds in zip(_attempts(question.text, question.place), MILLISECONDS, strict=False):
        try:
            rows = _found(_limited(attempt.within(scope.sites, hidden=scope.hidden), question), milliseconds)
        except OperationalError as error:
            late = error
            continue
        late = None
        if rows:
            break
    if late:
        raise late
    return _page(rows, question), _counts(rows, question)


def _limited(matching: ProjectionQuerySet, question: Question) -> ProjectionQuerySet:
    """Keep the days asked for, both included, and the topic."""
    if question.since:
        matching = matching.filter(published_at__gte=dt.datetime.combine(question.since, dt.time(), CHINA))
    if question.until:
        matching = matching.filter(published_at__lt=dt.datetime.combine(question.until + dt.timedelta(days=1), dt.time(), CHINA))
    return matching.about(question.topic.family) if question.topic else matching


def _attempts(text: str, place: Place) -> Iterable[ProjectionQuerySet]:
    """Yield what to look for, strict first: all of it in the title or in the text, or its number; any of it in the title; all, unranked."""
    live = Projection.objects.live()
    wording = read(text).wording
    parts = wording.marks or wording.tokens  # single characters only where there is nothing else
    if not text:
        yield live.annotate(score=models.Value(0.0))
    elif parts:
        every, some = _tsquery(parts, " & "), _tsquery(parts, " | ")
        ranked = live.annotate(score=models.Func(models.F("title_terms"), some, function="ts_rank", output_field=models.FloatField()))
        numbers = [*numbering.number_keys_in(text), numbering.index_key(text)]
        named = models.Q(_holds("title_terms", _tsquery(numbers, " | ")))
        in_text = models.Q(_holds("body_terms", every)) if place is Place.ALL else models.Q()
        yield ranked.filter(models.Q(_holds("title_terms", every)) | in_text | named)
        if place is Place.ALL:  # who asks for titles alone wants the words, and not one of them
            yield ranked.filter(_holds("title_terms", some))
        yield live.annotate(score=models.Value(0.0)).filter(_holds("title_terms", every))


def _found(matching: Any, milliseconds: int) -> list[_Row]:  # a ProjectionQuerySet with a `score`, which the stubs do not see
    """Return the best rows. Raises OperationalError when PostgreSQL needs longer."""
    with transaction.atomic():  # a cut statement must not end what the caller does
        _limit(milliseconds)
        rows = _rows(matching)
        _limit(0)
    return rows


def _rows(matching: Any) -> list[_Row]:
    ordered = matching.order_by("-score", models.F("published_at").desc(nulls_last=True), "pk")
    columns = ("pk", "group", "tenant__uuid", "kind", "tab", "region", "issuer", "year", "validity", "files", "published_at")
    return [_row(*values) for values in ordered.values_list(*columns)[:MOST]]


def _row(*values: Any) -> _Row:
    key, group, site, kind, tab, region, issuer, year, validity, files, published_at = values
    return _Row(key, group, site, kind, tab, region, tuple(issuers_of(issuer)), year, validity, tuple(file_types_of(files)), published_at)


def _page(rows: Sequence[_Row], question: Question) -> list[Candidate]:
    """Return the first copy of each text, in order."""
    chosen = [row for row in rows if all(fits(row) for fits in _choices(question).values())]
    if question.sort is Sort.DATE:
        chosen.sort(key=lambda row: row.published_at or _UNDATED, reverse=True)
    texts: dict[str, _Row] = {}
    for row in chosen:
        texts.setdefault(row.group, row)
    first = (question.page - 1) * question.size
    return [Candidate(row.key, row.group) for row in list(texts.values())[first : first + question.size + SPARE]]


def _counts(rows: Sequence[_Row], question: Question) -> Counts:
    """Count texts: all, and per value of each facet with the other facets' choices."""
    choices = _choices(question)

    def facet(name: Facet) -> Counter[str]:
        others = [fits for other, fits in choices.items() if other is not name]
        return _texts_by(_values_of(name), [row for row in rows if all(fits(row) for fits in others)])

    total = len({row.group for row in rows if all(fits(row) for fits in choices.values())})
    without_tab = [fits for name, fits in choices.items() if name is not Facet.TAB]
    of_tabs = len({row.group for row in rows if all(fits(row) for fits in without_tab)})
    return Counts(total, of_tabs, {name: _shown(name, facet(name)) for name in Facet})


def _choices(question: Question) -> dict[Facet, Callable[[_Row], bool]]:
    wanted: dict[Facet, UUID | str | int | None] = {
        Facet.TAB: question.tab,
        Facet.SITE: question.site,
        Facet.REGION: question.region,
        Facet.ISSUER: question.issuer,
        Facet.KIND: question.kind,
        Facet.YEAR: question.year,
        Facet.VALIDITY: question.validity,
        Facet.FILE: question.file,
    }
    return {name: _chooser(name, value) for name, value in wanted.items() if value}


def _chooser(name: Facet, value: Hashable) -> Callable[[_Row], bool]:
    values_of = _values_of(name)
    return lambda row: value in values_of(row)


def _values_of(name: Facet) -> Callable[[_Row], Collection[Hashable]]:
    """Return what a row counts as in a facet: one value, several, or none."""
    if name is Facet.ISSUER:
        return attrgetter("issuers")
    if name is Facet.FILE:
        return attrgetter("files")
    one = attrgetter(name.value)
    return lambda row: (value,) if (value := one(row)) else ()


def _texts_by(values_of: Callable[[_Row], Collection[Hashable]], rows: Iterable[_Row]) -> Counter[str]:
    return Counter(str(value) for value, _ in {(value, row.group) for row in rows for value in values_of(row)})


def _shown(facet: Facet, counted: Counter[str]) -> tuple[Count, ...]:
    """Return the values one may choose from: the newest years, of all else those with most texts."""
    if facet is Facet.YEAR:
        ordered = sorted(counted.items(), reverse=True)
    else:
        ordered = sorted(counted.items(), key=lambda each: (-each[1], each[0]))
    return tuple(Count(value, count) for value, count in ordered[: MOST_ISSUERS if facet is Facet.ISSUER else FACET_VALUES])


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
