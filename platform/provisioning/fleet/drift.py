"""What differs between the sites' tables and the template's: read from the catalogue for all at once, in a fixed number of queries."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from provisioning import cloning
from provisioning.fleet import planning, surveying, versions
from provisioning.fleet.contract import NoHistoryError
from registry.contract import TEMPLATE_SCHEMA

Facts = Mapping[tuple[str, str], tuple[str, str]]  # kind and name of an object → how it is made: to compare, to show

# Each returns schema, kind, name and definition, without the schema's own name in them.
_COLUMNS = """
    SELECT n.nspname AS schema, 'column' AS kind, c.relname || '.' || a.attname AS name,
        format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE ' NULL' END
        || CASE WHEN a.attidentity <> '' THEN ' IDENTITY' ELSE '' END
        || coalesce(' DEFAULT ' || replace(pg_get_expr(d.adbin, d.adrelid), quote_ident(n.nspname) || '.', ''), '') AS definition
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE n.nspname = ANY(%(schemas)s) AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
"""
_TABLES = """
    SELECT n.nspname, CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'view' ELSE 'table' END, c.relname, ''
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = ANY(%(schemas)s) AND c.relkind IN ('r', 'p', 'v', 'm')
"""
_INDEXES = """
    SELECT n.nspname, 'index', i.relname,
        regexp_replace(
            replace(pg_get_indexdef(x.indexrelid), quote_ident(n.nspname) || '.', ''), '^CREATE (UNIQUE )?INDEX \\S+ ON ', '\\1ON ')
        || CASE WHEN x.indisvalid THEN '' ELSE ' INVALID' END
    FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_namespace n ON n.oid = i.relnamespace
    WHERE n.nspname = ANY(%(schemas)s) AND i.relkind IN ('i', 'I')
"""
_CONSTRAINTS = """
    SELECT n.nspname, 'constraint', c.relname || '.' || k.conname, replace(pg_get_constraintdef(k.oid), quote_ident(n.nspname) || '.', '')
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = k.connamespace
    WHERE n.nspname = ANY(%(schemas)s) AND k.contype <> 'n'
"""
_TRIGGERS = """
    SELECT n.nspname, 'trigger', c.relname || '.' || t.tgname, replace(pg_get_triggerdef(t.oid), quote_ident(n.nspname) || '.', '')
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = ANY(%(schemas)s) AND NOT t.tgisinternal
"""
# A condition that went through a dump comes back with its casts and brackets elsewhere: (ARRAY[a, b])::text[] as ARRAY[a::text, b::text].
_CASTS = r"""::(text|character varying)(\[\])?|[()]"""
_OBJECTS = f"""
    SELECT schema, kind, name, definition,
        CASE WHEN kind IN ('index', 'constraint') THEN regexp_replace(definition, '{_CASTS}', '', 'g') ELSE definition END AS essence
    FROM ({_COLUMNS} UNION ALL {_TABLES} UNION ALL {_INDEXES} UNION ALL {_CONSTRAINTS} UNION ALL {_TRIGGERS}) objects
"""  # noqa: S608 - constants


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one site stands: its version by name, the migrations it lacks, and what differs from the template."""

    slug: str
    schema_name: str
    version: str
    lacks: Sequence[str]
    drift: Sequence[str]

    def as_json(self) -> dict[str, Any]:
        """Return it as the command prints it."""
        return {
            "slug": self.slug,
            "schema": self.schema_name,
            "version": self.version,
            "lacks": list(self.lacks),
            "drift": list(self.drift),
        }


def status(only: Sequence[str] = ()) -> list[Standing]:
    """Return where every site stands; a site without a record of migrations counts as drifted.

    Raises:
        UnknownSiteError: a site named in `only` is not there.
        NoHistoryError: there is no template to compare with.

    """
    found = surveying.survey(only)
    lost = [site for site in versions.sites_without_history() if not only]
    if not cloning.has_schema(TEMPLATE_SCHEMA):
        if found.sites:
            raise NoHistoryError("There is no template to compare with. `manage.py fleet migrate` makes it.")
        return []
    differences = compare([site.schema_name for site in found.sites])
    standings = [
        Standing(
            site.slug,
            site.schema_name,
            found.digests[site.schema_name][:8],
            [planning.name_of(each) for each in found.plan(site).migrations],
            differences[site.schema_name],
        )
        for site in found.sites
    ]
    return standings + [Standing(site.slug, site.schema_name, "", [], ["table django_migrations is missing"]) for site in lost]


def compare(schemas: Sequence[str]) -> dict[str, list[str]]:
    """Return for each schema what differs from the template, one sentence each; an empty list where nothing does.

    Two passes over the catalogue: one that makes a digest of each schema in the database, one that reads the objects of the
    template and of one schema for each digest that differs.
    """
    digests = _digests([*schemas, TEMPLATE_SCHEMA])
    wanted = digests.get(TEMPLATE_SCHEMA)
    others = {digests.get(schema, ""): schema for schema in schemas if digests.get(schema, "") != wanted}
    if not others:
        return {schema: [] for schema in schemas}
    facts = _facts([*others.values(), TEMPLATE_SCHEMA])
    found = {digest: list(_differences(facts[TEMPLATE_SCHEMA], facts[schema])) for digest, schema in others.items()}
    return {schema: found.get(digests.get(schema, ""), []) for schema in schemas}


def _digests(schemas: Sequence[str]) -> dict[str, str]:
    lines = "string_agg(kind || ' ' || name || ' ' || essence, E'\\n' ORDER BY kind, name COLLATE \"C\")"
    return dict(_read(f"SELECT schema, md5({lines}) FROM ({_OBJECTS}) all_of_them GROUP BY schema", schemas))  # noqa: S608 - constants


def _facts(schemas: Sequence[str]) -> dict[str, dict[tuple[str, str], tuple[str, str]]]:
    found: dict[str, dict[tuple[str, str], tuple[str, str]]] = defaultdict(dict)
    for schema, kind, name, definition, essence in _read(_OBJECTS, schemas):
        found[schema][kind, name] = (essence, definition)
    return found


def _read(sql: str, schemas: Sequence[str]) -> list[tuple[Any, ...]]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL jit = off")
        cursor.execute(sql, {"schemas": list(schemas)})
        return list(cursor.fetchall())


def _differences(wanted: Facts, found: Facts) -> Iterator[str]:
    """Say what is missing, what is extra and what is made otherwise; of a table that is missing or extra, that alone."""
    whole = {name for kind, name in set(wanted) ^ set(found) if kind == "table"}
    tables = {name: _table_of(shown) for facts in (wanted, found) for (kind, name), (_, shown) in facts.items() if kind == "index"}
    for kind, name in sorted(set(wanted) | set(found)):
        table = tables[name] if kind == "index" else name.split(".")[0]
        if kind != "table" and table in whole:
            continue
        before, now = wanted.get((kind, name)), found.get((kind, name))
        if now is None:
            yield f"{kind} {name} is missing"
        elif before is None:
            yield f"{kind} {name} is extra"
        elif before[0] != now[0]:
            yield f"{kind} {name} is {now[1]!r}, in the template {before[1]!r}"


def _table_of(definition: str) -> str:
    return definition.partition("ON ")[2].split(" ")[0].strip('"')
