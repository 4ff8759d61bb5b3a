"""The best texts for a question put in a better order, by the passages nearest in meaning. Never needed: what goes wrong changes nothing.

Passages are asked for beside the search by words, with the same limits inside; who is not back in time is not waited for.
"""

import dataclasses
import logging
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

import elasticsearch
from django.conf import settings

from search import client
from search.contract import Guidance, Place, Question, Scope, Sort, Validity
from search.querying import answers, clauses
from search.querying.bodies import SPARE, Purpose, body
from search.semantic import fusing, model, passages

logger = logging.getLogger(__name__)

WINDOW = clauses.WINDOW  # texts that are put in order: those the words compare closely too
THREADS = 4  # questions looked up at once by a process; one more is answered by words alone
_MEASURING_SECONDS = 30.0

breaker = client.Breaker()


class Meaning(StrEnum):
    """Whether questions are understood by meaning too; MEASURED waits and fails instead of going on without."""

    AS_SET = "as_set"
    OFF = "off"
    MEASURED = "measured"


@dataclass(frozen=True, slots=True)
class Pending:
    """A question on its way, until when it is waited for, and the search by words that goes with it."""

    question: Question
    guidance: Guidance
    answer: "Future[dict[str, float]]"
    until: float
    is_strict: bool

    @property
    def widened(self) -> Question:
        """The question for the search by words: all texts that are put in order, whatever page is wanted."""
        return dataclasses.replace(self.question, page=1, size=WINDOW - SPARE)

    def request(self, hits: Mapping[str, Any]) -> dict[str, Any]:
        """Return the body for all these texts, with what their nearness is weighed by."""
        return {**hits, "docvalue_fields": ["validity", "region"]}

    def candidates(self, hits: Mapping[str, Any]) -> list[answers.Candidate]:
        """Return the wanted page of the texts in their new order; in the old one where no answer came."""
        found = answers.candidates(hits)
        first = (self.question.page - 1) * self.question.size
        return [found[place] for place in self.order(hits["hits"]["hits"])][first : first + self.question.size + SPARE]

    def order(self, hits: Sequence[Mapping[str, Any]]) -> list[int]:
        """Return the places of the engine's hits in their new order."""
        return fusing.order([self._ranked(hit) for hit in hits], self._nearness())

    def _nearness(self) -> dict[str, float]:
        try:
            found = self.answer.result(timeout=max(0.0, self.until - time.monotonic()))
        except FutureTimeoutError:
            self.answer.cancel()
            reason: Exception = client.EngineDownError("the passages took too long")
        except (client.EngineDownError, model.ModelMissingError) as error:
            reason = error
        else:
            breaker.close()  # here, for what comes too late is no better than what does not come
            return found
        if self.is_strict:
            raise client.EngineDownError(str(reason)) from reason
        logger.warning("a question is answered by its words alone", extra={"reason": str(reason)})
        breaker.open()
        return {}

    def _ranked(self, hit: Mapping[str, Any]) -> fusing.Ranked:
        """Return a text with what its nearness counts: what counts less or more by words does so by meaning."""
        fields, lift = hit["fields"], self.question.lift
        weight = clauses.OUT_OF_FORCE if fields.get("validity", [""])[0] in (Validity.REPEALED, Validity.EXPIRED) else 1.0
        if lift and lift.is_on and fields.get("region", [""])[0] in lift.regions:
            weight *= clauses.NAMED if lift.is_named else clauses.STANDING
        if hit["_id"] in self.guidance.lowered:
            weight = 0.0
        return fusing.Ranked(fields["group"][0], hit["_score"] or 0.0, weight, is_named=(hit["_score"] or 0.0) >= clauses.INITIALS)


def applies_to(question: Question) -> bool:
    """Whether a question is put to the model: it reads like one, is asked of whole texts, and the page is among the best texts."""
    is_within = question.page * question.size + SPARE <= WINDOW
    is_ranked = question.sort is Sort.RELEVANCE and question.place is Place.ALL
    is_asked = bool(question.text) and not question.is_partial  # what is read as a question for want of hits is none
    return is_within and is_ranked and is_asked and clauses.reading_of(question).is_question


def start(question: Question, *, scope: Scope, guidance: Guidance, meaning: Meaning = Meaning.AS_SET) -> Pending | None:
    """Begin to look for the passages nearest to a question; None where the question is answered by its words alone."""
    is_measured = meaning is Meaning.MEASURED
    is_on = is_measured or (meaning is Meaning.AS_SET and settings.SEARCH_SEMANTIC)
    if not is_on or not applies_to(question) or not (is_measured or breaker.allows()):
        return None
    seconds = _MEASURING_SECONDS if is_measured else settings.SEARCH_SEMANTIC_SECONDS
    answer = _pool().submit(nearest, question, scope, guidance, seconds)
    return Pending(question, guidance, answer, time.monotonic() + seconds, is_strict=is_measured)


def nearest(question: Question, scope: Scope, guidance: Guidance, seconds: float) -> dict[str, float]:
    """Return how near each text's best passage is, by the text's group.

    Raises:
        EngineDownError: the engine or the index of passages is away or too slow.
        ModelMissingError: the model or its packages are not there.

    """
    vector = model.load(settings.SEARCH_SEMANTIC_FOLDER).embed(question.text)
    request = body(Purpose.NEAREST, question, scope=scope, guidance=guidance, vector=vector)
    engine = client.reader_of_passages().options(request_timeout=seconds)
    try:
        with client.guarded():
            answer = engine.search(index=passages.read_alias(), body=request)
    except elasticsearch.ApiError as error:  # a request it cannot read: nobody has to do without the search by words
        raise client.EngineDownError(f"the passages were refused: {error.error}") from error
    if not answers.is_whole(answer.body):
        raise client.EngineDownError("incomplete answer of the passages")
    return {hit["fields"]["group"][0]: float(hit["_score"]) for hit in answer["hits"]["hits"]}


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(THREADS, thread_name_prefix="semantic")
