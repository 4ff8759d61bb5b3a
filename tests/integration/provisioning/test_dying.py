"""The process that dies for other tests takes its locks with it, also where a browser was begun in between."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from provisioning.contract import OnStep, StepReport
from provisioning.journal import alone
from tests.factories.crashes import killed_after
from tests.factories.tables import rows

pytestmark = pytest.mark.usefixtures("database")


def test_what_dies_above_an_event_loop_leaves_no_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    with ThreadPoolExecutor(1) as pool:  # a thread of its own: this one may have a browser's loop already
        pool.submit(_below_and_above).result()


def _below_and_above() -> None:
    own = rows("SELECT pg_backend_pid()")  # the connection below the loop stays open

    async def above() -> None:
        assert rows("SELECT pg_backend_pid()") != own
        killed_after("lock", _lock)
        with alone(["site dying"]):  # nobody holds it
            pass
        connection.close()

    asyncio.run(above())

    assert rows("SELECT pg_backend_pid()") == own  # and the child did not end what it inherited
    connection.close()


def _lock(on_step: OnStep) -> None:
    with alone(["site dying"]):
        on_step(StepReport("operation", "dying", "lock", "Lock", 1, 1, 0.0, was_done=False))
