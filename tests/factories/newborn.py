"""A process that inherits nothing: for what must be killed in the midst of its work, without touching what the tests hold open.

A plain fork has the browser's pipes, the test run's threads and everybody's connections. These children come from a server that has
loaded Django and opened nothing, so each begins in milliseconds all the same.
"""

import multiprocessing
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

import django
from django.apps import apps
from django.conf import settings
from django.db import connection

if not apps.ready:
    django.setup()  # in the server of children, which loads this module first

_MADE = multiprocessing.get_context("forkserver")
_MADE.set_forkserver_preload([__name__])
_PASSED_ON = ("MIGRATION_MODULES", "PG_DUMP", "ELASTICSEARCH_URL", "ELASTICSEARCH_PREFIX")


@dataclass(frozen=True, slots=True)
class End:
    """How a process ended: 0, 1 or minus a signal; and what it said of an error."""

    code: int
    error: str


@dataclass(frozen=True, slots=True)
class _Inherited:
    """What a child takes over from the test."""

    path: list[str]
    settings: dict[str, Any]
    database: dict[str, Any]


def in_newborn(act: Callable[..., object], *arguments: object) -> End:
    """Call a function of a module in a process of its own, on this test's database, and wait for its end."""
    connection.close()
    inherited = _Inherited(list(sys.path), {name: getattr(settings, name) for name in _PASSED_ON}, dict(connection.settings_dict))
    reader, writer = _MADE.Pipe(duplex=False)
    child = _MADE.Process(target=_live, args=(inherited, writer, act, arguments))
    child.start()
    writer.close()
    try:
        error = reader.recv()
    except EOFError:  # it was killed, or had nothing to say
        error = ""
    child.join()
    assert child.exitcode is not None
    return End(child.exitcode, error)


def _live(inherited: _Inherited, writer: Connection, act: Callable[..., object], arguments: tuple[object, ...]) -> None:
    sys.path[:] = inherited.path
    for name, value in inherited.settings.items():
        setattr(settings, name, value)
    connection.settings_dict.update(inherited.database)
    connection.set_schema_to_public()  # type: ignore[attr-defined] # django-tenants' connection
    try:
        act(*arguments)
    except BaseException:
        writer.send(traceback.format_exc())  # nobody else would say why
        raise
