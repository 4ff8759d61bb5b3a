"""What is answered where a query finds nothing as it was typed: what was probably meant, else what holds a part of it.

What was probably meant is offered beside hits, too.
"""

import dataclasses
from functools import cache

from registry.models import Region
from search import dictionaries, selectors
from search.analysis import spelling
from search.analysis.pinyin import latin
from search.analysis.reading import read
from search.analysis.shape import is_question
from search.contract import Correction, Found, Question, Scope
from search.curation.rules import NO_RULES, Rules

NEAR = 5  # titles that come close, where nothing was found
_SHORTEST_STEM = 2
_FEWEST_PARTS = 2  # pairs of a query that has parts
_LEVELS = (Region.Level.PROVINCE, Region.Level.CITY, Region.Level.COUNTY)


def find(question: Question, *, scope: Scope, rules: Rules = NO_RULES) -> Found:
    """Answer a question; where nothing is found, answer what was probably meant, else what holds a part of it, and say so.

    `is_verbatim` asks for neither. What is offered has hits in the same scope, and is no name of a person.

    Raises:
        SearchDownError: nobody can answer now.

    """
    found = selectors.find(question, scope=scope, rules=rules)
    if question.is_verbatim:
        return found
    if question.page == 1 and _may_hold_errors(question.text):
        found = _corrected(question, found, scope=scope, rules=rules)
    return found if found.total or found.promoted or found.is_degraded else _in_part(question, found, scope=scope, rules=rules)


def _corrected(question: Question, found: Found, *, scope: Scope, rules: Rules) -> Found:
    text = _meant(question, found, scope=scope, rules=rules)
    if not text or rules.denies(text):
        return found
    other = dataclasses.replace(question, text=text)
    if found.hits or found.promoted:
        is_known = any(text in spelling.plain(hit.title) for hit in found.hits)
        has_hits = is_known or bool(selectors.titles(dataclasses.replace(other, size=1), scope=scope, rules=rules))
        return dataclasses.replace(found, correction=Correction(text, is_applied=False)) if has_hits else found
    corrected = selectors.find(other, scope=scope, rules=rules)
    return dataclasses.replace(corrected, correction=Correction(text, is_applied=True)) if corrected.hits else found


def _in_part(question: Question, found: Found, *, scope: Scope, rules: Rules) -> Found:
    """Answer with what holds a part of a query, unless it is the reader's own choices that left nothing."""
    if not _has_parts(question.text):
        return found
    everywhere = Question(text=question.text, size=1)
    if question.is_narrowed and selectors.titles(everywhere, scope=scope, rules=rules):
        return found
    in_part = selectors.find(dataclasses.replace(question, is_partial=True), scope=scope, rules=rules)
    return dataclasses.replace(in_part, is_partial=True) if in_part.total else found


def _has_parts(text: str) -> bool:
    """Whether a part of a query says anything: none of a number, of what is quoted, or of a question, which is found by a part at once."""
    reading = read(text)
    return len(reading.wording.pairs) >= _FEWEST_PARTS and not (reading.is_question or reading.phrases or reading.numbers or reading.latin)


def _may_hold_errors(text: str) -> bool:
    return bool(text) and not is_question(text) and not latin(text)


def _meant(question: Question, found: Found, *, scope: Scope, rules: Rules) -> str:
    """Return what was probably meant: as editors say, else as a title that comes close."""
    by_rule = rules.correction(question.text)
    if by_rule != question.text:
        return by_rule
    titles = [hit.title for hit in found.hits]
    if not titles:
        loose = dataclasses.replace(question, is_loose=True, size=NEAR)
        titles = selectors.titles(loose, scope=scope, rules=rules)
    return spelling.corrected(question.text, titles=[*titles, *_words()], lexicon=_lexicon())


@cache
def _words() -> tuple[str, ...]:
    """Return short names and official words, which are titles of nothing."""
    return tuple(dict.fromkeys(word for short, forms in dictionaries.short_names().items() for word in (short, *forms)))


@cache
def _lexicon() -> spelling.Lexicon:
    places = Region.objects.filter(level__in=_LEVELS).values_list("name", flat=True)
    return spelling.Lexicon(
        typos=dictionaries.typos(),
        look_alikes=dictionaries.look_alikes(),
        posts=dictionaries.never_corrected(),
        surnames=dictionaries.surnames(),
        places=frozenset(
            name for place in (*places, *dictionaries.provinces()) for name in (place, place[:-1]) if len(name) >= _SHORTEST_STEM
        ),
    )
