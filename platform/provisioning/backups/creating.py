"""Makes a backup: one repeatable-read snapshot of all tables, the files it speaks of, and what readers saw of it."""

import importlib.metadata
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction

from memberships.models import Membership
from observability.audit import record_audit
from provisioning.backups import files, packing, rendering, space, tables
from provisioning.backups.contract import (
    FILES,
    PRODUCT,
    READ_ME,
    TABLES,
    Made,
    Manifest,
    MemberOfStaff,
    OnProgress,
    Plan,
    Protection,
    SnapshotError,
    Table,
    ignore_progress,
)
from provisioning.backups.unpacking import sha256_of
from provisioning.cloning import fingerprint_of
from provisioning.contract import BusyError
from provisioning.models import Backup
from registry.contract import TenantRef
from registry.models import Domain, Tenant
from registry.schemas import in_public

_TEXT = """This archive holds one government site: {name} ({slug}), as it was at {taken_at}.

tables/NAME.csv   the rows of each table: CSV with a header, UTF-8; an empty field is null, "" is an empty text
media/...         the uploaded files, by the names the rows use
manifest.json     the site, its domains and staff (names only), rows and SHA-256 of everything
seal.json         SHA-256 of the manifest, and the mark of the installation that made it

Without the product: `tar -xzf FILE`, then read the CSV files. With it: `manage.py backup verify FILE`, `manage.py backup restore FILE`.
No passwords and no sessions are in it.
"""


def plan_backup(tenant: TenantRef, *, folder: Path, now: datetime, protection: Protection) -> Plan:
    """Return what a backup would take, without making one."""
    path = folder / file_name(tenant.slug, now, protection)
    with in_public():
        shapes = tables.shapes_of(tenant.schema_name)
        names = files.referenced(tenant.schema_name, shapes)
        needed = _needed(tenant, names)
    return Plan(tenant.slug, path, len(shapes), len(names), needed, space.free(folder))


def create_backup(
    tenant: TenantRef,
    *,
    folder: Path,
    now: datetime,
    by: str,
    protection: Protection = Protection(),  # noqa: B008 - frozen
    on_progress: OnProgress = ignore_progress,
) -> Made:
    """Make a site's archive in a folder and note it; editors may go on working.

    Raises:
        SpaceError: the folder has too little room; nothing half is left there.
        BusyError: another process makes a backup of the site.
        SnapshotError: called inside a transaction.

    """
    if connection.in_atomic_block:
        raise SnapshotError("A backup needs a transaction of its own: call it outside any other.")
    began = time.monotonic()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / file_name(tenant.slug, now, protection)
    with in_public(), alone(tenant.slug), files.held(tenant.schema_name) as held:
        clear_partials(folder, tenant.slug)
        _warm(tenant)
        held.hold_all()
        with space.told_when_full(folder, 0), snapshot():
            manifest = _pack(tenant, path, held, now=now, protection=protection, on_progress=on_progress)
        made = Made(
            slug=tenant.slug,
            path=path,
            taken_at=now,
            size=path.stat().st_size,
            sha256=sha256_of(path),
            rows=sum(table.rows for table in manifest.tables.values()),
            files=sum(name.startswith(FILES) for name in manifest.members),
            missing_files=manifest.missing_files,
            seconds=time.monotonic() - began,
        )
        _note(tenant, made, manifest, by=by, protection=protection)
    return made


def _warm(tenant: TenantRef) -> None:
    """Ask for the pages once as any reader, so that pictures are cut before the snapshot and not inside it, where they would be lost."""
    if tenant.is_live:
        rendering.rendered(tenant, rendering.chosen_paths(tenant))


def file_name(slug: str, now: datetime, protection: Protection) -> str:
    """Return the name of an archive: whose, when, and how it is packed."""
    suffix = ".tar.gz" if not protection.is_wanted else ".sealed.tar" if protection.passphrase else ".tar.gz.age"
    return f"{slug}-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}{suffix}"


def clear_partials(folder: Path, slug: str) -> None:
    """Remove what killed processes left of a site's archives; the caller holds the site's lock, so none is being written."""
    for left in folder.glob(f".{slug}-[0-9]*T[0-9]*Z.*.partial"):
        left.unlink(missing_ok=True)


@contextmanager
def alone(slug: str) -> Iterator[None]:
    """Hold the lock of a site's backups; it belongs to the database session, so a killed process leaves none behind.

    Raises:
        BusyError: another process has it.

    """
    name = f"backup {slug}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [name])
        if not cursor.fetchone()[0]:
            raise BusyError(f"Another process backs up or restores {slug!r}. Wait for it to end, then run the command again.")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [name])


