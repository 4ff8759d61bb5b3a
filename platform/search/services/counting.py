"""Verb: count what one network asks within a minute."""

from django.db import connection

from search.models import RequestCount

_MINUTES_KEPT = 5


def count_request(network: str, *, minute: int) -> int:
    """Count one request of a network and return how many there were in this minute; the first of a minute clears old ones."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO search_requestcount (network, minute, count) VALUES (%s, %s, 1) "
            "ON CONFLICT (network, minute) DO UPDATE SET count = search_requestcount.count + 1 RETURNING count",
            [network, minute],
        )
        row = cursor.fetchone()
    count: int = row[0] if row else 0
    if count == 1:
        RequestCount.objects.filter(minute__lt=minute - _MINUTES_KEPT).delete()
    return count
