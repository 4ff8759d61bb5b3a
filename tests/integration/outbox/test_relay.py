"""The relay on a real database: nothing lost, nothing twice at once, what fails waits and is seen."""

import json
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models.functions import Now

from outbox import relay, services
from outbox.contract import DONE, Outcome, TransportDownError, Verdict
from outbox.models import Event
from outbox.selectors import backlog

pytestmark = pytest.mark.usefixtures("database")
TOPIC = "test"


class Recorder:
    """A handler that remembers what it was given and answers as told."""

    def __init__(self) -> None:
        self.calls: list[list[str]] = []
        self.prepared = 0
        self.answer: Callable[[str], Outcome] = lambda _: DONE

    def prepare(self) -> None:
        self.prepared += 1

    def handle(self, keys: Sequence[str]) -> Mapping[str, Outcome]:
        self.calls.append(list(keys))
        return {key: self.answer(key) for key in keys}


@pytest.fixture
def handler(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    recorder = Recorder()
    monkeypatch.setattr(relay, "_handlers", {TOPIC: recorder})
    return recorder


def record(*keys: str) -> None:
    with transaction.atomic():
        services.record_many(TOPIC, keys=keys)


def due_now() -> None:
    Event.objects.update(available_at=Now())


def test_recording_outside_a_transaction_is_refused() -> None:
    with pytest.raises(services.OutsideTransactionError):
        services.record(TOPIC, key="a")

    assert Event.objects.count() == 0


def test_what_is_rolled_back_never_happened(handler: Recorder) -> None:
    with transaction.atomic():
        services.record(TOPIC, key="a")
        transaction.set_rollback(True)

    assert relay.run_batch(TOPIC).taken == 0
    assert handler.calls == []


def test_many_events_of_a_key_are_carried_out_once(handler: Recorder) -> None:
    record("a", "b", "a", "a")

    assert relay.run_batch(TOPIC) == relay.Batch(done=4)
    assert handler.calls == [["a", "b"]]
    assert Event.objects.count() == 0


def test_a_failed_event_waits_longer_each_time_and_is_parked_at_last(handler: Recorder) -> None:
    handler.answer = lambda key: Outcome(Verdict.RETRY, "not yet") if key == "bad" else DONE
    record("bad", "good")

    assert relay.run_batch(TOPIC) == relay.Batch(done=1, delayed=1)
    assert relay.run_batch(TOPIC).taken == 0  # it is not due yet
    for attempt in range(2, relay.MAX_ATTEMPTS):
        due_now()
        assert relay.run_batch(TOPIC) == relay.Batch(delayed=1)
        assert Event.objects.get().attempts == attempt
    due_now()
    assert relay.run_batch(TOPIC) == relay.Batch(parked=1)

    (parked,) = Event.objects.parked()
    assert (parked.key, parked.attempts, parked.error) == ("bad", relay.MAX_ATTEMPTS, "not yet")
    assert [(each.pending, each.parked) for each in backlog()] == [(0, 1)]


def test_parked_events_are_shown_and_can_be_tried_again(handler: Recorder) -> None:
    handler.answer = lambda _: Outcome(Verdict.PARK, "mapping refuses it")
    record("bad")
    relay.run_batch(TOPIC)
    out = StringIO()

    call_command("relay", "status", "--json", stdout=out)

    status = json.loads(out.getvalue())
    assert [(each["key"], each["error"]) for each in status["parked"]] == [("bad", "mapping refuses it")]
    handler.answer = lambda _: DONE
    call_command("relay", "retry", "--parked", "--json", stdout=StringIO())
    call_command("relay", "run", "--once", "--json", stdout=StringIO())
    assert Event.objects.count() == 0


def test_one_key_that_breaks_the_handler_does_not_hold_up_the_others(handler: Recorder) -> None:
    def answer(key: str) -> Outcome:
        if key == "bad":
            raise ValueError("boom")
        return DONE

    handler.answer = answer
    record("a", "bad", "b")

    assert relay.run_batch(TOPIC) == relay.Batch(done=2, delayed=1)
    assert Event.objects.get().error == "ValueError: boom"


def test_a_far_side_that_is_away_uses_up_no_attempt(handler: Recorder) -> None:
    def answer(_: str) -> Outcome:
        raise TransportDownError("away")

    handler.answer = answer
    record("a")

    for _ in range(relay.MAX_ATTEMPTS + 5):
        with pytest.raises(TransportDownError):
            relay.run_batch(TOPIC)

    event = Event.objects.get()
    assert (event.attempts, event.is_parked, event.error) == (0, False, "")


def test_the_relay_waits_for_a_far_side_prepares_it_again_and_goes_on(handler: Recorder) -> None:
    waits: list[float] = []
    failures = iter([True] * 6)

    def answer(_: str) -> Outcome:
        if next(failures, False):
            raise TransportDownError("away")
        return DONE

    handler.answer = answer
    record("a")

    relay.run(should_stop=lambda: not Event.objects.exists(), wait=waits.append)

    assert handler.prepared == 7
    assert len(waits) == 6
    assert max(waits) <= relay.LONGEST_PAUSE_SECONDS
    assert waits[0] < waits[-1]


def test_two_relays_share_the_work(handler: Recorder) -> None:
    keys = [str(number) for number in range(60)]
    record(*keys)
    barrier = threading.Barrier(4)

    def work() -> None:
        try:
            barrier.wait()
            for _ in range(6):
                relay.run_batch(TOPIC, limit=5)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    relay.drain()

    assert Counter(key for call in handler.calls for key in call) == Counter(keys)
    assert Event.objects.count() == 0


def test_a_topic_without_a_handler_stays(handler: Recorder) -> None:
    with transaction.atomic():
        services.record("nobody", key="a")

    assert relay.drain().taken == 0
    assert [(each.topic, each.pending) for each in backlog()] == [("nobody", 1)]
