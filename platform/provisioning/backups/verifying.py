"""Proves that an archive can be restored: restores it aside, compares rows, hashes and pages, and undoes everything."""

import time
from pathlib import Path

from django.db import connection, transaction
from django.utils import timezone

from provisioning import cloning
from provisioning.backups import loading, rendering, tables
from provisioning.backups.contract import (
    FACTS,
    FILES,
    TABLES,
    Key,
    Manifest,
    SnapshotError,
    Unpacked,
    Verdict,
)
from provisioning.backups.tables import Counting
from provisioning.backups.unpacking import unpacked
from provisioning.models import Backup
from registry import selectors
from registry.contract import IDENTIFIER, SCHEMA_PREFIX, State, TenantRef
from registry.models import City, Domain, Region, Tenant
from registry.schemas import content_types, in_public

ASIDE = "aside_check"
_MOST_NAMED = 5


def verify_backup(path: Path, *, key: Key, folder: Path, from_elsewhere: bool = False) -> Verdict:
    """Restore an archive aside, compare it with what it promises, and note the result at its backup, if it is one of ours.

    All of it happens in one transaction that is undone, so nothing of it is ever seen or left.

    Raises:
        ArchiveError, KeyNeededError, VersionError, SpaceError: it cannot even be read, or its tables not be made.
        SnapshotError: called inside a transaction.

    """
    if connection.in_atomic_block:
        raise SnapshotError("Verifying needs a transaction of its own: call it outside any other.")
    began = time.monotonic()
    with in_public(), unpacked(path, key=key, folder=folder, from_elsewhere=from_elsewhere) as archive:
        loading.template_of(archive.manifest)  # outside the transaction: it may have to be made
        problems, notes, pages = _compare(archive)
        verdict = Verdict(
            slug=archive.manifest.slug,
            tables=len(archive.manifest.tables),
            rows=sum(table.rows for table in archive.manifest.tables.values()),
            files=sum(name.startswith(FILES) for name in archive.manifest.members),
            pages_equal=pages[0],
            pages_rendered=pages[1],
            problems=problems,
            notes=notes,
            seconds=time.monotonic() - began,
        )
        _note(archive, verdict)
    return verdict


def _compare(archive: Unpacked) -> tuple[list[str], list[str], tuple[int, int]]:
    notes = [f"{len(archive.manifest.missing_files)} files were missing already when it was made"] if archive.manifest.missing_files else []
    try:
        with transaction.atomic():
            loading.load(archive, ASIDE)
            problems = _compare_rows(archive)
            pages = _compare_pages(archive, problems, notes)
            transaction.set_rollback(True)
    finally:
        selectors.forget_directory()
        content_types.clear()
    return problems, notes, pages


def _compare_rows(archive: Unpacked) -> list[str]:
    """Return what differs between the rows restored and the rows archived; both are written out in the same way."""
    problems = []
    for shape in tables.shapes_of(ASIDE):
        rows = tables.copy_out(ASIDE, shape, counting := Counting())
        wanted, member = archive.manifest.tables[shape.name], archive.manifest.members[f"{TABLES}{shape.name}.csv"]
        if rows != wanted.rows:
            problems.append(f"{shape.name}: {rows} rows restored, {wanted.rows} archived")
        elif shape.columns == tuple(wanted.columns) and counting.sha256 != member.sha256:
            problems.append(f"{shape.name}: the rows restored are not those archived")
    return problems


def _compare_pages(archive: Unpacked, problems: list[str], notes: list[str]) -> tuple[int, int]:
    """Let the restored schema stand in the site's place, inside the transaction, and ask for the pages noted in the archive."""
    manifest = archive.manifest
    if not manifest.pages:
        notes.append("no pages were noted: the site was not open to readers")
        return 0, 0
    if manifest.fingerprint != cloning.fingerprint():
        notes.append("pages were not rendered: the archive's tables are of an older version; `backup restore` brings them forward")
        return 0, 0
    tenant = _stand_in(manifest)
    if tenant is None:
        notes.append(f"pages were not rendered: city {manifest.site['city_slug']!r} or the region is not registered here")
        return 0, 0
    content_types.clear()
    answers = rendering.rendered(tenant, [page.path for page in manifest.pages])
    equal = [before.path for before, now in zip(manifest.pages, answers, strict=True) if before == now]
    broken = [
        f"{now.path}: {now.status} instead of {before.status}"
        for before, now in zip(manifest.pages, answers, strict=True)
        if before.status != now.status
    ]
    if manifest.look == rendering.look():
        broken += [
            f"{now.path}: other content"
            for before, now in zip(manifest.pages, answers, strict=True)
            if before.status == now.status and before.sha256 != now.sha256
        ]
    elif len(equal) < len(answers):
        notes.append("templates or code changed since it was made: pages were rendered, their content was not compared")
    problems += [f"page {each}" for each in broken[:_MOST_NAMED]]
    return len(equal), len(answers)


def _stand_in(manifest: Manifest) -> TenantRef | None:
    """Register the archived site under its name and domains as they were, in place of whoever has them now."""
    site = manifest.site
    city = City.objects.filter(slug=site["city_slug"]).first()
    if city is None or not Region.objects.filter(pk=site["region_code"]).exists():
        return None
    schema = f"{SCHEMA_PREFIX}{manifest.slug.replace('-', '_')}"
    if cloning.has_schema(schema):
        tables.rename(schema, "aside_live")
    tables.rename(ASIDE, schema)
    row = Tenant.objects.filter(slug=manifest.slug).first() or Tenant(slug=manifest.slug, schema_name=schema, uuid=manifest.uuid)
    for name in FACTS:
        setattr(row, name, site[name])
    row.is_identifier_unusual = bool(row.identifier) and not IDENTIFIER.fullmatch(row.identifier)
    row.kind, row.state, row.city, row.region_id = site["kind"], State.LIVE.value, city, site["region_code"]
    row.save()
    Domain.objects.filter(domain__in=[each["domain"] for each in manifest.domains]).delete()
    Domain.objects.filter(tenant=row).delete()
    for each in manifest.domains:
        Domain.objects.create(tenant=row, **each)
    return selectors.tenant_by_slug(manifest.slug)


def _note(archive: Unpacked, verdict: Verdict) -> None:
    Backup.objects.filter(sha256=archive.sha256).update(
        verified_at=timezone.now(), is_good=verdict.is_good, problem="; ".join(verdict.problems)[:500]
    )