@contextmanager
def snapshot() -> Iterator[None]:
    """See the database as it is at this moment for the whole block; what the block writes is undone."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield
        transaction.set_rollback(True)


def _pack(tenant: TenantRef, path: Path, held: files.Held, *, now: datetime, protection: Protection, on_progress: OnProgress) -> Manifest:
    schema = tenant.schema_name
    shapes = tables.shapes_of(schema)
    position, seen = _position()
    names = files.referenced(schema, shapes)
    missing = [name for name in names if not held.hold(name)]
    needed = _needed(tenant, names)
    space.check(path.parent, needed)
    counted: dict[str, Table] = {}
    with space.told_when_full(path.parent, needed), packing.packing(path, protection, moment=now.timestamp()) as packer:
        packer.add_bytes(READ_ME, _TEXT.format(name=tenant.name, slug=tenant.slug, taken_at=now.isoformat()).encode())
        for shape in shapes:
            rows = packer.add_written(f"{TABLES}{shape.name}.csv", partial(tables.copy_out, schema, shape))
            counted[shape.name] = Table(shape.columns, rows)
            on_progress(shape.name)
        for name in sorted(set(names) - set(missing)):
            packer.add_file(f"{FILES}{name}", held.path(name))
            on_progress(name)
        migrations = tables.migrations_of(schema)
        manifest = Manifest(
            taken_at=now.isoformat(),
            product_version=product_version(),
            look=rendering.look(),
            fingerprint=fingerprint_of(migrations),
            migrations=migrations,
            snapshot=seen,
            wal_position=position,
            site=_site_row(tenant),
            domains=list(Domain.objects.filter(tenant_id=tenant.id).order_by("domain").values("domain", "purpose", "is_primary")),
            staff=_staff(tenant),
            tables=counted,
            sequences=tables.sequences_of(schema),
            members=packer.members,
            missing_files=missing,
            pages=rendering.rendered(tenant, rendering.chosen_paths(tenant)) if tenant.is_live else (),
        )
        packer.finish(manifest)
    return manifest


def product_version() -> str:
    """Return the version of the installed product."""
    return importlib.metadata.version(PRODUCT)


def _needed(tenant: TenantRef, names: list[str]) -> int:
    """Return the most an archive can take: rows and files as they are, and the largest table once more while it waits."""
    folder = files.folder_of(tenant.schema_name)
    sizes = [path.stat().st_size for name in names if (path := folder / name).is_file()]
    return 2 * tables.size_of(tenant.schema_name) + sum(sizes)


def _position() -> tuple[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT CASE WHEN pg_is_in_recovery() THEN '' ELSE pg_current_wal_lsn()::text END, pg_current_snapshot()::text")
        position, seen = cursor.fetchone()
        return str(position), str(seen)


def _site_row(tenant: TenantRef) -> dict[str, Any]:
    row = Tenant.objects.select_related("city", "region").get(pk=tenant.id)
    plain = {field.attname: field.value_from_object(row) for field in row._meta.concrete_fields}
    named = {"city_slug": row.city.slug, "city_name": row.city.name, "region_code": row.region_id, "region_name": row.region.name}
    encoder = DjangoJSONEncoder()
    kept = {name: value for name, value in plain.items() if name not in ("id", "city_id", "region_id")} | named
    return {
        name: value if isinstance(value, str | int | bool | list | dict | None) else encoder.default(value) for name, value in kept.items()
    }


def _staff(tenant: TenantRef) -> list[MemberOfStaff]:
    rows = Membership.objects.filter(tenant_id=tenant.id).select_related("person").order_by("person__username")
    return [MemberOfStaff(str(row.person.uuid), row.person.username, row.person.name, row.role, row.is_active) for row in rows]


def _note(tenant: TenantRef, made: Made, manifest: Manifest, *, by: str, protection: Protection) -> None:
    with transaction.atomic():
        Backup.objects.update_or_create(
            path=str(made.path),
            defaults={
                "slug": tenant.slug,
                "tenant_uuid": tenant.uuid,
                "city_slug": tenant.city_slug,
                "taken_at": made.taken_at,
                "size": made.size,
                "sha256": made.sha256,
                "fingerprint": manifest.fingerprint,
                "is_encrypted": protection.is_wanted,
                "rows": made.rows,
                "files": made.files,
                "seconds": made.seconds,
                "verified_at": None,
                "is_good": None,
                "problem": "",
            },
        )
        record_audit(
            "backup.created",
            actor=by,
            subject=tenant.slug,
            tenant_uuid=tenant.uuid,
            detail={"file": made.path.name, "sha256": made.sha256, "size": made.size, "encrypted": protection.is_wanted},
        )
