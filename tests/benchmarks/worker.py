"""A process that renders pages when told to, of the settings in its environment; it answers a line of JSON with one of JSON.

Asked `{"host", "address", "times"}` it returns the seconds of each request by the clock and of this process's processor, and
PostgreSQL's processor seconds for all of them; with `"count": true` the HTML, and the statements one request sends: as most do, and as
one does that comes after a pause, when what is kept for a second has to be asked for again.
"""

import json
import sys
import time
from typing import Any, ClassVar

from django.db import connection
from psycopg2.extensions import cursor as Cursor  # noqa: N812 - psycopg2 spells its class small
from typing_extensions import override

from tests.benchmarks.asking import Answer, ask  # sets Django up
from tests.benchmarks.measuring import Meter

OK = 200
PAUSE_SECONDS = 1.1
HEALTH_CHECK = "SELECT 1"  # of a kept connection, once a request, on both sides


class BadAnswerError(Exception):
    """A page did not answer 200: its speed means nothing."""


class CountingCursor(Cursor):
    """Keeps what goes to PostgreSQL, `SET search_path` included."""

    statements: ClassVar[list[str]] = []

    @override
    def execute(self, query: Any, vars: Any = None) -> None:
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
    time.sleep(PAUSE_SECONDS)
    after_pause, _ = _statements(host, address)
    statements, html = _statements(host, address)
    return {"statements": statements, "after_pause": after_pause, "html": html}


def _statements(host: str, address: str) -> tuple[list[str], str]:
    connection.ensure_connection()
    connection.connection.cursor_factory = CountingCursor
    CountingCursor.statements = []
    answer = _page(host, address)
    connection.connection.cursor_factory = Cursor
    return [statement for statement in CountingCursor.statements if statement != HEALTH_CHECK], answer.body.decode()


def _page(host: str, address: str) -> Answer:
    answer = ask(host, address)
    if answer.status != OK:
        raise BadAnswerError(f"{host}{address} answered {answer.status}.")
    return answer


if __name__ == "__main__":
    main()
