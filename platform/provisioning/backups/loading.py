"""Puts an unpacked archive's rows into a schema of the archive's own version."""

import shutil
from pathlib import Path

from django.contrib.auth.hashers import make_password
from django.core.management import call_command
from django.db import connection

from provisioning import cloning
from provisioning.backups import tables
from provisioning.backups.contract import FILES, TABLES, Manifest, MemberError, Unpacked, VersionError
from provisioning.backups.packing import sync_folder
from provisioning.models import Template
from registry.schemas import in_public


def template_of(manifest: Manifest) -> Template:
    """Return the dump that makes the tables of the archive's version.

    Raises:
        VersionError: there is none here; the message names both versions.

    """
    kept = Template.objects.filter(fingerprint=manifest.fingerprint).first()
    if kept is not None:
        return kept
    ours = cloning.ensure_template()
    if ours.fingerprint == manifest.fingerprint:
        return ours
    raise VersionError(
        f"The archive was made by version {manifest.product_version} with tables {manifest.fingerprint[:12]}; here is tables "
        f"{ours.fingerprint[:12]} and no template of the archive's. Restore it on an installation of its version, upgrade that, "
        "and back it up again.",
    )


def load(archive: Unpacked, schema: str) -> None:
    """Make a schema and fill it with the archive's rows, in the caller's transaction.

    Raises:
        VersionError: its tables cannot be made here.
        MemberError: a table holds other rows than the manifest says.

    """
    cloning.clone(template_of(archive.manifest), tables.plain_schema(schema))
    tables.check_shapes(schema, {name: table.columns for name, table in archive.manifest.tables.items()})
    with tables.emptied(schema):
        for name, table in archive.manifest.tables.items():
            member = f"{TABLES}{name}.csv"
            with archive.member(member).open("rb") as source:
                rows = tables.copy_in(schema, name, table.columns, source)
            if rows != table.rows:
                raise MemberError(member, f"it holds {rows} rows, the manifest says {table.rows}")
    tables.set_sequences(schema, archive.manifest.sequences)


def mark_shadows(schema: str) -> None:
    """Give each shadow a new mark in place of a password, so that no session of before is valid."""
    with in_public(), connection.cursor() as cursor:
        cursor.execute(f'SELECT id FROM "{schema}".accounts_user')  # noqa: S608 - a checked name
        marks = [(make_password(None), pk) for (pk,) in cursor.fetchall()]
        cursor.executemany(f'UPDATE "{schema}".accounts_user SET password = %s WHERE id = %s', marks)  # noqa: S608 - as above


def migrate_forward(schema: str) -> bool:
    """Bring a schema to this code's version and return whether that took anything; outside any transaction."""
    if cloning.fingerprint_of(tables.migrations_of(schema)) == cloning.fingerprint():
        return False
    call_command("migrate_schemas", schema_name=schema, verbosity=0, interactive=False)
    return True


def lay_files(archive: Unpacked, folder: Path) -> int:
    """Move the archive's files into a folder and return how many."""
    folder.mkdir(parents=True, exist_ok=True)
    names = [name for name in archive.manifest.members if name.startswith(FILES)]
    for name in names:
        target = folder / name.removeprefix(FILES)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.unlink(missing_ok=True)
        shutil.move(archive.member(name), target)
        target.chmod(0o644)
    sync_folder(folder)
    return len(names)
