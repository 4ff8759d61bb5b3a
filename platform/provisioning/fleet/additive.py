"""Which changes of tables would break the code that still runs while sites are migrated, and what to do instead.

Sites are migrated first, the code follows: until then the older code writes into the newer tables. What only adds is harmless; what takes
away, renames or narrows has to come one release later, in a migration that names the one by which the code stopped using it.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlparse
from django.contrib.postgres.operations import CreateExtension
from django.db import connection, models
from django.db.migrations import Migration, operations
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ModelState, ProjectState
from django.db.models import NOT_PROVIDED
from typing_extensions import override

from provisioning.fleet.contract import ContractingError, Key
from provisioning.fleet.planning import name_of, operations_of

MARK = "second_step_of"
_HARMLESS = (
    operations.CreateModel,
    operations.AddIndex,
    operations.RemoveIndex,
    operations.RenameIndex,
    operations.RemoveConstraint,
    operations.AlterModelOptions,
    operations.AlterModelManagers,
    operations.AlterModelTableComment,
    operations.RunPython,
    CreateExtension,
)
_HARMLESS_SQL = re.compile(
    r"(?:--[^\n]*\n|\s)*(?:CREATE\s+(?:OR\s+REPLACE\s+)?(?:UNIQUE\s+)?(?:INDEX|TABLE|FUNCTION|VIEW|SEQUENCE|EXTENSION)|COMMENT\s+ON|INSERT\s+INTO)\b",
    re.IGNORECASE,
)
_STOP_USING = "First let the code stop using it (SeparateDatabaseAndState with state_operations only)"
_LATER = f"and remove it one release later, in a migration with `{MARK} = (app, name)` of that first step."
_WIDER = {("smallint", "integer"), ("smallint", "bigint"), ("integer", "bigint")}


@dataclass(frozen=True, slots=True)
class Contraction:
    """One operation that takes something away from code that still runs."""

    migration: str
    operation: str
    why: str
    instead: str

    @override
    def __str__(self) -> str:
        return f"{self.migration}: {self.operation} {self.why} {self.instead}"


@dataclass
class _Seen:
    """What the plan itself has made so far: no older code knows it, so it can be changed at will."""

    models: set[tuple[str, str]] = field(default_factory=set)
    fields: set[tuple[str, str, str]] = field(default_factory=set)


def check(plan: Sequence[Migration], state: ProjectState, *, accepted: Iterable[str] = (), pending_elsewhere: Iterable[Key] = ()) -> None:
    """Refuse a plan that would break older code; runs inside the schema the plan is for.

    A contracting migration passes when it names its first step in `second_step_of` and every site has had that step, or when it was
    `accepted` by name, for those of others whose files cannot be marked.

    Raises:
        ContractingError: names each migration and operation, and what to do instead.

    """
    allowed = set(accepted)
    waiting = {f"{app}.{name}" for app, name in pending_elsewhere} | {name_of(migration) for migration in plan}
    found: list[str] = []
    marks = {name_of(migration): getattr(migration, MARK, None) for migration in plan}
    for each in contractions(plan, state):
        mark = marks[each.migration]
        first = ".".join(mark) if mark else ""
        if each.migration in allowed or (first and first not in waiting):
            continue
        if first:
            found.append(
                f"{each.migration} is the second step of {first}, which not every site has had. Release and migrate that one first."
            )
        else:
            found.append(f"{each} Where the file is not yours: --accept {each.migration}.")
    if found:
        raise ContractingError("This release would break code that still runs.\n" + "\n".join(dict.fromkeys(found)))


def contractions(plan: Sequence[Migration], state: ProjectState) -> list[Contraction]:
    """Return every operation of the plan that older code would not survive; `state` is that before the plan and is changed."""
    seen = _Seen()
    found: list[Contraction] = []
    for migration in plan:
        wanted = list(operations_of(migration))
        for operation in migration.operations:
            before = state.clone()
            operation.state_forwards(migration.app_label, state)
            inner = [each for each in _flat(operation) if any(each is one for one in wanted)]
            found += [
                Contraction(name_of(migration), each.describe(), *reason)
                for each in inner
                for reason in _reasons(each, migration.app_label, before, state, seen)
            ]
    return found


def _flat(operation: Operation) -> Iterator[Operation]:
    if isinstance(operation, operations.SeparateDatabaseAndState):
        for each in operation.database_operations:
            yield from _flat(each)
    else:
        yield operation


def _reasons(operation: Operation, app: str, before: ProjectState, after: ProjectState, seen: _Seen) -> list[tuple[str, str]]:
    """Return why the operation breaks older code and what to do instead; nothing when it does not."""
    model = (app, str(getattr(operation, "model_name_lower", "") or getattr(operation, "name_lower", "")))
    if isinstance(operation, operations.CreateModel):
        seen.models.add(model)
    if isinstance(operation, operations.AddField) and _is_harmless_field(operation.field):
        seen.fields.add((*model, operation.name_lower))
        return []
    if isinstance(operation, _HARMLESS) or model in seen.models:
        return []
    name = (*model, str(getattr(operation, "name_lower", "") or getattr(operation, "old_name_lower", "")))
    if isinstance(operation, (operations.AlterField, operations.RemoveField)) and name in seen.fields:
        return []
    return _judge(operation, model, before, after, seen)


def _judge(operation: Operation, model: tuple[str, str], before: ProjectState, after: ProjectState, seen: _Seen) -> list[tuple[str, str]]:
    match operation:
        case operations.AddField():
            return [
                (
                    "makes a column that is NOT NULL without a database default: inserts of older code would fail.",
                    "Give it db_default=… or null=True.",
                )
            ]
        case operations.AlterField():
            return [(f"narrows the column ({why}).", _narrowing_advice(why)) for why in _narrowings(operation, model, before, after)]
        case operations.AddConstraint():
            return _constraint(operation, model, seen)
        case operations.AlterUniqueTogether() | operations.AlterIndexTogether():
            return [("may refuse rows that older code writes.", f"Let the code keep to it first, {_LATER}")]
        case operations.RemoveField() | operations.DeleteModel():
            return [("takes away what older code still reads and writes.", f"{_STOP_USING}, {_LATER}")]
        case operations.RenameField() | operations.RenameModel() | operations.AlterModelTable():
            return [
                (
                    "takes the old name from older code.",
                    f"Keep the name in the database (db_column, db_table); or add the new one, copy, {_LATER}",
                )
            ]
        case operations.RunSQL():
            return _sql(operation)
        case _:
            return [("is of a kind that is not known to be harmless.", f"Look at what it does; then mark it: `{MARK} = (app, name)`.")]


def _is_harmless_field(field: "models.Field[Any, Any]") -> bool:
    if field.many_to_many:
        return True
    return bool(field.null or field.db_default is not NOT_PROVIDED or getattr(field, "generated", False))


def _narrowings(operation: operations.AlterField, model: tuple[str, str], before: ProjectState, after: ProjectState) -> list[str]:
    old = _field(before, model, operation.name)
    new = _field(after, model, operation.name)
    if old is None or new is None:
        return []
    found = []
    if old.null and not new.null:
        found.append("NULL is refused")
    if new.unique and not old.unique:
        found.append("must be unique")
    if old.db_default is not NOT_PROVIDED and new.db_default is NOT_PROVIDED and not new.null:
        found.append("loses its database default")
    if _column(old, operation.name) != _column(new, operation.name):
        found.append("another column name")
    return found + _type_narrowing(old, new)


def _type_narrowing(old: "models.Field[Any, Any]", new: "models.Field[Any, Any]") -> list[str]:
    if old.remote_field or new.remote_field:
        return ["points elsewhere"] if _target(old) != _target(new) else []
    was, becomes = old.db_type(connection) or "", new.db_type(connection) or ""
    if becomes in (was, "text") or (was, becomes) in _WIDER:
        return []
    if was.split("(")[0] == becomes.split("(")[0] == "varchar" and (new.max_length or 10**9) >= (old.max_length or 10**9):
        return []
    return [f"{was} becomes {becomes}"]


def _target(field: "models.Field[Any, Any]") -> str:
    return str(getattr(field.remote_field, "model", "")).lower()


def _column(field: "models.Field[Any, Any]", name: str) -> str:
    return field.db_column or (f"{name}_id" if field.remote_field else name)


def _field(state: ProjectState, model: tuple[str, str], name: str) -> "models.Field[Any, Any] | None":
    known: ModelState | None = state.models.get(model)
    return known.fields.get(name) if known else None


def _narrowing_advice(why: str) -> str:
    if why == "NULL is refused":
        return f"Fill it and let the code write it always; {_LATER[4:]}"
    if why == "loses its database default":
        return "Keep db_default."
    return f"Add a new field beside it, copy, and let the code use that one; {_LATER[4:]}"


def _constraint(operation: operations.AddConstraint, model: tuple[str, str], seen: _Seen) -> list[tuple[str, str]]:
    constraint = operation.constraint
    named = set(getattr(constraint, "fields", ())) | set(_names(getattr(constraint, "condition", None)))
    if named and all((*model, name) in seen.fields for name in named):
        return []
    return [("may refuse rows that older code writes.", f"Let the code keep to it first, {_LATER}")]


def _names(condition: Any) -> Iterator[str]:
    for child in getattr(condition, "children", ()):
        if isinstance(child, tuple):
            yield child[0].split("__")[0]
        else:
            yield from _names(child)


def _sql(operation: operations.RunSQL) -> list[tuple[str, str]]:
    if operation.sql is operations.RunSQL.noop or not operation.sql:
        return []
    texts = [operation.sql] if isinstance(operation.sql, str) else [each if isinstance(each, str) else each[0] for each in operation.sql]
    statements = [each for text in texts for each in sqlparse.split(text)]
    if all(_HARMLESS_SQL.match(statement) for statement in statements):
        return []
    return [("runs SQL that is not known to be harmless.", f"Look at what it does; then mark it: `{MARK} = (app, name)`.")]
