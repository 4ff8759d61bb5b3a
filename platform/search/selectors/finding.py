"""One search: asked, checked against the projection, and shown with its numbers."""

import dataclasses
import time
from functools import cache

from registry.selectors import Directory, directory
from search import client, dictionaries
from search.analysis import expanding
from search.analysis.expanding import Vocabulary
from search.analysis.shape import is_question
from search.contract import MAX_DEPTH, SERVICES_SHOWN, Found, Promoted, Question, Scope, Sort, Tab
from search.curation.rules import NO_RULES, Rules, RuleValue
from search.models import Projection
from search.selectors.copies import site_of, texts
from search.selectors.sending import Aim, Answer, Asked, ask_database, send, watched
from search.selectors.showing import checked
from search.semantic.asking import Meaning


def find(question: Question, *, scope: Scope, rules: Rules = NO_RULES, aim: Aim | None = None, meaning: Meaning = Meaning.AS_SET) -> Found:
    """Answer a question within a scope, as editors' rules say; by `meaning` too where that is set, unless an `aim` is given.

    Raises:
        SearchDownError: nobody can answer now.
        EngineDownError: an `aim` was given, and that index cannot answer; or the meaning is MEASURED and cannot be asked for.

    """
    began = time.perf_counter()
    question = understood(question, vocabulary=vocabulary())
    asked = Asked(question, scope, rules, directory())
    try:
        found = _found(send(asked, aim), asked) if aim else _found_by_engine(asked, meaning)
    except client.EngineDownError:
        if aim or meaning is Meaning.MEASURED:
            raise
        found = dataclasses.replace(_found(ask_database(question, scope), asked), is_degraded=True)
    return dataclasses.replace(found, took_ms=round((time.perf_counter() - began) * 1000))


def titles(question: Question, *, scope: Scope, rules: Rules = NO_RULES) -> list[str]:
    """Return the titles of a question's hits alone, without numbers and snippets: what a correction is made of.

    Raises:
        SearchDownError: nobody can answer now.

    """
    question = understood(question, vocabulary=vocabulary())
    asked = Asked(question, scope, rules, directory())
    try:
        with watched():
            answer = send(asked, is_counted=False)
    except client.EngineDownError:
        answer = ask_database(question, scope)
    return [text.leader.title for text in texts(answer.candidates, asked, question)]


@cache
def vocabulary() -> Vocabulary:
    """Return the words by which queries are expanded: what ships with the product."""
    plain, short = dictionaries.plain_words(), dictionaries.short_names()
    others = {word: tuple(form for form in forms if word not in form) for word, forms in plain.items()}  # 物业服务 is more than 物业 says
    return Vocabulary(plain_words=plain, replacing={word: forms for word, forms in {**others, **short}.items() if forms})


def understood(question: Question, *, vocabulary: Vocabulary) -> Question:
    """Return the question with its text said in official words: parts of it for a question, else the whole."""
    if question.is_partial or is_question(question.text):
        return dataclasses.replace(question, expansions=expanding.expansions(question.text, table=vocabulary.plain_words))
    return dataclasses.replace(question, rewritings=expanding.rewritings(question.text, table=vocabulary.replacing))


def _found_by_engine(asked: Asked, meaning: Meaning) -> Found:
    with watched():
        return _found(send(asked, None, meaning=meaning), asked)


def _found(answer: Answer, asked: Asked) -> Found:
    """Return what of an answer may be shown, with its numbers."""
    question = asked.question
    hits = checked(answer.candidates, asked, question)
    promoted = _promoted(question, asked.scope, asked.rules, asked.known)
    above = {each.key for each in promoted if each.key}
    hits = [hit for hit in hits if hit.key not in above]  # shown once, at the top
    only_services = dataclasses.replace(question, tab=Tab.SERVICE, size=SERVICES_SHOWN)
    services = checked(answer.services, asked, only_services) if answer.services else []
    counts = answer.counts()
    return Found(
        promoted=tuple(promoted),
        hits=tuple(hits[: question.size]),
        total=min(counts.total, MAX_DEPTH),
        is_exact=counts.total <= MAX_DEPTH,
        took_ms=0,
        is_degraded=False,
        total_of_tabs=min(counts.total_of_tabs, MAX_DEPTH),
        facets=counts.facets,
        services=tuple([hit for hit in services if hit.key not in above][:SERVICES_SHOWN]),
    )


def _promoted(question: Question, scope: Scope, rules: Rules, known: Directory) -> list[Promoted]:
    """Return what editors put first, if it may be seen: live pages of live sites. A city's rule stays within the reader's scope."""
    wanted = rules.promoted(question.text) if question.text else []
    if not wanted or question.page > 1 or question.sort is not Sort.RELEVANCE or question.is_narrowed:
        return []
    rows = Projection.objects.live().filter(pk__in=[rule.page for rule in wanted if rule.page]).without_text().in_bulk()
    found = [_as_promoted(rule, rows.get(rule.page), scope, known) for rule in wanted]
    return [each for each in found if each is not None]


def _as_promoted(rule: RuleValue, row: Projection | None, scope: Scope, known: Directory) -> Promoted | None:
    if not rule.page:
        return Promoted(title=rule.title or rule.address, address=rule.address)
    site = known.by_uuid.get(site_of(row)) if row else None
    if row is None or site is None or not site.is_live or not (rule.is_own or scope.admits(site.uuid)):
        return None
    return Promoted(title=rule.title or row.title, key=row.pk, source_id=row.source_id, site=site, path=row.path)
