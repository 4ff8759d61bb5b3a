"""How well a text fits a query: small clauses whose scores add up. The weights were measured, see the room's README."""

import dataclasses
from collections.abc import Sequence
from typing import Any, Literal

from search import dictionaries
from search.analysis import numbering
from search.analysis.reading import Reading, Rewriting, read
from search.analysis.wording import Wording, dissect
from search.contract import Lift, Question, Validity
from search.querying.parts import NOTHING, Query, constant, either, every, match, nested, phrase, prefix, raised, scaled, term, terms

EXACT, INITIALS, SAME_SOUND, BEGINNING = 1000.0, 900.0, 300.0, 20.0
TITLE, TITLE_TOKENS, TITLE_TOKENS_ALL, TITLE_WHOLE, TITLE_MOST = 3.0, 1.5, 20.0, 10.0, 3.0
BODY, QUESTION_BODY, PLACE, FILES = 1.0, 0.3, 3.0, 0.3
PHRASE_PAIR, TITLE_PHRASE_PAIR = 6.0, 8.0
LATEST, QUESTION_LATEST = 0.5, 4.0
PASSAGE, QUESTION_PASSAGE, QUESTION_PASSAGES = 0.3, 1.0, 0.01
OFFICIAL, OFFICIAL_TITLE = 100.0, 1.5
OUT_OF_FORCE, NAMED, STANDING = 0.2, 1.6, 1.15  # what all but an exact title or number counts of such texts
WINDOW = 100  # of the best texts, which are compared again by their passages
STRICT = "75%"  # of a query's pairs, where order by date would else put chance matches first
# How much of a query a text must hold: below, a match is chance, and makes the count of results meaningless.
FLOOR, TOKENS_FLOOR, QUESTION_FLOOR, LOOSE_FLOOR = "2<67% 6<50%", "75%", "20%", "50%"
QUESTION_TITLE, SHORT_QUESTION = "50%", 8  # of a question of so few pairs, from which on a title counts
TELLING_FLOOR, FEWEST_TELLING = "2<67% 3<50%", 3  # the same of the pairs that not many texts hold
# Shares of texts above which a pair says too little to find a text by, and, in a question, to order by.
FREQUENT, QUESTION_FREQUENT, QUESTION_SCORED = 0.2, 0.7, 0.3
MOST_TOKENS = (
    20  # different characters of a query that is looked for in titles by single ones too: a longer one survives five errors by its pairs
)
FEWEST_TOKENS = 4  # of a query whose characters, all in one title, name that title
WITHOUT_HOLDS = "*-pages-v2-*"  # names of such indices
_SHORTEST_BEGINNING = 4
_SHORTEST_INDEX_NUMBER = 5


def reading_of(question: Question) -> Reading:
    """Return how a question's text is understood."""
    return read(
        question.text,
        expansions=question.expansions,
        rewritings=question.rewritings,
        is_loose=question.is_loose,
        is_partial=question.is_partial,
    )


def relevance(reading: Reading, *, lift: Lift | None = None) -> Query:
    """Return the query whose score orders the hits; it matches nothing where the query holds nothing to look for."""
    should = [*_exact(reading), *_latin(reading), *_by_sound(reading), *([weighed(shape, lift=lift)] if (shape := _shape(reading)) else [])]
    if not should:
        return NOTHING
    latest = constant(term("latest", value=True), QUESTION_LATEST if reading.is_question else LATEST)
    return every(_limits(reading, lift), must=[either(should)], should=[weighed([latest], lift=lift)])


def membership(reading: Reading, *, lift: Lift | None = None) -> Query:
    """Return the query that finds the texts `relevance` finds, without what only orders them: for counting, a third of the work."""
    named = [*_exact(reading), *_latin(reading)]
    parts = _parts(reading)
    if not named and not parts:
        return NOTHING
    filters = _limits(reading, lift)
    if reading.is_question or reading.rewritings or (lift and lift.rest):  # else whatever holds enough of the query holds part of it
        filters.append(either([*named, *parts]))
    return every(filters)


