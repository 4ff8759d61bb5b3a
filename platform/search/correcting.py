"""Did you mean: an answer with the query that was probably meant, offered beside hits and taken where there are none."""

import dataclasses
from functools import cache

from registry.models import Region
from search import dictionaries, selectors
from search.analysis import spelling
from search.analysis.pinyin import latin
from search.analysis.shape import is_question
from search.contract import Correction, Found, Question, Scope
from search.curation.rules import NO_RULES, Rules

NEAR = 5  # titles that come close, where nothing was found
_SHORTEST_STEM = 2
_LEVELS = (Region.Level.PROVINCE, Region.Level.CITY, Region.Level.COUNTY)


def find(question: Question, *, scope: Scope, rules: Rules = NO_RULES) -> Found:
    """Answer a question; where nothing is found, answer what was probably meant, and say so. `is_verbatim` asks for neither.

    What is offered has hits in the same scope, and is no name of a person.

    Raises:
        SearchDownError: nobody can answer now.

    """
    found = selectors.find(question, scope=scope, rules=rules)
    if question.is_verbatim or question.page > 1 or not _may_hold_errors(question.text):
        return found
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
