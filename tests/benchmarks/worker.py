"""A process that renders pages when told to, of the settings in its environment; it answers a line of JSON with one of JSON.

Asked `{"host", "address", "times"}` it returns the seconds of each request by the clock and of this process's processor, and
PostgreSQL's processor seconds for all of them; with `"count": true` the statements one request sends, and its HTML.
"""

import json
import sys
import time
from typing import Any

from django.db import connection
from psycopg2.extensions import cursor as Cursor  # noqa: N812 - psycopg2 spells its class small

from tests.benchmarks.asking import Answer, ask  # sets Django up
from tests.benchmarks.measuring import Meter

OK = 200


class BadAnswerError(Exception):
    """A page did not answer 200: its speed means nothing."""


class CountingCursor(Cursor):
    """Keeps what goes to PostgreSQL, `SET search_path` and Django's health check included."""

    statements: list[str] = []

    def execute(self, query: Any, vars: Any = None) -> None:  # noqa: A002 - psycopg2's name
        """Keep the statement and run it."""
        self.statements.append(query if isinstance(query, str) else query.decode())
        super().execute(query, vars)


def main() -> None:
    """Answer lines until there are no more."""
    for line in sys.stdin:
        asked = json.loads(line)
        done = _count(asked["host"], asked["address"]) if asked.get("count") else _time(asked["host"], asked["address"], asked["times"])
        sys.stdout.write(json.dumps(done) + "\n")
        sys.stdout.flush()


def _time(host: str, address: str, times: int) -> dict[str, Any]:
    meter = Meter()
    wall, cpu = [], []
    for _ in range(times):
        began, began_cpu = time.perf_counter(), time.process_time()
        _page(host, address)
        wall.append(time.perf_counter() - began)
        cpu.append(time.process_time() - began_cpu)
    return {"wall": wall, "cpu": cpu, "database_cpu": meter.spent().database_cpu}


def _count(host: str, address: str) -> dict[str, Any]:
    connection.ensure_connection()
    connection.connection.cursor_factory = CountingCursor
    CountingCursor.statements.clear()
    answer = _page(host, address)
    connection.connection.cursor_factory = Cursor
    return {"statements": CountingCursor.statements, "html": answer.body.decode()}


def _page(host: str, address: str) -> Answer:
    answer = ask(host, address)
    if answer.status != OK:
        raise BadAnswerError(f"{host}{address} answered {answer.status}.")
    return answer


if __name__ == "__main__":
    main()