def _shape(reading: Reading) -> list[Query]:
    return _question(reading) if reading.is_question else _other(reading)


def _parts(reading: Reading) -> list[Query]:
    """Return what any one of has to match where a query is not found by a name: its fields without weights."""
    if reading.is_question:
        return _question(reading)
    wording = reading.wording
    if not wording.tokens:
        return []
    scored = _scored(wording.pairs)
    fields = {"title": scored, "body": scored, "place": wording.pairs, "file_text": wording.pairs}
    official = [rewriting for rewriting in reading.rewritings if rewriting.wording.pairs and wording.pairs]
    return [
        *_by_tokens(reading, minimum=_tokens_floor(reading)),
        *(match(field, pairs) for field, pairs in fields.items() if pairs),
        *(match("title", rewriting.wording.pairs) for rewriting in official),
        *(terms("title_keys", rewriting.title_keys) for rewriting in official),
    ]


def _limits(reading: Reading, lift: Lift | None) -> list[Query]:
    """Keep texts that hold enough of a query, or whose place is named in it and that hold enough of the rest; and all it quotes."""
    tokens = _tokens_floor(reading)
    enough = [_enough(*_telling(reading, is_question=reading.is_question), tokens=tokens)]
    if lift and (rest := read(lift.rest)).wording.tokens:
        wanted = _enough(*_telling(rest, is_question=reading.is_question), tokens=tokens)
        enough.append(every([terms("region", lift.regions), wanted]))
    return [either(enough) if enough[1:] else enough[0], *_quoted(reading)]


def _telling(reading: Reading, *, is_question: bool) -> tuple[Reading, str]:
    """Leave out the pairs that many texts hold, and return how much of the rest is enough; all stay where too little is left to go by.

    Of a short question one such pair would be enough; of 中华人民共和国契税暂行条例 half is what every other law is called.
    """
    floor, of_rest = (QUESTION_FLOOR, QUESTION_FLOOR) if is_question else (FLOOR, TELLING_FLOOR)
    share, fewest = (QUESTION_FREQUENT, 1) if is_question else (FREQUENT, FEWEST_TELLING)
    telling = _telling_pairs(reading.wording.pairs, share=share, fewest=fewest)
    if telling == reading.wording.pairs:
        return reading, floor
    return dataclasses.replace(reading, wording=dataclasses.replace(reading.wording, pairs=telling)), of_rest


def _telling_pairs(pairs: tuple[str, ...], *, share: float, fewest: int) -> tuple[str, ...]:
    """Return the pairs that no more than this share of texts holds; all where fewer are left than it takes."""
    telling = tuple(pair for pair in pairs if pair not in dictionaries.frequent_pairs(share))
    return telling if len(telling) >= fewest else pairs


def _scored(pairs: tuple[str, ...], *, share: float = FREQUENT) -> tuple[str, ...]:
    """Return the pairs by whose number in title and body texts are put in order."""
    return _telling_pairs(pairs, share=share, fewest=FEWEST_TELLING)


def _tokens_floor(reading: Reading) -> str:
    """Return how many of a query's characters a title must hold to be found and to score by them: a few are in nearly every one."""
    return LOOSE_FLOOR if reading.is_loose else TOKENS_FLOOR


def weighed(clauses: Sequence[Query], *, lift: Lift | None) -> Query:
    """Return the clauses so that texts no longer in force count less, and those of a lifted place more.

    What names a text exactly stays outside: who asks for a repealed text by its title or number gets it first.
    """
    weights = [(OUT_OF_FORCE, terms("validity", [Validity.REPEALED.value, Validity.EXPIRED.value]))]
    if lift and lift.is_on:
        weights.append((NAMED if lift.is_named else STANDING, terms("region", lift.regions)))
    return scaled(either(clauses), weights)


