"""One schema is migrated by Django while its statements are written down; the others get the text.

97 % of what Django spends on a migration goes into rendering models, which are the same for every site (measured, see the README): so it
is done once for all sites that stand where the first one stood. A site's migrations are one transaction with their record, so
that it is either wholly at the new version or untouched; a migration that cannot run in a transaction ends one and begins the next.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import Migration
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import ProjectState

from provisioning.fleet.contract import FleetOptions
from provisioning.fleet.planning import Named, Plan, key_of, needs_python
from provisioning.fleet.versions import quoted
from registry.schemas import in_schema_of

_FLUSH = "SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED"
AtEnd = Callable[[], None]


@dataclass
class Part:
    """One migration: its statements, and the models before it, for where it has to run as Python."""

    migration: Migration
    is_python: bool
    statements: list[str] = field(default_factory=list)
    before: ProjectState | None = None

    @property
    def records(self) -> list[tuple[str, str]]:
        """Return what the schema's history says afterwards: a squashed migration also stands for those it replaces."""
        return [*self.migration.replaces, key_of(self.migration)]


@dataclass
class Recording:
    """What the schemas of one group get."""

    parts: list[Part]
    after: ProjectState

    @property
    def way(self) -> str:
        """Return how the other schemas are migrated: `sql` text alone, or `python` as well."""
        return "python" if any(part.is_python for part in self.parts) else "sql"


def record(plan: Plan, *, options: FleetOptions, at_end: AtEnd) -> Recording:
    """Migrate the plan's own schema by Django and return what it took; `at_end` runs in the last transaction.

    Raises:
        django.db.Error, Exception: whatever a migration raises; the open transaction is undone.

    """
    recording = Recording([], plan.state())
    with in_schema_of(Named(plan.schema_name)):
        parts = [Part(migration, needs_python(migration)) for migration in plan.migrations]

        def run(part: Part) -> None:
            part.before = recording.after.clone()
            recording.after = _apply(part, recording.after)
            recording.parts.append(part)

        _walk(parts, run, options=options, at_end=at_end)
    _refuse_names(recording, plan.schema_name)
    return recording


def replay(recording: Recording, schema_name: str, *, options: FleetOptions, at_end: AtEnd) -> None:
    """Bring a schema to where the recorded one went; `at_end` runs in the last transaction.

    Raises:
        django.db.Error, Exception: whatever a statement or a migration raises; the open transaction is undone.

    """

    def run(part: Part) -> None:
        if part.is_python and part.before is not None:
            _forget_content_types(part.before)
            _apply(Part(part.migration, is_python=True), part.before.clone())
        else:
            _execute(part, schema_name)

    with in_schema_of(Named(schema_name)):
        _walk(recording.parts, run, options=options, at_end=at_end)


def _walk(parts: Sequence[Part], run: Callable[[Part], None], *, options: FleetOptions, at_end: AtEnd) -> None:
    """Run the parts: those that can in one transaction, the others between two."""
    for is_atomic, stretch in _stretches(parts):
        if is_atomic:
            with transaction.atomic():
                _limit(options)
                for part in stretch:
                    run(part)
                if stretch[-1] is parts[-1]:
                    at_end()
        else:
            run(stretch[0])
    if not parts or not parts[-1].migration.atomic:
        with transaction.atomic():
            at_end()


def _stretches(parts: Sequence[Part]) -> Iterator[tuple[bool, Sequence[Part]]]:
    begin = 0
    for place, part in enumerate(parts):
        if not part.migration.atomic:
            if begin < place:
                yield True, parts[begin:place]
            yield False, [part]
            begin = place + 1
    if begin < len(parts):
        yield True, parts[begin:]


def _apply(part: Part, state: ProjectState) -> ProjectState:
    """Let Django apply one migration and write it into the schema's history."""
    migration = part.migration
    with connection.schema_editor(atomic=migration.atomic) as editor:
        _write_down(editor, part.statements)
        state = migration.apply(state, editor)
    recorder = MigrationRecorder(connection)
    for app, name in part.records:
        recorder.record_applied(app, name)
    if connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute(_FLUSH)  # else the next change of a table meets triggers that still wait
    return state


def _write_down(editor: BaseDatabaseSchemaEditor, statements: list[str]) -> None:
    """Keep the text of every statement of the schema editor, also of those it puts off to its end."""
    execute = editor.execute

    def noting(sql: Any, params: Any = ()) -> Any:
        text = str(sql) if params is None else connection.ops.compose_sql(str(sql), params)  # type: ignore[attr-defined] # PostgreSQL's
        statements.append(text.rstrip().rstrip(";"))
        return execute(sql, params)

    editor.execute = noting  # type: ignore[method-assign] # one editor, for one migration


def _execute(part: Part, schema_name: str) -> None:
    """Send one migration's statements with its records in one go; names are looked up in this schema alone, never in `public`."""
    with connection.cursor() as cursor:
        values = ", ".join(cursor.mogrify("(%s, %s, now())", record).decode() for record in part.records)
        recorded = f"INSERT INTO django_migrations (app, name, applied) VALUES {values}"  # noqa: S608 - mogrified
        path = f"SET LOCAL search_path = {quoted(schema_name)}"
        cursor.execute(";\n".join([path, *part.statements, recorded, _FLUSH, f'{path}, "public"']))


def _limit(options: FleetOptions) -> None:
    """Bound every wait and statement; a site's commit need not reach the disk before the next site, since the run's last one does."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SET LOCAL lock_timeout = {int(options.lock_timeout_ms)};"
            f"SET LOCAL statement_timeout = {int(options.statement_timeout_ms)};"
            "SET LOCAL synchronous_commit = off"
        )


def _refuse_names(recording: Recording, schema_name: str) -> None:
    """Let a migration run as Python everywhere when its statements name the schema they were recorded in."""
    for part in recording.parts:
        if any(schema_name in statement for statement in part.statements):
            part.is_python = True


def _forget_content_types(state: ProjectState) -> None:
    """Forget ids that a migration's own copy of ContentType remembers from another schema."""
    if ("contenttypes", "contenttype") in state.models:
        state.apps.get_model("contenttypes", "ContentType")._default_manager.clear_cache()  # noqa: SLF001 - Django's documented name
