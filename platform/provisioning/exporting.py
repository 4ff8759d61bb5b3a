"""Writes a site as an open archive that any other system can read."""

import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.module_loading import import_string

from provisioning.backups import exchange, files
from provisioning.backups.contract import FACTS, SnapshotError
from provisioning.backups.creating import alone, product_version, snapshot
from registry.contract import TenantRef
from registry.models import Domain
from registry.schemas import in_public, in_schema_of


@dataclass(frozen=True, slots=True)
class Exported:
    """A finished open archive."""

    slug: str
    path: Path
    size: int
    counts: dict[str, int]
    missing_files: list[str]
    seconds: float


def export_site(tenant: TenantRef, path: Path, *, now: datetime) -> Exported:
    """Write what readers could see of a site, and its drafts, to a file; editors may go on working.

    Raises:
        SpaceError: the disk is full; nothing half is left.
        BusyError: the site is being backed up, exported or restored.
        SnapshotError: called inside a transaction.

    """
    if connection.in_atomic_block:
        raise SnapshotError("An export needs a transaction of its own: call it outside any other.")
    began = time.monotonic()
    path.parent.mkdir(parents=True, exist_ok=True)
    with in_public(), alone(tenant.slug), files.held(tenant.schema_name) as held:
        held.hold_all()
        with snapshot():
            head = {"product_version": product_version(), "exported_at": now.isoformat(), "site": _site(tenant)}
            with in_schema_of(tenant):
                counts, missing = exchange.write(path, import_string(settings.SITE_EXPORTER)(tenant), head, held=held, now=now)
    return Exported(tenant.slug, path, path.stat().st_size, counts, missing, time.monotonic() - began)


def _site(tenant: TenantRef) -> dict[str, Any]:
    facts = {name: getattr(tenant, name) for name in FACTS}
    domains = list(Domain.objects.filter(tenant_id=tenant.id).order_by("domain").values("domain", "purpose", "is_primary"))
    place = {"slug": tenant.slug, "kind": tenant.kind.value, "city": tenant.city_slug, "region": tenant.region_code}
    return place | facts | {"region_name": tenant.region_name, "city_name": tenant.city_name, "domains": domains}