def rescoring(reading: Reading, *, lift: Lift | None = None) -> dict[str, Any] | None:
    """Return what compares the best texts again, by their best passage; none where there is no pair to look for."""
    if not reading.wording.pairs:
        return None
    pairs = reading.pairs_with_expansions
    clauses = [_passage(pairs, score_mode="max", boost=QUESTION_PASSAGE if reading.is_question else PASSAGE)]
    if reading.is_question:
        clauses.append(_passage(pairs, score_mode="sum", boost=QUESTION_PASSAGES))
    return {"window_size": WINDOW, "query": {"score_mode": "total", "rescore_query": weighed(clauses, lift=lift)}}


def strictness(reading: Reading) -> Query:
    """Return the filter that keeps texts with most of the query, or that are named exactly."""
    return _enough(reading, STRICT, tokens=STRICT) if reading.wording.tokens else NOTHING


def _enough(reading: Reading, pairs: str, *, tokens: str) -> Query:
    """Keep texts that are named exactly or hold so much of the query in title, text and place together."""
    wording = reading.wording
    options = [*_exact(reading), *_latin(reading), *_by_tokens(reading, minimum=tokens), *_in_a_row(wording)]
    options += [_holding(each, minimum=pairs) for each in (wording, *(rewriting.wording for rewriting in reading.rewritings)) if each.pairs]
    if _is_short(wording):  # a longer question has words enough of its own
        options += [_holding(official, minimum="100%") for official in map(dissect, reading.expansions) if official.pairs]
    return either(options)


def _holding(wording: Wording, *, minimum: str) -> Query:
    """Keep texts that hold so much of a wording; a place may stand in one field and the topic in another."""
    options = [match("holds", wording.pairs, minimum=minimum), _holding_in_older(wording, minimum=minimum)]
    return either(options)


def _holding_in_older(wording: Wording, *, minimum: str) -> Query:
    """Say the same to an index made before there was `holds`, four times as dear; in a newer one the engine drops it unread."""
    across = {
        "query": " ".join(wording.pairs),
        "type": "cross_fields",
        "fields": ["title", "body", "place", "file_text"],
        "analyzer": "whitespace",
        "minimum_should_match": minimum,
    }
    return every([{"wildcard": {"_index": WITHOUT_HOLDS}}, {"multi_match": across}])


def in_title(reading: Reading) -> Query:
    """Return the filter that keeps texts whose title alone holds enough of the query, or that are named exactly."""
    options = [*_exact(reading), *_latin(reading), match("title.uni", reading.wording.tokens, minimum=TOKENS_FLOOR)]
    if reading.wording.pairs:
        options.append(match("title", reading.wording.pairs, minimum=FLOOR))
    return either(options)


def _exact(reading: Reading) -> list[Query]:
    found = [("title_keys", reading.title_keys), ("doc_no_key", reading.numbers), ("index_no_key", _index_numbers(reading.text))]
    return [constant(terms(field, values), EXACT) for field, values in found if values]


def _index_numbers(query: str) -> list[str]:
    key = numbering.index_key(query)
    return [key] if any(char.isdigit() for char in key) and len(key) >= _SHORTEST_INDEX_NUMBER else []


def _quoted(reading: Reading) -> list[Query]:
    """Keep texts that hold every quoted phrase as it is."""
    return [either([phrase("title.uni", quoted), phrase("body", quoted)]) for quoted in reading.phrases]


def _by_sound(reading: Reading) -> list[Query]:
    """Put titles first that sound like the query: some of its characters may only sound right. It finds none by itself."""
    return [constant(terms("py_full", reading.sounds), SAME_SOUND)] if reading.sounds else []


def _latin(reading: Reading) -> list[Query]:
    spelt = reading.latin
    if not spelt:
        return []
    clauses = [constant(term("py_full", spelt), EXACT), constant(term("py_init", spelt), INITIALS)]
    if len(spelt) >= _SHORTEST_BEGINNING:
        clauses += [constant(prefix(field, spelt), BEGINNING) for field in ("py_full", "py_init")]
    return clauses


