"""The database as a test leaves it empty, and copies of it with sites that were opened in it before.

Opening a site costs half a second of processor time, copying a whole small database a tenth of that. So when tests of a worker ask a
second time for the same sites in an empty database, what the product's own code makes then is kept, and put in place from then on.
"""

import hashlib
from collections.abc import Callable, Hashable
from datetime import timedelta

import psycopg2
from django.conf import settings
from django.db import connection
from django.utils import timezone

from catalogues.selectors import forget_editions
from registry.schemas import leave_schema
from registry.selectors import forget_directory
from tests.factories.memory import on_maintenance
from vocabularies.selectors import forget_subjects

# What a test may leave in `public`: everything but what the base database was made with.
KEPT_TABLES = {
    "django_migrations",
    "django_content_type",
    "observability_audithead",
    "auth_permission",
    "calendars_day",
    "calendars_version",
    "catalogues_edition",
    "catalogues_entry",
    "provisioning_template",
    "registry_directoryversion",
    "registry_region",
    "rules_rule",
    "vocabularies_subjectlist",
    "vocabularies_subjectrow",
    "vocabularies_topicrow",
}
NOT_IN_A_DATABASE = {"DATABASES", "ELASTICSEARCH_URL", "ELASTICSEARCH_PREFIX", "BACKUP_DIR"}
NOW = timedelta(minutes=1)

_asked: set[str] = set()
_copies: dict[str, str] = {}  # by what was asked for: a database's name
_aside: dict[str, str] = {}  # by the name of a database in whose place a copy is: where it waits


def made_once(asked: Hashable, make: Callable[[], object], *, is_clock_set: bool = False) -> None:
    """Run `make`, or put a database in place as an earlier run with the same arguments and settings left it.

    Only the worker's own database is replaced, only while it is empty, nobody else uses it and the clock tells the time; or is set, and
    what is asked for says to when.
    """
    if not _is_replaceable(is_clock_set=is_clock_set):
        make()
        return
    mark = _mark(asked)
    if mark in _copies and _put_in_place(_copies[mark]):
        return
    make()
    if mark in _asked and mark not in _copies:
        _keep(mark)
    _asked.add(mark)


def put_back() -> bool:
    """Put the empty database back where a copy was put in its place; whether there was one."""
    name = connection.settings_dict["NAME"]
    if name not in _aside:
        return False
    connection.close()
    on_maintenance(f'DROP DATABASE "{name}" WITH (FORCE)', f'ALTER DATABASE "{_aside[name]}" RENAME TO "{name}"')
    del _aside[name]
    return True


def forget_copies() -> None:
    """Remove all that was kept; at the end of a run."""
    put_back()
    connection.close()
    on_maintenance(*(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)' for name in _copies.values()))
    _copies.clear()
    _asked.clear()


def passing_tables(condition: str) -> list[str]:
    """Return the tables in `public` that tests fill and leave empty."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"  # noqa: S608 - ours
            f" AND relname <> ALL(%s) AND {condition}",
            [list(KEPT_TABLES)],
        )
        return [name for (name,) in cursor.fetchall()]


def _is_replaceable(*, is_clock_set: bool) -> bool:
    name = connection.settings_dict["NAME"]
    if connection.in_atomic_block or not name.startswith("city_test_") or name in _aside:
        return False
    leave_schema()
    with connection.cursor() as cursor:
        rows = "".join(f" OR EXISTS (SELECT FROM {table})" for table in passing_tables("pg_relation_size(oid) > 0"))
        cursor.execute(
            f"SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname ~ '^(s|aside|kept)_'){rows}, clock_timestamp()"  # noqa: S608 - names the database gave
        )
        is_used, now = cursor.fetchone()
    return not is_used and (is_clock_set or abs(timezone.now() - now) < NOW)


def _mark(asked: Hashable) -> str:
    """Return a name for what was asked for and everything settings say."""
    names = sorted(name for name in dir(settings) if name.isupper() and name not in NOT_IN_A_DATABASE)
    said = repr((asked, [(name, getattr(settings, name)) for name in names]))
    return hashlib.sha256(said.encode()).hexdigest()[:12]


def _put_in_place(copy: str) -> bool:
    name = connection.settings_dict["NAME"]
    connection.close()
    try:
        on_maintenance(f'ALTER DATABASE "{name}" RENAME TO "{name}_aside"')
    except psycopg2.errors.ObjectInUse:
        return False
    _aside[name] = f"{name}_aside"
    on_maintenance(f'CREATE DATABASE "{name}" TEMPLATE "{copy}" STRATEGY FILE_COPY')
    forget_directory()
    forget_editions()
    forget_subjects()
    return True


def _keep(mark: str) -> None:
    name = connection.settings_dict["NAME"]
    connection.close()
    try:
        on_maintenance(f'CREATE DATABASE "{name}_{mark}" TEMPLATE "{name}" STRATEGY FILE_COPY')
    except psycopg2.errors.ObjectInUse:
        return
    _copies[mark] = f"{name}_{mark}"
