"""The parts of a request's body, in the engine's own words: plain mappings, for a search makes a hundred of them and readers wait."""

from collections.abc import Iterable, Sequence
from typing import Any

Query = dict[str, Any]

NOTHING: Query = {"match_none": {}}


def every(
    filters: Sequence[Query] = (), *, must: Sequence[Query] = (), should: Sequence[Query] = (), without: Sequence[Query] = ()
) -> Query:
    """Find what passes all filters and is all it must be, and nothing that is `without`; what it should be only adds to the score."""
    given = {"filter": filters, "must": must, "should": should, "must_not": without}
    return {"bool": {name: list(queries) for name, queries in given.items() if queries}}


def either(options: Iterable[Query]) -> Query:
    """Find what at least one of the options finds."""
    return {"bool": {"should": list(options), "minimum_should_match": 1}}


def term(field: str, value: object) -> Query:
    """Find what has this value."""
    return {"term": {field: value}}


def terms(field: str, values: Iterable[object]) -> Query:
    """Find what has one of these values."""
    return {"terms": {field: list(values)}}


def prefix(field: str, value: str) -> Query:
    """Find what has a value that begins so."""
    return {"prefix": {field: value}}


def match(field: str, parts: Sequence[str], *, boost: float = 1.0, minimum: str | None = None) -> Query:
    """Match parts already made, so that no pair reaches over a space or a mark."""
    options: dict[str, object] = {"query": " ".join(parts), "analyzer": "whitespace"}
    if boost != 1.0:
        options["boost"] = boost
    if minimum:
        options["minimum_should_match"] = minimum
    return {"match": {field: options}}


def phrase(field: str, text: str, *, boost: float | None = None) -> Query:
    """Find what holds the words in this order."""
    return {"match_phrase": {field: text if boost is None else {"query": text, "boost": boost}}}


def constant(query: Query, score: float) -> Query:
    """Score the same, however well it fits."""
    return {"constant_score": {"filter": query, "boost": score}}


def raised(query: Query, by: float) -> Query:
    """Score so much more; looking for a phrase twice, once for each part of the sum, would cost twice."""
    return {"function_score": {"query": query, "functions": [{"weight": by}], "boost_mode": "sum"}}


def scaled(query: Query, weights: Iterable[tuple[float, Query]]) -> Query:
    """Multiply the score by the weight of each filter that fits."""
    functions = [{"weight": weight, "filter": fitting} for weight, fitting in weights]
    return {"function_score": {"query": query, "functions": functions, "score_mode": "multiply", "boost_mode": "multiply"}}


def nested(path: str, query: Query, *, score_mode: str, **options: object) -> Query:
    """Look into the parts of a document."""
    return {"nested": {"path": path, "score_mode": score_mode, "query": query} | options}
