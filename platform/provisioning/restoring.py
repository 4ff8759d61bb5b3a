"""Restores a site from an archive, takes a restore back, and confirms it: what the command line and the console call."""

import shutil
import uuid
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.db import transaction

from observability.audit import record_audit
from provisioning import cloning, journal, services
from provisioning.backups import files, tables
from provisioning.backups.contract import ArchiveError, Key, Manifest
from provisioning.backups.unpacking import sha256_of, unpacked
from provisioning.contract import DifferentRequestError, OnStep, Outcome, Plan, SlugError, UnfinishedError, silent
from provisioning.models import Operation
from provisioning.steps.restoring import RestoreRequest, kept_name, reading
from provisioning.verbs.restoring import RESTORE
from registry.contract import TenantRef
from registry.models import Tenant
from registry.schemas import content_types, in_public


def restore_site(
    path: Path, *, key: Key, into: str = "", new_slug: str = "", from_elsewhere: bool = False, by: str = "system", on_step: OnStep = silent
) -> Outcome:
    """Restore an archive: into the site it is of, into another (`into`), or as a new one (`new_slug`); or go on with it.

    Raises:
        ArchiveError, KeyNeededError, VersionError, SpaceError: the archive cannot be used; nothing was changed.
        RefusedError: the site cannot be restored so; nothing was changed.
        BusyError, StepFailedError: see `services.carry_out`.

    """
    with in_public():
        if (request := _loaded_before(path, [new_slug, into])) is not None:
            return services.carry_out(RESTORE, request, by=by, on_step=on_step)
        with unpacked(path, key=key, folder=Path(settings.BACKUP_DIR), from_elsewhere=from_elsewhere) as archive, reading(archive):
            request = _request(path, archive.manifest, archive.sha256, into=into, new_slug=new_slug)
            try:
                return services.carry_out(RESTORE, request, by=by, on_step=on_step)
            finally:
                content_types.clear()


def plan_restore(path: Path, *, key: Key, into: str = "", new_slug: str = "", from_elsewhere: bool = False) -> Plan:
    """Return what restoring an archive would do, and change nothing.

    Raises:
        ArchiveError, KeyNeededError, RefusedError: it would be refused.

    """
    with in_public(), unpacked(path, key=key, folder=Path(settings.BACKUP_DIR), from_elsewhere=from_elsewhere) as archive, reading(archive):
        return services.plan(RESTORE, _request(path, archive.manifest, archive.sha256, into=into, new_slug=new_slug))


def confirm_restore(slug: str, *, by: str = "system") -> bool:
    """Remove the state a site had before its last restore, and return whether there was any; there is no way back from here.

    Raises:
        UnfinishedError: the restore has not ended.

    """
    kept = kept_name(slug)
    with in_public(), journal.alone([f"site {slug}"]):
        if journal.done_steps(journal.unfinished(RESTORE, slug)):
            raise UnfinishedError(f"The restore of {slug!r} is not finished. Run it again, or take it back: `backup rollback {slug}`.")
        if not cloning.has_schema(kept):
            return False
        with transaction.atomic():
            tables.drop(kept)
            tenant = Tenant.objects.filter(slug=slug).first()
            record_audit("site.restore.confirmed", actor=by, subject=slug, tenant_uuid=tenant.uuid if tenant else None)
        shutil.rmtree(files.folder_of(kept), ignore_errors=True)
    return True


def is_kept(slug: str) -> bool:
    """Whether the state a site had before its last restore is still there."""
    with in_public():
        return cloning.has_schema(kept_name(slug))


def has_tables(tenant: TenantRef) -> bool:
    """Whether a site has a schema; one that is being opened or was purged has none."""
    with in_public():
        return cloning.has_schema(tenant.schema_name)


def plan_roll_back(slug: str) -> list[str]:
    """Return the steps that going back would undo, last first, and change nothing.

    Raises:
        RefusedError: there is no way back.

    """
    return services.plan_back(RESTORE, slug)


def roll_back_restore(slug: str, *, by: str = "system", on_step: OnStep = silent) -> Outcome:
    """Go back to the state before a site's last restore, finished or not; a second run changes nothing."""
    try:
        return services.roll_back(RESTORE, slug, by=by, on_step=on_step)
    finally:
        content_types.clear()


def _loaded_before(path: Path, slugs: Sequence[str]) -> RestoreRequest | None:
    """Return the request of a restore that was killed after its rows were loaded: it needs the archive no more."""
    for slug in filter(None, slugs):
        operation = journal.unfinished(RESTORE, slug)
        if operation and "load" in journal.done_steps(operation):
            return _same(path, RestoreRequest.from_json(operation.request))
    return None


def _same(path: Path, request: RestoreRequest) -> RestoreRequest:
    if path.is_file() and sha256_of(path) != request.sha256:
        raise DifferentRequestError(
            f"{request.slug!r} was begun from {request.file} and is not finished. Repeat it with that archive, "
            f"or take it back: `backup rollback {request.slug}`."
        )
    return request


def _request(path: Path, manifest: Manifest, sha256: str, *, into: str, new_slug: str) -> RestoreRequest:
    slug = new_slug or into or manifest.slug
    known = journal.unfinished(RESTORE, slug)
    if known and journal.done_steps(known):
        return _same(path, RestoreRequest.from_json(known.request))
    if known is None and (last := _last_of(slug, sha256)) is not None:
        return last
    there = Tenant.objects.filter(slug=slug).first()
    if into and there is None:
        raise SlugError(f"There is no site {into!r} to restore into. For a new site: --as {into}.")
    if there and not (into or new_slug) and there.uuid != manifest.uuid:
        raise ArchiveError(f"The archive is of another site called {slug!r}. Say where it belongs: --into {slug}, or --as SLUG.")
    is_free = not Tenant.objects.filter(uuid=manifest.uuid).exists()
    is_new = bool(new_slug) or there is None
    is_same = bool(there and not new_slug and there.uuid == manifest.uuid) or (there is None and slug == manifest.slug and is_free)
    identity = manifest.uuid if is_same else uuid.uuid4() if is_new or there is None else there.uuid
    return RestoreRequest(slug, str(path), sha256, manifest.taken_at, str(identity), is_new, is_same)


def _last_of(slug: str, sha256: str) -> RestoreRequest | None:
    """Return the request of the last restore if it was of this archive and stands: the verb will find nothing to do."""
    last = Operation.objects.filter(verb=RESTORE.name, subject=slug, state=Operation.State.DONE).order_by("-number").first()
    if last is None:
        return None
    request = RestoreRequest.from_json(last.request)
    return request if request.sha256 == sha256 and RESTORE.is_done(request) else None
