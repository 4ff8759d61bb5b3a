"""How long an event waits before another attempt."""

from datetime import timedelta

import pytest

from outbox import relay
from outbox.relay import Batch


@pytest.mark.parametrize(("attempts", "longest"), [(0, 1), (1, 2), (5, 32), (9, 300), (60, 300)])
def test_waits_double_are_spread_and_bounded(attempts: int, longest: int) -> None:
    waits = [relay._delay(attempts) for _ in range(200)]

    assert timedelta(seconds=longest / 2) <= min(waits) < max(waits) <= timedelta(seconds=longest)


def test_batches_add_up() -> None:
    total = Batch(done=1, delayed=2, parked=3) + Batch(done=10)

    assert (total, total.taken) == (Batch(done=11, delayed=2, parked=3), 16)
