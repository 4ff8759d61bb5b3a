"""The bodies of all requests readers cause. One function, and none leaves out what may be seen and where it is looked for."""

import dataclasses
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any
from uuid import UUID

from search.contract import FACET_VALUES, MAX_DEPTH, MOST_ISSUERS, SERVICES_SHOWN, Facet, Guidance, Question, Scope, Sort
from search.models import State
from search.querying import choices, clauses
from search.querying.parts import Query, either, every, phrase, term, terms

SPARE = 10  # hits beyond the page, to fill it where some have been withdrawn
PRECISION = MAX_DEPTH  # below it, the count of texts is as good as exact; above, readers are told no number
NO_GUIDANCE = Guidance()
OTHER_TITLE, OTHER_BODY = 0.8, 0.5  # an editor's other word for the same counts less than the query's own
LOWERED = 0.1
SERVICES_LOOKED_AT = 10
WITHOUT_NUMBERS = ("*-pages-v2-*", "*-pages-v3-*")  # names of indices made before texts had numbers
NEAREST, NEAREST_TEXTS = 400, 100  # passages, and texts they are of


class Purpose(StrEnum):
    """What a request is for."""

    HITS = "hits"
    COUNTS = "counts"
    SERVICES = "services"
    PASSAGES = "passages"
    NEAREST = "nearest"


def body(
    purpose: Purpose,
    question: Question,
    *,
    scope: Scope,
    guidance: Guidance = NO_GUIDANCE,
    keys: Sequence[str] = (),
    vector: Sequence[float] = (),
) -> dict[str, Any]:
    """Return a request's body: a page of hits folded by text, the number of texts and the facets, or the service pages that come first.

    Editors' rules are in `guidance`. The passages that answer best are asked for of the pages with these `keys`.
    What is nearest in meaning is asked for by the question's `vector`, of the index of passages, with the same limits inside.
    """
    if purpose is Purpose.NEAREST:
        return _nearest(vector, question, scope, guidance)
    chosen, limits = choices.chosen(question), choices.limits(question)
    if purpose is Purpose.HITS:
        return _hits(_visible(question, scope, guidance, extra=[*limits, *chosen.values()]), question)
    if purpose is Purpose.SERVICES:
        return _services(_visible(question, scope, guidance, extra=[*limits, choices.SERVICES_ONLY]), question)
    if purpose is Purpose.PASSAGES:
        best = clauses.best_passage(clauses.reading_of(question))
        return _request(_visible(Question(), scope, guidance, extra=[terms("id", keys)], sought=best)) | {"from": 0, "size": len(keys)}
    return _counts(_visible(question, scope, guidance, extra=limits, is_ranked=False), chosen)


def _visible(
    question: Question,
    scope: Scope,
    guidance: Guidance,
    *,
    extra: Sequence[Query],
    is_ranked: bool = True,
    sought: Query | None = None,
) -> Query:
    """Return the query, or what else is `sought`, within what readers may see: where visibility and scope are added, and nowhere else."""
    filters: list[Query] = [term("state", State.LIVE.value), *extra]
    if scope.sites is not None:
        filters.append(terms("site", _names(scope.sites)))
    if question.text and question.sort is Sort.DATE and not question.is_partial:
        filters.append(clauses.strictness(clauses.reading_of(question)))
    hidden = [terms("site", _names(scope.hidden))] if scope.hidden else []
    if guidance.hidden:
        hidden.append(terms("id", guidance.hidden))
    if question.text:
        sought = _wanted(question, guidance, is_ranked=is_ranked and question.sort is not Sort.DATE)
    return every(filters, must=[sought] if sought else [], without=hidden)


def _wanted(question: Question, guidance: Guidance, *, is_ranked: bool) -> Query:
    """Return what finds the texts, and with `is_ranked` orders them: the query, editors' other words, what they lowered behind."""
    reading = clauses.reading_of(question)
    wanted = clauses.relevance(reading, lift=question.lift) if is_ranked else clauses.membership(reading, lift=question.lift)
    if guidance.expansions:
        fields = (("title", OTHER_TITLE), ("body", OTHER_BODY))
        others = [phrase(field, words, boost=boost) for words in guidance.expansions for field, boost in fields]
        wanted = either([wanted, clauses.weighed(others, lift=question.lift)])
    if guidance.lowered and is_ranked:
        return {"boosting": {"positive": wanted, "negative": terms("id", guidance.lowered), "negative_boost": LOWERED}}
    return wanted


