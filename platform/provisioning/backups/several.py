"""Backups of many sites in one go: one failure stops no other; a city's archives get a list that names them all with their hashes."""

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from provisioning.backups.contract import Made, Protection
from provisioning.backups.creating import create_backup, product_version
from provisioning.backups.packing import partial_of, sync_folder
from provisioning.contract import ProvisioningError
from registry.contract import TenantRef


@dataclass
class Several:
    """What became of each site; `lists` are the cities' lists of archives."""

    made: list[Made] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    lists: list[Path] = field(default_factory=list)


def create_backups(
    sites: Sequence[TenantRef],
    *,
    folder: Path,
    now: datetime,
    by: str,
    protection: Protection,
    on_site: Callable[[str], None],
    with_lists: bool,
) -> Several:
    """Make an archive of each site, and with `with_lists` a list of them for each city."""
    done = Several()
    for site in sites:
        try:
            done.made.append(create_backup(site, folder=folder, now=now, by=by, protection=protection))
        except (ProvisioningError, OSError) as error:
            done.failed[site.slug] = str(error)
        on_site(site.slug)
    for city in sorted({site.city_slug for site in sites}) if with_lists else ():
        of_city = {site.slug for site in sites if site.city_slug == city}
        done.lists.append(_write_list(city, [made for made in done.made if made.slug in of_city], done.failed, folder=folder, now=now))
    return done


def _write_list(city: str, made: Sequence[Made], failed: dict[str, str], *, folder: Path, now: datetime) -> Path:
    path = folder / f"city-{city}-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}.json"
    document = {
        "format": "city-backup",
        "format_version": 1,
        "city": city,
        "taken_at": now.isoformat(),
        "product_version": product_version(),
        "sites": [{"slug": each.slug, "file": each.path.name, "size": each.size, "sha256": each.sha256} for each in made],
        "failed": {slug: reason for slug, reason in failed.items() if slug not in {each.slug for each in made}},
    }
    folder.mkdir(parents=True, exist_ok=True)
    with partial_of(path).open("w", encoding="utf-8") as stream:
        json.dump(document, stream, ensure_ascii=False, indent=1)
        stream.flush()
        os.fsync(stream.fileno())
    partial_of(path).replace(path)
    sync_folder(folder)
    return path
