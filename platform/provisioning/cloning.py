"""New schemas by replaying a cleaned dump of the template schema, in one transaction.

Django spends 97 % of a stock creation rendering migration state, not in SQL (measured, see README), so the migrations run once, in
the template, and every site gets their result.
"""

import hashlib
import inspect
import os
import re
import subprocess
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.utils.module_loading import import_string
from django_tenants.utils import schema_exists

from provisioning.contract import TemplateError
from provisioning.models import Template
from registry.contract import SCHEMA_NAME, TEMPLATE_SCHEMA
from registry.models import Tenant
from registry.schemas import in_public

_NOISE = ("--", "SET ", "SELECT pg_catalog.set_config", "\\")
_LOCK = "SELECT pg_advisory_xact_lock(hashtext('provisioning.template'))"


def fingerprint() -> str:
    """Return a name for the set of migrations on disk: SHA-256 over their sorted names."""
    return fingerprint_of(f"{app}.{name}" for app, name in MigrationLoader(None, ignore_no_migrations=True).disk_migrations)


def fingerprint_of(migrations: Iterable[str]) -> str:
    """Return the name for a set of migrations, each as `app.name`: those a schema was brought to, for example."""
    return hashlib.sha256("\n".join(sorted(migrations)).encode()).hexdigest()


def current_template() -> Template | None:
    """Return the dump that fits the code, if it was made."""
    return Template.objects.filter(fingerprint=fingerprint()).first()


def ensure_template() -> Template:
    """Make the template schema and its dump fit the code; nothing happens when they do.

    Raises:
        TemplateError: `pg_dump` is missing or of another version, or the template refers to another schema.

    """
    with in_public():
        return current_template() or renew_template()


def renew_template() -> Template:
    """Migrate the template schema, give it the roles of this code, and dump it anew.

    Raises:
        TemplateError: as `ensure_template`.

    """
    with in_public():
        if not schema_exists(TEMPLATE_SCHEMA):
            with connection.cursor() as cursor:
                cursor.execute(f'CREATE SCHEMA IF NOT EXISTS "{TEMPLATE_SCHEMA}"')
        call_command("migrate_schemas", schema_name=TEMPLATE_SCHEMA, verbosity=0, interactive=False)
    with in_public(), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_LOCK)
        sql = _clean(_dump())
        facts = {"sql": sql, "tables": sql.count("CREATE TABLE "), "roles": roles_of_sites()}
        template, _ = Template.objects.update_or_create(fingerprint=fingerprint(), defaults=facts)
        return template


def roles_mark() -> str:
    """Return a name for what the code says of roles: SHA-256 over the modules that settings.SITE_ROLES names."""
    modules = [inspect.getmodule(import_string(path)) for path in settings.SITE_ROLES]
    return hashlib.sha256("".join(inspect.getsource(module) for module in modules if module).encode()).hexdigest()


def roles_of_sites() -> str:
    """Return the mark of the roles that every site has: the code's where there are no sites yet, else what a fleet migration left."""
    if not Tenant.objects.exists():
        return roles_mark()
    latest = Template.objects.order_by("-created_at").first()
    return latest.roles if latest else ""


def forget_older_dumps(template: Template) -> None:
    """Keep this dump alone, so that a process with older code opens no more sites with older tables; waits for those it is opening."""
    Template.objects.exclude(pk=template.pk).delete()


def _dump() -> str:
    parameters: dict[str, Any] = connection.get_connection_params()  # settings and OPTIONS, as the driver gets them
    command = [settings.PG_DUMP, "-n", TEMPLATE_SCHEMA, "--no-owner", "--no-privileges", "--inserts", "--rows-per-insert=500"]
    flags = {"-h": parameters.get("host"), "-p": parameters.get("port"), "-U": parameters.get("user"), "-d": parameters.get("dbname")}
    command += [part for flag, value in flags.items() if value for part in (flag, str(value))]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    environment["PGPASSWORD"] = parameters.get("password") or ""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    except FileNotFoundError as error:
        raise TemplateError(f"{settings.PG_DUMP!r} was not found. Set PG_DUMP to the pg_dump of the server's major version.") from error
    except subprocess.CalledProcessError as error:
        raise TemplateError(f"pg_dump failed: {error.stderr.strip()} Set PG_DUMP to the pg_dump of the server's major version.") from error
    return done.stdout


def _clean(dump: str) -> str:
    sql = "\n".join(line for line in dump.splitlines() if line and not line.startswith(_NOISE))
    if "public." in sql:
        raise TemplateError(
            "The template refers to `public`: a site could then not be dumped, moved or restored alone. "
            "Look for a foreign key to a shared table."
        )
    return sql


def clone(template: Template, schema: str) -> None:
    """Create a schema from the dump, in the caller's transaction.

    Raises:
        ValueError: the name is not a plain schema name.
        django.db.ProgrammingError: the schema exists.

    """
    if not SCHEMA_NAME.fullmatch(schema):
        raise ValueError(f"{schema!r} is not a schema name: {SCHEMA_NAME.pattern}.")
    with in_public():
        sql = _held(template)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL search_path = pg_catalog")
            cursor.execute(re.sub(rf"\b{TEMPLATE_SCHEMA}\b", schema, sql))
            cursor.execute("SET LOCAL search_path = public")


def _held(template: Template) -> str:
    """Return the dump, which nobody forgets until the transaction ends; the newest one where a fleet migration has just replaced it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sql FROM public.provisioning_template WHERE id = %s FOR KEY SHARE", [template.pk])
        row = cursor.fetchone()
    return str(row[0]) if row else ensure_template().sql


def drop(schema: str) -> None:
    """Remove a schema and all its tables, in the caller's transaction; nothing happens where it is gone.

    Raises:
        ValueError: the name is not a plain schema name.

    """
    if not SCHEMA_NAME.fullmatch(schema):
        raise ValueError(f"{schema!r} is not a schema name: {SCHEMA_NAME.pattern}.")
    with in_public(), connection.cursor() as cursor:
        cursor.execute(f'DROP SCHEMA IF EXISTS "{schema}" CASCADE')


def has_schema(name: str) -> bool:
    """Whether the database has a schema of this name."""
    return bool(schema_exists(name))
