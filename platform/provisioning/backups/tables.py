"""A schema's tables: what there is, their rows out and in as CSV, and their hashes.

The catalogue is asked for one schema at a time: `pg_dump -n` walks the dependencies of all schemas and takes a minute among 300.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any

from django.db import connection

from provisioning.backups.contract import CHUNK, VersionError
from registry.contract import SCHEMA_NAME
from registry.schemas import in_public

# Rows that open doors are never copied: sessions stay behind, and a shadow's password column holds only the mark its sessions are bound to.
WITHOUT_ROWS = frozenset({"django_session"})
BLANKED = {("accounts_user", "password"): "!"}


@dataclass(frozen=True, slots=True)
class Shape:
    """A table of a schema as the catalogue has it."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]


def shapes_of(schema: str) -> list[Shape]:
    """Return the ordinary tables of a schema with their stored columns and primary keys, by name."""
    return [
        Shape(name, tuple(columns), tuple(key or ()))
        for name, columns, key in _rows(
            """
            SELECT c.relname,
                   array_agg(a.attname::text ORDER BY a.attnum),
                   (SELECT array_agg(k.attname::text ORDER BY k.attnum) FROM pg_index i
                      JOIN pg_attribute k ON k.attrelid = c.oid AND k.attnum = ANY(i.indkey)
                     WHERE i.indrelid = c.oid AND i.indisprimary)
              FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
             WHERE c.relnamespace = to_regnamespace(%s) AND c.relkind = 'r'
               AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
             GROUP BY c.oid, c.relname ORDER BY c.relname
            """,
            [schema],
        )
    ]


def size_of(schema: str) -> int:
    """Return the bytes a schema's rows take on disk, without indexes."""
    query = "SELECT coalesce(sum(pg_table_size(oid)), 0) FROM pg_class WHERE relnamespace = to_regnamespace(%s) AND relkind = 'r'"
    return int(_rows(query, [schema])[0][0])


def sequences_of(schema: str) -> dict[str, tuple[int, bool]]:
    """Return where each numbering of a schema stands, by `table.column`."""
    found = _rows(
        """
        SELECT t.relname || '.' || a.attname, s.relname
          FROM pg_class s JOIN pg_depend d ON d.objid = s.oid AND d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
          JOIN pg_class t ON t.oid = d.refobjid JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
         WHERE s.relnamespace = to_regnamespace(%s) AND s.relkind = 'S' ORDER BY 1
        """,
        [schema],
    )
    return {column: _standing(schema, sequence) for column, sequence in found}


def _standing(schema: str, sequence: str) -> tuple[int, bool]:
    last, is_called = _rows(f"SELECT last_value, is_called FROM {_name(schema)}.{_name(sequence)}", [])[0]  # noqa: S608 - from the catalogue
    return int(last), bool(is_called)


def migrations_of(schema: str) -> list[str]:
    """Return the migrations a schema was brought to, sorted."""
    return sorted(f"{app}.{name}" for app, name in _rows(f"SELECT app, name FROM {_name(schema)}.django_migrations", []))  # noqa: S608 - a checked name


class Counting:
    """A writer that hashes and counts what passes through it."""

    def __init__(self, target: IO[bytes] | None = None) -> None:
        self._target, self._digest, self.size = target, hashlib.sha256(), 0

    def write(self, content: bytes) -> int:
        """Take some bytes."""
        self._digest.update(content)
        self.size += len(content)
        if self._target is not None:
            self._target.write(content)
        return len(content)

    @property
    def sha256(self) -> str:
        """The hash of all that was written."""
        return self._digest.hexdigest()


def copy_out(schema: str, shape: Shape, target: Counting) -> int:
    """Write a table's rows as CSV, in the order of the key, and return how many there are."""
    columns = ", ".join(_selected(shape.name, column) for column in shape.columns)
    order = ", ".join(_name(column) for column in shape.key) or ", ".join(str(place + 1) for place in range(len(shape.columns)))
    where = " WHERE false" if shape.name in WITHOUT_ROWS else ""
    query = f"SELECT {columns} FROM {_name(schema)}.{_name(shape.name)}{where} ORDER BY {order}"  # noqa: S608 - names from the catalogue
    with in_public(), connection.cursor() as cursor:
        cursor.execute(
            "SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = 'ISO'; "
            "SET LOCAL intervalstyle = 'iso_8601'; SET LOCAL extra_float_digits = 1"
        )
        cursor.copy_expert(f"COPY ({query}) TO STDOUT WITH (FORMAT csv, HEADER, ENCODING 'UTF8')", target, size=CHUNK)
        return int(cursor.rowcount)


