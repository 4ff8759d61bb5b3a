"""Carries events out: takes what is due, hands it to the topic's handler, keeps what has to wait. Any number of relays may run at once."""

import logging
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction

from outbox.contract import DONE, Handler, Outcome, TransportDownError, Verdict
from outbox.models import Event

logger = logging.getLogger(__name__)

BATCH = 500
MAX_ATTEMPTS = 10
POLL_SECONDS = 0.1  # how soon an idle relay sees a new event
LONGEST_PAUSE_SECONDS = 5.0  # while a far side is away
LONGEST_WAIT_SECONDS = 300.0  # before another attempt at one event
CARE_SECONDS = 30.0  # between two looks at a far side

_handlers: dict[str, Handler] = {}
_at_once: dict[str, int] = {}
_cares: list[Callable[[], object]] = []


@dataclass(frozen=True, slots=True)
class Batch:
    """What became of the events of one batch."""

    done: int = 0
    delayed: int = 0
    parked: int = 0

    @property
    def taken(self) -> int:
        """How many events there were."""
        return self.done + self.delayed + self.parked

    def __add__(self, other: "Batch") -> "Batch":
        return Batch(self.done + other.done, self.delayed + other.delayed, self.parked + other.parked)


def register(topic: str, handler: Handler, *, at_once: int = BATCH) -> None:
    """Let this handler carry the topic's events out; an app says so when it is ready.

    Between two batches of a topic the others have their turn, so a slow handler takes few events `at_once`.
    """
    _handlers[topic], _at_once[topic] = handler, at_once


def look_after(care: Callable[[], object]) -> None:
    """Let the relay call this every CARE_SECONDS while its far sides answer; it may raise TransportDownError."""
    _cares.append(care)


def topics() -> list[str]:
    """Return the topics that have a handler."""
    return sorted(_handlers)


def prepare() -> None:
    """Let every handler make its far side ready.

    Raises:
        TransportDownError: a far side is away.

    """
    for handler in _handlers.values():
        handler.prepare()


def run_batch(topic: str, *, limit: int | None = None) -> Batch:
    """Carry out up to `limit` due events of one topic in one transaction; what another relay holds is left to it.

    Raises:
        TransportDownError: the far side is away; nothing has changed.

    """
    with transaction.atomic():
        events = list(
            Event.objects.of_topic(topic)
            .due()
            .order_by("available_at", "pk")
            .select_for_update(skip_locked=True)[: limit or _at_once.get(topic, BATCH)]
        )
        if not events:
            return Batch()
        keys = list(dict.fromkeys(event.key for event in events))
        return _settle(events, _outcomes(_handlers[topic], keys))


def drain() -> Batch:
    """Carry out all that is due now and return what became of it.

    Raises:
        TransportDownError: a far side is away.

    """
    total = Batch()
    for topic in topics():
        while (batch := run_batch(topic)).taken:
            total += batch
    return total


def run(
    *, should_stop: Callable[[], bool], wait: Callable[[float], object] = time.sleep, report: Callable[[Batch], None] = lambda _: None
) -> None:
    """Carry events out until told to stop, between batches; a far side or a database that is away is waited for, and logged once."""
    pause, is_ready, cared_at = 0.0, False, time.monotonic()
    while not should_stop():
        try:
            if not is_ready:
                prepare()
            if time.monotonic() - cared_at >= CARE_SECONDS:
                cared_at = time.monotonic()
                for care in _cares:
                    care()
            batch = sum((run_batch(topic) for topic in topics()), Batch())
        except (TransportDownError, OperationalError, InterfaceError) as error:
            if not pause:
                logger.warning("relay waits", extra={"reason": str(error)})
            pause, is_ready = min(max(pause * 2, POLL_SECONDS * 2), LONGEST_PAUSE_SECONDS), False
            connection.close_if_unusable_or_obsolete()
            wait(pause * random.uniform(0.8, 1.0))  # noqa: S311 - jitter
            continue
        if pause:
            logger.warning("relay goes on")
        pause, is_ready = 0.0, True
        if batch.taken:
            report(batch)
        else:
            wait(POLL_SECONDS)


def _outcomes(handler: Handler, keys: Sequence[str]) -> Mapping[str, Outcome]:
    """Ask the handler; where it breaks down over a batch, ask it key by key, so that one bad key cannot hold up or use up the others."""
    try:
        with transaction.atomic():
            return handler.handle(keys)
    except (TransportDownError, OperationalError, InterfaceError):
        raise
    except Exception as error:
        if len(keys) > 1:
            return {key: outcome for one in keys for key, outcome in _outcomes(handler, [one]).items()}
        logger.exception("an event's handler failed", extra={"key": keys[0]})
        reason = f"{type(error).__name__}: {error}"
        return {keys[0]: Outcome(Verdict.RETRY, reason)}


def _settle(events: Sequence[Event], outcomes: Mapping[str, Outcome]) -> Batch:
    """Delete what is done, put off or park the rest."""
    now = _database_time()
    finished, kept = [], []
    for event in events:
        outcome = outcomes.get(event.key, Outcome(Verdict.RETRY, "The handler said nothing of this key."))
        if outcome == DONE or outcome.verdict is Verdict.DONE:
            finished.append(event.pk)
            continue
        if outcome.verdict is Verdict.PARK or event.attempts + 1 >= MAX_ATTEMPTS:
            event.park(now, reason=outcome.reason)
            logger.error("event parked", extra={"topic": event.topic, "key": event.key, "reason": outcome.reason})
        else:
            event.put_off(now + _delay(event.attempts), reason=outcome.reason)
        kept.append(event)
    Event.objects.filter(pk__in=finished).delete()
    Event.objects.bulk_update(kept, ["attempts", "available_at", "parked_at", "error"])
    parked = sum(event.is_parked for event in kept)
    return Batch(done=len(finished), delayed=len(kept) - parked, parked=parked)


def _delay(attempts: int) -> timedelta:
    """Return the wait before the next attempt: twice as long each time, spread by half so that failures do not return together."""
    return timedelta(seconds=min(2.0**attempts, LONGEST_WAIT_SECONDS) * random.uniform(0.5, 1.0))  # noqa: S311 - jitter


def _database_time() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        row = cursor.fetchone()
    if row is None:  # cannot be; keeps the types honest
        raise DatabaseError("The database does not tell the time.")
    moment: datetime = row[0]
    return moment