def _other(reading: Reading) -> list[Query]:
    wording = reading.wording
    if not wording.tokens:
        return []
    by_tokens = _by_tokens(reading, minimum=_tokens_floor(reading), boost=TITLE_TOKENS)
    if not wording.pairs:
        return [*by_tokens, *_in_a_row(wording)]
    scored = _scored(wording.pairs)
    return [
        *by_tokens,
        match("title", scored, boost=TITLE),
        constant(match("title", wording.pairs, minimum="100%"), TITLE_WHOLE),
        constant(match("title", wording.pairs, minimum="75%"), TITLE_MOST),
        *_of_all_tokens(wording),
        match("body", scored, boost=BODY),
        raised(phrase("body", wording.folded), PHRASE_PAIR * len(wording.pairs)),
        constant(phrase("title", wording.folded), TITLE_PHRASE_PAIR * len(wording.pairs)),
        match("place", wording.pairs, boost=PLACE),
        match("file_text", wording.pairs, boost=FILES),
        *(clause for rewriting in reading.rewritings for clause in _rewritten(rewriting)),
    ]


def _by_tokens(reading: Reading, *, minimum: str, boost: float = 1.0) -> list[Query]:
    """Look for the query's single characters in titles, which forgives typing errors; in a long one its pairs do, unless half is enough."""
    wording = reading.wording
    if wording.pairs and len(wording.tokens) > MOST_TOKENS and not reading.is_loose:
        return []
    return [match("title.uni", wording.tokens, boost=boost, minimum=minimum)]


def _of_all_tokens(wording: Wording) -> list[Query]:
    """Look for titles that hold every character of a query: a shortened title, or one typed with two characters swapped."""
    is_telling = FEWEST_TOKENS <= len(wording.tokens) <= MOST_TOKENS
    return [constant(match("title.uni", wording.tokens, minimum="100%"), TITLE_TOKENS_ALL)] if is_telling else []


def _in_a_row(wording: Wording) -> list[Query]:
    """Look for numbers and Latin words side by side, such as a telephone number: the query has no pair of them, the index has."""
    is_run = len(wording.tokens) > 1 and not wording.pairs
    return [phrase("body", wording.folded)] if is_run else []


def _rewritten(rewriting: Rewriting) -> list[Query]:
    """Count titles that hold the query in official words, less than those that hold it as it was typed."""
    if not rewriting.wording.pairs:
        return []
    return [
        constant(terms("title_keys", rewriting.title_keys), OFFICIAL),
        match("title", rewriting.wording.pairs, boost=OFFICIAL_TITLE),
        constant(match("title", rewriting.wording.pairs, minimum="100%"), TITLE_WHOLE),
    ]


def _question(reading: Reading) -> list[Query]:
    """Look for the answer in texts; a title counts that holds half of the question: 护照法 does of 护照怎么办理."""
    found = [match("title", reading.wording.pairs, minimum=QUESTION_TITLE)] if _is_short(reading.wording) else []
    pairs = reading.pairs_with_expansions
    return [*found, match("body", _scored(pairs, share=QUESTION_SCORED), boost=QUESTION_BODY)] if pairs else []


def _is_short(wording: Wording) -> bool:
    return 0 < len(wording.pairs) <= SHORT_QUESTION


def best_passage(reading: Reading) -> Query:
    """Return what finds the one passage of a text that answers best; a cited article before all others."""
    should = [match("arts.text", reading.pairs_with_expansions)]
    if reading.articles:
        should.append(constant(terms("arts.no", reading.articles), EXACT))
    return nested("arts", either(should), score_mode="max", inner_hits={"size": 1, "_source": ["arts.no", "arts.text"]})


def _passage(pairs: tuple[str, ...], *, score_mode: Literal["max", "sum"], boost: float) -> Query:
    return nested("arts", match("arts.text", pairs), score_mode=score_mode, boost=boost)