def copy_in(schema: str, name: str, columns: Sequence[str], source: IO[bytes]) -> int:
    """Read a table's rows from CSV and return how many there were."""
    into = f"{_name(schema)}.{_name(name)} ({', '.join(_name(column) for column in columns)})"
    with in_public(), connection.cursor() as cursor:
        cursor.copy_expert(f"COPY {into} FROM STDIN WITH (FORMAT csv, HEADER MATCH, ENCODING 'UTF8')", source, size=CHUNK)
        return int(cursor.rowcount)


def check_shapes(schema: str, wanted: Mapping[str, Sequence[str]]) -> None:
    """Refuse a schema whose tables are not exactly the wanted ones.

    Raises:
        VersionError: names the first table that differs.

    """
    there = {shape.name: set(shape.columns) for shape in shapes_of(schema)}
    for name in sorted({*there, *wanted}):
        if there.get(name) != (set(wanted[name]) if name in wanted else None):
            raise VersionError(
                f"Table {name!r} differs between the archive and the tables of its version made here: "
                "the site had drifted. Restore it on an installation of its product version.",
            )


@contextmanager
def emptied(schema: str) -> Iterator[None]:
    """Empty every table for the block to fill; triggers of ours rest meanwhile, and references are checked at its end."""
    names = [f"{_name(schema)}.{_name(shape.name)}" for shape in shapes_of(schema)]
    guarded = [
        f"{_name(schema)}.{_name(name)}"
        for (name,) in _rows(
            "SELECT DISTINCT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            "WHERE c.relnamespace = to_regnamespace(%s) AND NOT t.tgisinternal",
            [schema],
        )
    ]
    _execute(*(f"ALTER TABLE {name} DISABLE TRIGGER USER" for name in guarded), f"TRUNCATE {', '.join(names)}")
    yield
    _execute("SET CONSTRAINTS ALL IMMEDIATE", *(f"ALTER TABLE {name} ENABLE TRIGGER USER" for name in guarded))


def set_sequences(schema: str, standing: Mapping[str, tuple[int, bool]]) -> None:
    """Let each numbering go on where it stood; nothing happens for those the schema does not have."""
    there = sequences_of(schema)
    with in_public(), connection.cursor() as cursor:
        for column in sorted(set(there) & set(standing)):
            table, name = column.split(".", 1)
            last, called = standing[column]
            cursor.execute("SELECT setval(pg_get_serial_sequence(%s, %s), %s, %s)", [f"{_name(schema)}.{_name(table)}", name, last, called])


def lock_all(schema: str) -> None:
    """Wait until nobody works in a schema and let nobody in until the transaction ends."""
    names = ", ".join(f"{_name(schema)}.{_name(shape.name)}" for shape in shapes_of(schema))
    _execute("SET LOCAL lock_timeout = '15s'", f"LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE")


def rename(schema: str, to: str) -> None:
    """Give a schema another name."""
    _execute(f"ALTER SCHEMA {_name(schema)} RENAME TO {_name(to)}")


def drop(schema: str) -> None:
    """Remove a schema with all in it; nothing happens when it is gone."""
    _execute(f"DROP SCHEMA IF EXISTS {_name(schema)} CASCADE")


def _selected(table: str, column: str) -> str:
    blank = BLANKED.get((table, column))
    return _name(column) if blank is None else f"'{blank}' AS {_name(column)}"


def _name(name: str) -> str:
    """Return a name as SQL takes it; schemas have plain names, tables and columns come from the catalogue or are compared with it."""
    if '"' in name or "\x00" in name:
        raise ValueError(f"{name!r} is no name of a table.")
    return f'"{name}"'


def plain_schema(name: str) -> str:
    """Return a schema's name if it is one.

    Raises:
        ValueError: it is not.

    """
    if not SCHEMA_NAME.fullmatch(name):
        raise ValueError(f"{name!r} is not a schema name: {SCHEMA_NAME.pattern}.")
    return name


def _rows(query: str, parameters: Sequence[str]) -> list[tuple[Any, ...]]:
    with in_public(), connection.cursor() as cursor:
        cursor.execute(query, parameters)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def _execute(*statements: str) -> None:
    with in_public(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
