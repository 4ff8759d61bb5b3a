"""Real engines below `var/bench`, durable as in production, and databases that exist only while they are measured."""

import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from types import FrameType

import psycopg2
from elasticsearch import Elasticsearch
from filelock import FileLock, Timeout

from deploy.embedded import services
from deploy.embedded.services import Endpoints

ROOT = Path(__file__).resolve().parents[2]
HOME = ROOT / "var" / "bench"
PREFIX = "bench"  # of every database and index that goes with its run
KEPT = "kept"  # of those that stay for a later run
BASE = f"{PREFIX}_base"
PLAIN = f"{PREFIX}_plain"
# What a person's shell may hold for the demo must not reach a measurement.
FOREIGN = ("PUBLIC_PORT", "DEMO_NOTICE", "STATIC_ROOT", "DEBUG")


class BusyError(Exception):
    """Another benchmark runs on this machine's copy."""


@contextmanager
def running() -> Iterator[Endpoints]:
    """Bring both engines up for the block, alone; what this started is stopped, and no database or index is left.

    Raises:
        BusyError: a benchmark is running already; two at once would measure each other.

    """
    HOME.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, _end)
    lock = FileLock(HOME / "benchmarks.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise BusyError("A benchmark is running already; wait for it to end.") from error
    with lock:
        was_running = services.status(HOME).running
        endpoints = services.start(HOME, durable=True)
        try:
            _remove_all(endpoints)
            yield endpoints
        finally:
            _remove_all(endpoints)
            if not was_running:
                services.stop(HOME)


def _end(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


@contextmanager
def database(endpoints: Endpoints, name: str, *, template: str = "template0") -> Iterator[None]:
    """Make a database, a copy of `template`, for the block."""
    _execute(endpoints, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    try:
        yield
    finally:
        _execute(endpoints, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@contextmanager
def kept_database(endpoints: Endpoints, name: str, *, template: str) -> Iterator[None]:
    """Use a database of an earlier run, or make it, a copy of `template`; it stays."""
    with _connection(endpoints) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if not cursor.fetchone():
            cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    yield


def url_of(endpoints: Endpoints, name: str) -> str:
    """Return the address of a database on the server of the benchmarks."""
    return endpoints.database_url.replace("/city?", f"/{name}?")


def environment(endpoints: Endpoints, name: str) -> Mapping[str, str]:
    """Return the environment of a process that works on the database `name`."""
    kept = {key: value for key, value in os.environ.items() if key not in FOREIGN}
    return (
        kept
        | endpoints.environment()
        | {
            "DATABASE_URL": url_of(endpoints, name),
            "PLAIN_DATABASE_URL": url_of(endpoints, PLAIN),
            "ELASTICSEARCH_PREFIX": name.replace("_", "-"),
            "DJANGO_SETTINGS_MODULE": "tests.benchmarks.settings",
            "VAR_DIR": str(HOME),
            "LOG_LEVEL": "INFO",
            "LOG_FORMAT": "json",
            "PLATFORM_HOST": "platform.localhost",
            "EDITOR_SUFFIX": "manage.localhost",
            "SITE_SUFFIX": "localhost",
        }
    )


def _remove_all(endpoints: Endpoints) -> None:
    """Remove every database and index of a benchmark, also those of one that was killed."""
    with _connection(endpoints) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [f"{PREFIX}\\_%"])
        for (name,) in cursor.fetchall():
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    with closing(Elasticsearch(endpoints.elasticsearch_url, request_timeout=60)) as client:
        for name in client.indices.get(index=f"{PREFIX}-*", allow_no_indices=True):
            client.indices.delete(index=name)


def _execute(endpoints: Endpoints, statement: str) -> None:
    with _connection(endpoints) as connection, connection.cursor() as cursor:
        cursor.execute(statement)


@contextmanager
def _connection(endpoints: Endpoints) -> Iterator[psycopg2.extensions.connection]:
    connection = psycopg2.connect(url_of(endpoints, "postgres"))
    connection.autocommit = True
    with closing(connection):
        yield connection
