"""A fleet migration is killed with -9 again and again, at every sort of moment; it goes on, and no site is ever half at a version."""

import os
import signal
from itertools import count, takewhile
from typing import Any

from django.db import connection

from observability.models import AuditEntry
from provisioning import cloning
from provisioning.fleet import drift, migrating
from provisioning.fleet.contract import FleetOptions
from provisioning.models import FleetResult, FleetRun, Template
from registry.contract import TenantRef
from tests.factories.releases import ADD_FIELD, Release
from tests.factories.tables import columns, history, wait_until_alone

FILL = "migrations.RunPython(lambda apps, _: apps.get_model('taggit', 'Tag').objects.create(name='filled', slug='filled'))"
LONGEST = 60  # runs; it takes far fewer


def killed_at(statement: int) -> bool:
    """Migrate in a process that dies before its n-th statement; whether it did."""
    connection.close()
    child = os.fork()
    if child == 0:
        left = [statement]

        def die(execute: Any, *arguments: Any) -> Any:
            left[0] -= 1
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)
            return execute(*arguments)

        try:
            with connection.execute_wrapper(die):
                migrating.migrate(FleetOptions())
            os._exit(0)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    wait_until_alone()  # till then the next one would be told that somebody is at work
    assert status in (0, signal.SIGKILL), f"It ended with {status}."
    return bool(status == signal.SIGKILL)


def state_of(schema: str) -> tuple[bool, bool, list[str]]:
    return "source" in columns(schema), "note" in columns(schema), history(schema)


def test_whenever_it_is_killed_it_goes_on(city: list[TenantRef], release: Release) -> None:
    release.add("source", ADD_FIELD)
    release.add("fill", FILL)
    release.add("note", ADD_FIELD.replace("source", "note"))
    before = (False, False, ["0001_initial"])
    after = (True, True, ["0001_initial", "0002_source", "0003_fill", "0004_note"])
    seen: set[int] = set()

    for statement in (2**power for power in takewhile(lambda _: not Template.objects.filter(fingerprint=cloning.fingerprint()), count())):
        killed_at(statement)
    for statement in range(6, 6 + 7 * LONGEST, 7):
        is_killed = killed_at(statement)
        states = [state_of(site.schema_name) for site in city]
        assert all(state in (before, after) for state in states)
        seen.add(states.count(after))
        if not is_killed:
            break

    assert seen == {0, 1, 2, 3}
    assert not migrating.migrate(FleetOptions()).changed
    assert [(row.drift, row.lacks) for row in drift.status()] == [([], [])] * 3
    assert set(FleetResult.objects.values_list("slug", "state")) == {(site.slug, "done") for site in city}
    assert FleetRun.objects.get().state == FleetRun.State.DONE
    assert AuditEntry.objects.filter(action="fleet.migrated").count() == 1
