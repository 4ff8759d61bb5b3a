"""Where tests' databases lie: in memory where the machine has room, for a test makes and removes thousands of files.

Each table is some files, each site a thousand of them, and a file system that looks for a free place on a disk takes longer over them
than PostgreSQL over its rows. What lies in memory is removed when the last worker ends; where there is no room, the engine's folder serves.
"""

import hashlib
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import psycopg2
from django.db import connection

MEMORY = Path("/dev/shm")  # noqa: S108 - a place in memory, and its name says whose
STALE_SECONDS = 6 * 3600  # no run takes so long: what is older was left by one that was killed
LEAST_FREE = 3 * 2**30  # bytes; a run of two workers was seen to take a third of this


def clause() -> str:
    """Return how CREATE DATABASE says where; nothing where there is no room. One worker at a time."""
    if not MEMORY.is_dir() or shutil.disk_usage(MEMORY).free < LEAST_FREE:
        return ""
    with _maintenance() as cursor:
        cursor.execute("SELECT spcname, pg_tablespace_location(oid), current_setting('data_directory') FROM pg_tablespace")
        rows = cursor.fetchall()
        places = {name: Path(place) for name, place, _ in rows if place}
        data = Path(rows[0][2])
        for number in count():
            name = f"memory_{number}"
            if name in places and places[name].is_dir():
                _sweep(cursor, places[name])
                return f"TABLESPACE {name}"
            if name not in places:  # one whose folder is gone was lost with the machine's memory
                _make(cursor, name, data)
                return f"TABLESPACE {name}"
    raise AssertionError


def leave() -> None:
    """Remove the places that are empty: the last worker of the last run that uses them does."""
    with _maintenance() as cursor:
        cursor.execute("SELECT spcname, pg_tablespace_location(oid) FROM pg_tablespace WHERE spcname LIKE 'memory_%'")
        for name, place in cursor.fetchall():
            try:
                cursor.execute(f"DROP TABLESPACE {name}")
            except psycopg2.Error:
                continue
            shutil.rmtree(place, ignore_errors=True)


def on_maintenance(*statements: str) -> None:
    """Run statements on the maintenance database, each on its own, beside Django's connection."""
    with _maintenance() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _sweep(cursor: Any, place: Path) -> None:
    for file in place.glob("PG_*/*/PG_VERSION"):  # written once, when its database was made
        if time.time() - file.stat().st_mtime > STALE_SECONDS:
            cursor.execute("SELECT datname FROM pg_database WHERE oid = %s", [file.parent.name])
            for (name,) in cursor.fetchall():
                cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _make(cursor: Any, name: str, data: Path) -> None:
    place = MEMORY / f"city-tests-{hashlib.sha256(str(data).encode()).hexdigest()[:8]}-{name}"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(mode=0o700)
    owner = data.stat()  # the server's: another user's where tests run as root
    os.chown(place, owner.st_uid, owner.st_gid)
    cursor.execute(f"CREATE TABLESPACE {name} LOCATION '{place}'")


@contextmanager
def _maintenance() -> Iterator[Any]:
    parameters = {key: value for key, value in connection.get_connection_params().items() if key in {"user", "password", "host", "port"}}
    with closing(psycopg2.connect(dbname="postgres", **parameters)) as own:
        own.autocommit = True
        with own.cursor() as cursor:
            yield cursor
