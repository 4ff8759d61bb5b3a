"""Keeps suggestions in step: titles with the relay, queries with what people searched for."""

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Length

from search.analytics import reports
from search.analytics.masking import is_masked
from search.models import Projection, Suggestion, SuggestionForm, SuggestionSource
from search.suggesting.forms import LONGEST_TEXT, forms_of, weight_of

BATCH = 500
MOST_QUERIES = 5000
QUERY_DAYS = 90


def follow(rows: Iterable[Projection]) -> None:
    """Let suggestions say what these pages' titles are now; a withdrawn page carries none.

    Runs in the relay's transaction; the order of texts is the same for all relays, so that two do not wait for each other in a circle.
    """
    given = list(rows)
    live = [row for row in given if row.is_live and row.title and len(row.title) <= LONGEST_TEXT]
    gone = {row.pk for row in given} - {row.pk for row in live}
    if gone:
        SuggestionSource.objects.filter(projection__in=gone).delete()
    if live:
        ids = _ensure({row.title: weight_of(row.title) for row in live})
        SuggestionSource.objects.bulk_create(
            [SuggestionSource(suggestion_id=ids[row.title], projection_id=row.pk) for row in sorted(live, key=lambda row: row.pk)],
            update_conflicts=True,
            unique_fields=["projection"],
            update_fields=["suggestion"],
        )


@transaction.atomic
def learn_queries(*, now: dt.datetime, is_dry_run: bool = False) -> int:
    """Let suggestions hold the queries that enough sessions found something with, and no others; return how many there are."""
    since = now - dt.timedelta(days=QUERY_DAYS)
    found = {query: sessions for query, sessions in reports.frequent(since=since, limit=MOST_QUERIES) if _may_be_shown(query)}
    if is_dry_run:
        return len(found)
    Suggestion.objects.filter(is_query=True).exclude(text__in=found).delete()
    titles = set(Suggestion.objects.filter(is_query=False, text__in=found).values_list("text", flat=True))
    weights = {query: weight_of(query, sessions=sessions) for query, sessions in found.items() if query not in titles}
    ids = _ensure(weights, is_query=True)
    for query, pk in ids.items():
        Suggestion.objects.filter(pk=pk).exclude(weight=weights[query]).update(weight=weights[query])
        SuggestionForm.objects.filter(suggestion=pk).exclude(weight=weights[query]).update(weight=weights[query])
    return len(ids)


def fill(*, is_dry_run: bool = False) -> int:
    """Give every live page its suggestion that has none, drop suggestions no page carries, and return how many pages were missing."""
    carried = SuggestionSource.objects.filter(projection=OuterRef("pk"))
    live = Projection.objects.live().without_text().annotate(length=Length("title")).filter(length__gte=1, length__lte=LONGEST_TEXT)
    missing = live.exclude(Exists(carried)).order_by("pk")
    if is_dry_run:
        return int(missing.count())
    count = 0
    while part := list(missing[:BATCH]):
        with transaction.atomic():
            follow(part)
        count += len(part)
    Suggestion.objects.filter(is_query=False, sources=None).delete()
    return count


def _ensure(weights: dict[str, int], *, is_query: bool = False) -> dict[str, int]:
    """Return the ids of these texts, made with their forms where they are new."""
    known = _ids(weights)
    new = sorted(text for text in weights if text not in known)
    if new:
        Suggestion.objects.bulk_create(
            [Suggestion(text=text, weight=weights[text], is_query=is_query) for text in new], ignore_conflicts=True
        )
        known = _ids(weights)
        forms = [SuggestionForm(suggestion_id=known[text], form=form, weight=weights[text]) for text in new for form in forms_of(text)]
        SuggestionForm.objects.bulk_create(forms, ignore_conflicts=True, batch_size=2000)
    return known


def _ids(texts: Iterable[str]) -> dict[str, int]:
    return dict(Suggestion.objects.filter(text__in=list(texts)).values_list("text", "pk"))


def _may_be_shown(query: str) -> bool:
    return not is_masked(query) and 2 <= len(query) <= LONGEST_TEXT  # noqa: PLR2004 - one character suggests nothing
