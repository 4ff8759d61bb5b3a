"""The relay's handler: brings the index to the present state of each page that changed."""

import logging
from collections.abc import Mapping, Sequence

from outbox.contract import DONE, Outcome, TransportDownError, Verdict
from search import client
from search.indexing import filling, indices
from search.indexing.writing import Answer, erase, write
from search.models import Projection
from search.suggesting import keeping

logger = logging.getLogger(__name__)

FOR_GOOD = 2**62  # a version above any revision


class Feed:
    """Writes the present row of each key into every index that is being fed."""

    def prepare(self) -> None:
        """Make sure that there is an index. Raises TransportDownError."""
        try:
            filling.ensure()
        except client.EngineDownError as error:
            raise TransportDownError(str(error)) from error

    def handle(self, keys: Sequence[str]) -> Mapping[str, Outcome]:
        """Write each key's row, and say which the engine refused. Raises TransportDownError."""
        rows = list(Projection.objects.filter(pk__in=keys).defer("title_terms", "body_terms"))
        keeping.follow(rows)
        outcomes = dict.fromkeys(keys, DONE)
        gone = dict.fromkeys(set(keys) - {row.pk for row in rows}, FOR_GOOD)  # their site was purged; no later revision will come
        try:
            for target in indices.feeds():
                for answer in write(rows, alias=target.alias, fields=indices.fields_of(target.spare) if target.spare else None):
                    if answer.is_settled:
                        continue
                    if target.spare and not answer.is_busy:
                        indices.give_up_previous(answer.reason)
                        break
                    outcomes[answer.key] = _outcome(answer)
                erase(gone, alias=target.alias)
            filling.settle()
        except client.EngineDownError as error:
            raise TransportDownError(str(error)) from error
        return outcomes


def look_after_index() -> None:
    """Keep readers from an index that lacks much of what is published, and give them one that is whole again. Raises TransportDownError."""
    try:
        filling.watch()
        filling.settle()
    except client.EngineDownError as error:
        raise TransportDownError(str(error)) from error


def _outcome(answer: Answer) -> Outcome:
    """Judge a refusal: a lost index or an overloaded engine concerns all, a document the mapping refuses only itself.

    Raises:
        TransportDownError: the engine cannot take anything now.

    """
    if answer.is_busy or answer.has_no_index:
        raise TransportDownError(f"Elasticsearch answered {answer.status}: {answer.reason}")
    logger.error("document refused", extra={"key": answer.key, "reason": answer.reason})
    return Outcome(Verdict.PARK, answer.reason)