def _hits(wanted: Query, question: Question) -> dict[str, Any]:
    """Ask for a page and some spare hits, each the best copy of its text."""
    page = {"from": (question.page - 1) * question.size, "size": question.size + SPARE}
    is_ranked = bool(question.text) and question.sort is Sort.RELEVANCE
    rescoring = clauses.rescoring(clauses.reading_of(question), lift=question.lift) if is_ranked else None
    order = {"rescore": rescoring} if rescoring else {"sort": _order(question)}  # the engine takes only one of the two
    return _request(wanted) | page | order | {"collapse": {"field": "group"}}


def _request(wanted: Query) -> dict[str, Any]:
    """Return what all requests for documents have in common."""
    return {"query": wanted, "_source": False, "track_total_hits": False}


def _nearest(vector: Sequence[float], question: Question, scope: Scope, guidance: Guidance) -> dict[str, Any]:
    """Ask for the nearest passages of what may be seen and was chosen, the best one of each text."""
    wordless = dataclasses.replace(question, text="")
    limits = [*choices.limits(wordless), *choices.chosen(wordless).values()]
    visible = _visible(wordless, scope, guidance, extra=limits)
    knn = {"field": "vector", "query_vector": list(vector), "k": NEAREST, "num_candidates": NEAREST, "filter": visible}
    return {"knn": knn, "collapse": {"field": "group"}, "size": NEAREST_TEXTS, "_source": False, "track_total_hits": False}


def _order(question: Question) -> list[Any]:
    newest_first = [{"date": {"order": "desc", "missing": "_last"}}, {"id": "asc"}]
    return newest_first if question.sort is Sort.DATE or not question.text else ["_score", {"id": "asc"}]


def _services(wanted: Query, question: Question) -> dict[str, Any]:
    """Ask for the best service pages alone."""
    first = dataclasses.replace(question, page=1, size=SERVICES_SHOWN, sort=Sort.RELEVANCE)
    return _hits(wanted, first) | {"size": SERVICES_LOOKED_AT}


def _counts(wanted: Query, chosen: Mapping[Facet, Query]) -> dict[str, Any]:
    """Count texts: all that are found, and per value of each facet with the other facets' choices."""
    numbers = {"found": _among(list(chosen.values()), _texts())} | {facet.value: _facet(facet, chosen) for facet in Facet}
    return {"query": wanted, "aggs": numbers, "size": 0, "track_total_hits": False}


def _facet(facet: Facet, chosen: Mapping[Facet, Query]) -> dict[str, Any]:
    others = [query for name, query in chosen.items() if name is not facet]
    order = {"_key": "desc"} if facet is Facet.YEAR else {"_count": "desc"}
    most = MOST_ISSUERS if facet is Facet.ISSUER else FACET_VALUES
    values = {"values": {"terms": {"field": facet.value, "size": most, "order": order}, "aggs": _texts()}}
    of_all = _texts() if facet is Facet.TAB and facet in chosen else {}  # else as many as are found
    return _among(others, values | of_all)


def _among(limits: Sequence[Query], counted: dict[str, Any]) -> dict[str, Any]:
    return {"filter": every(limits) if limits else {"match_all": {}}, "aggs": counted}


def _texts() -> dict[str, Any]:
    """Count the texts of what is found, by number; by key in an index that has none, where in a newer one the engine drops this unread."""
    older = {"bool": {"should": [{"wildcard": {"_index": names}} for names in WITHOUT_NUMBERS]}}
    return {"texts": _different("group_no"), "older": {"filter": older, "aggs": {"texts": _different("group")}}}


def _different(field: str) -> dict[str, Any]:
    return {"cardinality": {"field": field, "precision_threshold": PRECISION}}


def _names(uuids: Sequence[UUID]) -> list[str]:
    return [str(uuid) for uuid in uuids]
