"""Asking the engine, within the time a reader waits, or the database in its place."""

import dataclasses
import logging
import zlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import elasticsearch
from django.conf import settings
from django.db import OperationalError

from registry.selectors import Directory
from search import client, fallback, mapping
from search.contract import SERVICES_SHOWN, Guidance, Question, Scope, Sort, Tab
from search.curation.rules import Rules
from search.querying import answers
from search.querying.bodies import Purpose, body
from search.querying.intent import wants_to_get_done
from search.semantic import asking
from search.semantic.asking import Meaning

logger = logging.getLogger(__name__)
HELPERS = 16  # requests that may be counted at the same time in one process
PATIENCE = 0.9  # of the time a reader's connection waits: the engine gives up first and answers with what it has
breaker = client.Breaker()
_helpers = ThreadPoolExecutor(HELPERS, thread_name_prefix="search-counts")  # its threads start when they are needed


@dataclass(frozen=True, slots=True)
class Aim:
    """Another index than the readers', asked without their hurry and without PostgreSQL in its place; for comparing and measuring."""

    index: str
    seconds: float = 30.0


class SearchDownError(Exception):
    """Neither the engine nor the database can answer in time."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question understood, where it is asked, by whose rules, and the sites there are."""

    question: Question
    scope: Scope
    rules: Rules
    known: Directory

    @property
    def guidance(self) -> Guidance:
        """What editors' rules change of this search."""
        return self.rules.guidance(self.question.text)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the engine, or the database, said. The numbers may still be on their way: who asks for them waits."""

    candidates: list[answers.Candidate]
    services: list[answers.Candidate]
    counts: Callable[[], answers.Counts]


@contextmanager
def watched() -> Iterator[None]:
    """Spare other readers the wait where the engine does not answer.

    Raises:
        EngineDownError: it does not, or did not a moment ago.

    """
    if not breaker.allows():
        raise client.EngineDownError("it did not answer a moment ago")
    try:
        yield
    except client.EngineDownError as error:
        logger.warning("search goes on without the engine", extra={"reason": str(error)})
        breaker.open()
        raise
    except elasticsearch.ApiError as error:  # a body it cannot read is our mistake: nobody else has to do without the engine
        logger.exception("search body refused")
        raise client.EngineDownError("the request was refused") from error
    breaker.close()


def send(asked: Asked, aim: Aim | None = None, *, meaning: Meaning = Meaning.OFF, is_counted: bool = True) -> Answer:
    """Ask for hits, and beside them for the numbers, which are counted while the hits are checked and their passages asked for."""
    question, scope, guidance = asked.question, asked.scope, asked.guidance
    nearest = asking.start(question, scope=scope, guidance=guidance, meaning=meaning)
    counted = _helpers.submit(_count, asked, aim) if is_counted else None  # which is made while the engine looks for the hits
    bodies = [body(Purpose.HITS, nearest.widened if nearest else question, scope=scope, guidance=guidance)]
    if nearest:
        bodies = [nearest.request(bodies[0])]
    if is_counted and has_service_cards(question):
        bodies.append(body(Purpose.SERVICES, question, scope=scope, guidance=guidance))
    hits, *services = _ask(bodies, question, aim)
    wanted = nearest.candidates(hits) if nearest else answers.candidates(hits)
    found = [candidate for answer in services for candidate in answers.candidates(answer)]
    return Answer(wanted, found, lambda: answers.counts(counted.result()) if counted else answers.NO_COUNTS)


def _count(asked: Asked, aim: Aim | None) -> Any:
    numbers = body(Purpose.COUNTS, asked.question, scope=asked.scope, guidance=asked.guidance)
    return _ask([numbers], asked.question, aim)[0]


def has_service_cards(question: Question) -> bool:
    """Whether service pages come first: on the first page, for those who want to get something done and chose no class yet."""
    is_plain = question.page == 1 and question.tab is None and question.sort is Sort.RELEVANCE
    return is_plain and wants_to_get_done(question.text)


def _ask(bodies: Sequence[dict[str, Any]], question: Question, aim: Aim | None) -> list[Any]:
    """Return an answer to each body, all whole; the same question goes to the same copy of the index, so that pages fit together.

    Raises:
        EngineDownError: one of them is not whole, or the engine is away.

    """
    to = aim or Aim(mapping.read_alias(), settings.ELASTICSEARCH_TIMEOUT_SECONDS)
    header = {"index": to.index, "preference": f"q{zlib.crc32(question.text.encode())}"}
    limit = {"timeout": f"{round(to.seconds * PATIENCE * 1000)}ms"}
    engine = client.writer() if aim else client.reader()
    with client.guarded():
        found: list[Any] = engine.msearch(searches=[part for each in bodies for part in (header, each | limit)])["responses"]
    for answer in found:
        if not answers.is_whole(answer):
            raise client.EngineDownError(f"incomplete answer: {answer.get('error', 'too slow, or a shard is away')}")
    return found


def ask_database(question: Question, scope: Scope) -> Answer:
    """Answer without the engine.

    Raises:
        SearchDownError: the database cannot answer in time either.

    """
    try:
        found, counts = fallback.search(question, scope=scope)
        only_services = dataclasses.replace(question, tab=Tab.SERVICE, size=SERVICES_SHOWN)
        services = fallback.search(only_services, scope=scope)[0] if has_service_cards(question) else []
        return Answer(found, services, lambda: counts)
    except OperationalError as error:
        raise SearchDownError from error
