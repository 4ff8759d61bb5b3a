"""Plain SQL, for what a test must do behind the models' back."""

import gc
import time
from typing import Any

from django.db import connection


def execute(statement: str, *values: Any) -> None:
    """Run a statement in the current schema."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)


def rows(query: str, *values: Any) -> list[tuple[Any, ...]]:
    """Return the rows of a query in the current schema."""
    with connection.cursor() as cursor:
        cursor.execute(query, values or None)
        return list(cursor.fetchall())


def wait_until_alone(seconds: float = 120.0) -> None:
    """Wait until nobody else is at work: the server notices a moment later that a process was killed, and till then its locks stand.

    PostgreSQL's own workers, such as autovacuum, come and go and are nobody's; neither is a connection that waits idle and holds no lock,
    which a thread of ours may keep.
    """
    others = (
        "SELECT pid, state, wait_event, now() - backend_start, now() - state_change, pg_blocking_pids(pid), left(query, 200) "
        "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend' "
        "AND (state <> 'idle' OR pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory'))"
    )
    if rows(others):
        gc.collect()  # a connection of one of our own threads that ended stays open until it is collected
    deadline = time.monotonic() + seconds
    while rows(others) and time.monotonic() < deadline:
        time.sleep(0.02)
    left = rows(others)
    assert not left, left


def columns(schema: str, table: str = "media_sitefile") -> set[str]:
    """Return the names of a table's columns."""
    return {
        name
        for (name,) in rows("SELECT column_name FROM information_schema.columns WHERE (table_schema, table_name) = (%s, %s)", schema, table)
    }


def history(schema: str, app: str = "media") -> list[str]:
    """Return the migrations of an app that a schema has had."""
    return [name for (name,) in rows(f'SELECT name FROM "{schema}".django_migrations WHERE app = %s ORDER BY id', app)]  # noqa: S608 - of a test
