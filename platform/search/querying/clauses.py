"""How well a text fits a query: small clauses whose scores add up. The weights were measured, see the room's README."""

from elasticsearch.dsl import Q
from elasticsearch.dsl.query import Bool, ConstantScore, Match, MatchPhrase, MultiMatch, Prefix, Query, Term

from search.analysis import numbering, pinyin, titles
from search.analysis.wording import Wording, dissect
from search.querying.shape import is_question

EXACT, INITIALS, BEGINNING = 200.0, 150.0, 20.0
TITLE, TITLE_TOKENS, TITLE_WHOLE, TITLE_MOST = 3.0, 1.5, 10.0, 3.0
BODY, QUESTION_BODY, PHRASE, PLACE, FILES = 1.0, 0.6, 1.0, 1.0, 0.3
LATEST, QUESTION_LATEST = 0.5, 4.0
STRICT = "75%"  # of a query's pairs, where order by date would else put chance matches first
# How much of a query a text must hold: below, a match is chance, and makes the count of results meaningless.
FLOOR, TOKENS_FLOOR, QUESTION_FLOOR = "2<67% 6<50%", "75%", "30%"
_SHORTEST_BEGINNING = 4
_SHORTEST_INDEX_NUMBER = 5


def relevance(query: str) -> Query:
    """Return the query whose score orders the hits; it matches nothing where the query holds nothing to look for."""
    wording = dissect(query)
    shape = _question(wording) if is_question(query) else _other(wording)
    should = [*_exact(query), *_latin(query), *shape]
    if not should:
        return Q("match_none")
    bonus, floor = (QUESTION_LATEST, QUESTION_FLOOR) if is_question(query) else (LATEST, FLOOR)
    return Bool(
        filter=[_enough(query, wording, tokens=TOKENS_FLOOR, pairs=floor)],
        must=[Bool(should=should, minimum_should_match=1)],
        should=[_constant(Term(latest=True), bonus)],
    )


def strictness(query: str) -> Query:
    """Return the filter that keeps texts with most of the query, or that are named exactly."""
    wording = dissect(query)
    return _enough(query, wording, tokens=STRICT, pairs=STRICT) if wording.tokens else Q("match_none")


def _enough(query: str, wording: Wording, *, tokens: str, pairs: str) -> Query:
    """Keep texts that are named exactly or hold so much of the query in title, text and place together."""
    options = [*_exact(query), *_latin(query), _match("title.uni", wording.tokens, minimum=tokens)]
    if wording.pairs:
        options.append(
            MultiMatch(
                query=" ".join(wording.pairs),
                type="cross_fields",  # a place may stand in one field and the topic in another
                fields=["title", "body", "place", "file_text"],
                analyzer="whitespace",
                minimum_should_match=pairs,
            )
        )
    return Bool(should=options, minimum_should_match=1)


def in_title(query: str) -> Query:
    """Return the filter that keeps texts whose title alone holds enough of the query, or that are named exactly."""
    wording = dissect(query)
    options = [*_exact(query), *_latin(query), _match("title.uni", wording.tokens, minimum=TOKENS_FLOOR)]
    if wording.pairs:
        options.append(_match("title", wording.pairs, minimum=FLOOR))
    return Bool(should=options, minimum_should_match=1)


def marking(query: str) -> Query:
    """Return what is to be marked in texts."""
    return _match("body", dissect(query).pairs)


def _exact(query: str) -> list[Query]:
    keys = titles.title_keys_in(query)
    numbers = numbering.number_keys_in(query)
    found = [("title_keys", keys), ("doc_no_key", numbers), ("index_no_key", _index_numbers(query))]
    return [_constant(Q("terms", **{field: values}), EXACT) for field, values in found if values]


def _index_numbers(query: str) -> list[str]:
    key = numbering.index_key(query)
    return [key] if any(char.isdigit() for char in key) and len(key) >= _SHORTEST_INDEX_NUMBER else []


def _latin(query: str) -> list[Query]:
    spelt = pinyin.latin(query)
    if not spelt:
        return []
    clauses = [_constant(Term(py_full=spelt), EXACT), _constant(Term(py_init=spelt), INITIALS)]
    if len(spelt) >= _SHORTEST_BEGINNING:
        clauses += [_constant(Prefix(py_full=spelt), BEGINNING), _constant(Prefix(py_init=spelt), BEGINNING)]
    return clauses


def _other(wording: Wording) -> list[Query]:
    if not wording.tokens:
        return []
    by_tokens = [_match("title.uni", wording.tokens, boost=TITLE_TOKENS)]
    if not wording.pairs:
        return by_tokens
    return [
        *by_tokens,
        _match("title", wording.pairs, boost=TITLE),
        _constant(_match("title", wording.pairs, minimum="100%"), TITLE_WHOLE),
        _constant(_match("title", wording.pairs, minimum="75%"), TITLE_MOST),
        _match("body", wording.pairs, boost=BODY),
        MatchPhrase(body={"query": wording.folded, "boost": PHRASE}),
        _match("place", wording.pairs, boost=PLACE),
        _match("file_text", wording.pairs, boost=FILES),
    ]


def _question(wording: Wording) -> list[Query]:
    return [_match("body", wording.pairs, boost=QUESTION_BODY)] if wording.pairs else []


def _match(field: str, parts: tuple[str, ...], *, boost: float = 1.0, minimum: str | None = None) -> Query:
    """Match parts already made, so that no pair reaches over a space or a mark."""
    options: dict[str, object] = {"query": " ".join(parts), "analyzer": "whitespace"}
    if boost != 1.0:
        options["boost"] = boost
    if minimum:
        options["minimum_should_match"] = minimum
    return Match(**{field: options})


def _constant(query: Query, boost: float) -> Query:
    return ConstantScore(filter=query, boost=boost)
