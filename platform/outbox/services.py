"""Verbs: write events beside what they tell of."""

from collections.abc import Iterable
from itertools import islice

from django.db import connection
from django.db.models.functions import Now

from outbox.models import Event

ROWS_PER_INSERT = 1000


class OutsideTransactionError(RuntimeError):
    """An event outside a transaction could be lost, or tell of something that never happened."""

    def __init__(self) -> None:
        super().__init__("Events are recorded inside the transaction that makes the change: wrap the change in transaction.atomic().")


def require_transaction() -> None:
    """Refuse to go on outside a transaction; for callers that write before they record.

    Raises:
        OutsideTransactionError: no transaction is open.

    """
    if not connection.in_atomic_block:
        raise OutsideTransactionError


def record(topic: str, *, key: str) -> None:
    """Write one event in the caller's transaction.

    Raises:
        OutsideTransactionError: no transaction is open.

    """
    record_many(topic, keys=[key])


def record_many(topic: str, *, keys: Iterable[str]) -> int:
    """Write one event a key in the caller's transaction and return how many.

    Raises:
        OutsideTransactionError: no transaction is open.

    """
    require_transaction()
    written, rest = 0, iter(keys)
    while part := [Event(topic=topic, key=key) for key in islice(rest, ROWS_PER_INSERT)]:
        written += len(Event.objects.bulk_create(part))
    return written


def retry(*, parked: bool) -> int:
    """Make waiting events due now, with the parked ones if asked, and return how many."""
    delayed = Event.objects.delayed().update(available_at=Now())
    if not parked:
        return delayed
    return delayed + Event.objects.parked().update(available_at=Now(), parked_at=None, attempts=0)
