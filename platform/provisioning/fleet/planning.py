"""What a group of schemas lacks, in the order Django would apply it, and which of it needs Python."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, router
from django.db.migrations import Migration, RunPython
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.operations.base import Operation
from django.db.migrations.operations.special import SeparateDatabaseAndState
from django.db.migrations.state import ProjectState

from provisioning.fleet.contract import Key
from registry.schemas import in_schema_of

_DJANGOS_OWN = ("django.db.migrations.operations", "django.contrib.postgres.operations")


@dataclass(frozen=True, slots=True)
class Named:
    """A schema by its name alone, for the switch of schemas."""

    schema_name: str


@dataclass
class Plan:
    """What one schema lacks: migrations in order; what the tables look like before them; the set it will have had afterwards."""

    schema_name: str
    migrations: Sequence[Migration]
    executor: MigrationExecutor
    _state: ProjectState | None = field(default=None, repr=False)

    @property
    def keys(self) -> list[Key]:
        """Return app and name of each migration."""
        return [key_of(migration) for migration in self.migrations]

    def state(self) -> ProjectState:
        """Return the models as the applied migrations left them."""
        if self._state is None:
            self._state = _state_before(self.executor)
        return self._state.clone()


def plan_of(schema_name: str) -> Plan:
    """Return what the schema lacks; replaced migrations count as Django counts them."""
    with in_schema_of(Named(schema_name)):
        executor = MigrationExecutor(connection)
        wanted = executor.migration_plan(executor.loader.graph.leaf_nodes())
        return Plan(schema_name, [migration for migration, _ in wanted], executor)


def key_of(migration: Migration) -> Key:
    """Return app label and name."""
    return migration.app_label, migration.name


def name_of(migration: Migration) -> str:
    """Return the migration as people write it: pages.0002_more."""
    return f"{migration.app_label}.{migration.name}"


def operations_of(migration: Migration) -> Iterator[Operation]:
    """Return the operations that work on the current schema's tables: those for other apps are left out, wrapped ones unwrapped.

    Runs inside the schema it asks about.
    """
    return _unwrapped(migration.operations, migration.app_label)


def needs_python(migration: Migration) -> bool:
    """Whether something in it is more than SQL text: Python code, statements outside a transaction, an operation we do not know."""
    return not migration.atomic or any(_is_python(operation) for operation in operations_of(migration))


def _unwrapped(operations: Sequence[Operation], app_label: str) -> Iterator[Operation]:
    for operation in operations:
        if isinstance(operation, SeparateDatabaseAndState):
            yield from _unwrapped(operation.database_operations, app_label)
        elif _is_ours(operation, app_label):
            yield operation


def _is_ours(operation: Operation, app_label: str) -> bool:
    hints: dict[str, Any] = getattr(operation, "hints", {})
    return bool(router.allow_migrate(connection.alias, app_label, **hints))


def _is_python(operation: Operation) -> bool:
    if isinstance(operation, RunPython):
        return operation.code is not RunPython.noop
    return not operation.reduces_to_sql or not type(operation).__module__.startswith(_DJANGOS_OWN)


def _state_before(executor: MigrationExecutor) -> ProjectState:
    loader = executor.loader
    state = ProjectState(real_apps=loader.unmigrated_apps)
    for migration, _ in executor.migration_plan(loader.graph.leaf_nodes(), clean_start=True):
        if key_of(migration) in loader.applied_migrations:
            migration.mutate_state(state, preserve=False)
    return state
