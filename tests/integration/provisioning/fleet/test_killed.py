"""A fleet migration is killed with -9 again and again, at every sort of moment; it goes on, and no site is ever half at a version."""

import os
import signal
from typing import Any

from django.db import connection

from observability.models import AuditEntry
from provisioning import cloning
from provisioning.fleet import drift, migrating
from provisioning.fleet.contract import FleetOptions
from provisioning.models import FleetResult, FleetRun, Template
from registry.contract import TenantRef
from tests.factories.newborn import in_newborn
from tests.factories.releases import ADD_FIELD, Release
from tests.factories.tables import columns, history, wait_until_alone

FILL = "migrations.RunPython(lambda apps, _: apps.get_model('taggit', 'Tag').objects.create(name='filled', slug='filled'))"


def killed_at(statement: int, *, after: str = "") -> bool:
    """Migrate in a process that dies before its n-th statement, counted from one that has these words in it; whether it did."""
    end = in_newborn(migrate_and_die, statement, after)
    wait_until_alone()  # till then the next one would be told that somebody is at work
    assert end.code in (0, -signal.SIGKILL), end.error
    return end.code == -signal.SIGKILL


def migrate_and_die(statement: int, after: str) -> None:
    left, begins = [statement], [not after]

    def die(execute: Any, sql: str, *arguments: Any) -> Any:
        left[0] -= begins[0]
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)
        begins[0] = begins[0] or after in sql
        return execute(sql, *arguments)

    with connection.execute_wrapper(die):
        migrating.migrate(FleetOptions())


def state_of(schema: str) -> tuple[bool, bool, list[str]]:
    return "source" in columns(schema), "note" in columns(schema), history(schema)


def test_whenever_it_is_killed_it_goes_on(city: list[TenantRef], release: Release) -> None:
    release.add("source", ADD_FIELD)
    release.add("fill", FILL)
    release.add("note", ADD_FIELD.replace("source", "note"))
    before = (False, False, ["0001_initial"])
    after = (True, True, ["0001_initial", "0002_source", "0003_fill", "0004_note"])
    seen: set[int] = set()

    for power in range(7):  # while the template is made anew
        killed_at(2**power)
    assert not Template.objects.filter(fingerprint=cloning.fingerprint()).exists()
    killed_at(1, after='INTO "provisioning_template"')  # the sites have not begun
    early = [(statement, "") for statement in range(6, 50, 7)]  # in the midst of the first site
    late = [(1, '"way" = ')] * (len(city) + 1)  # a site is done, the next has not begun; at last nothing is left
    for statement, after_words in early + late:
        is_killed = killed_at(statement, after=after_words)
        states = [state_of(site.schema_name) for site in city]
        assert all(state in (before, after) for state in states)
        seen.add(states.count(after))

    assert not is_killed
    assert seen == {0, 1, 2, 3}
    assert not migrating.migrate(FleetOptions()).changed
    assert [(row.drift, row.lacks) for row in drift.status()] == [([], [])] * 3
    assert set(FleetResult.objects.values_list("slug", "state")) == {(site.slug, "done") for site in city}
    assert FleetRun.objects.get().state == FleetRun.State.DONE
    assert AuditEntry.objects.filter(action="fleet.migrated").count() == 1
