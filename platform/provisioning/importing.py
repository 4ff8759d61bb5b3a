"""Prepares a site from an open archive: checked line by line first, imported whole or not at all; `site open` shows it to readers."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from provisioning import journal, services
from provisioning.backups.contract import FACTS, ArchiveError, MemberError
from provisioning.backups.exchange import HEAD, LinesError, Opened, opened
from provisioning.contract import OnStep, Outcome, Plan, SlugError, StepFailedError, silent
from provisioning.models import Operation
from provisioning.steps.importing import ImportRequest, reading
from provisioning.verbs.importing import IMPORT
from registry.contract import Kind
from registry.models import City, Tenant
from registry.schemas import in_public

OF_THE_ORIGINAL = ("identifier", "icp", "police_record")


def import_site(path: Path, *, slug: str, city: str = "", by: str = "system", on_step: OnStep = silent) -> Outcome:
    """Prepare a site called `slug` from an open archive, in `city` or the city the archive names; or go on with it.

    Raises:
        ArchiveError, LinesError: the archive cannot be used; every wrong line is named and nothing was imported.
        RefusedError: the site cannot be made; nothing was changed.
        BusyError, StepFailedError: see `services.carry_out`.

    """
    with in_public():
        known = journal.unfinished(IMPORT, slug)
        if known and "import" in journal.done_steps(known):
            return services.carry_out(IMPORT, ImportRequest.from_json(known.request), by=by, on_step=on_step)
        with opened(path, folder=Path(settings.BACKUP_DIR)) as archive, reading(archive):
            request = _checked(archive, path, slug=slug, city=city)
            try:
                return services.carry_out(IMPORT, request, by=by, on_step=on_step)
            except StepFailedError as error:
                if error.step != "import" or not isinstance(error.__cause__, ValueError):
                    raise
                services.roll_back(IMPORT, slug, by=by)
                raise LinesError(f"{error.__cause__}\nNothing was imported.") from error


def refused_records(slug: str) -> list[str]:
    """Return a line for each record of an archive that its site does not have, because it was wrong; pages are there all or none."""
    with in_public():
        lines: list[str] = journal.latest(IMPORT, slug).memory.get("refused", [])
        return lines


def plan_import(path: Path, *, slug: str, city: str = "") -> Plan:
    """Check an open archive and return what importing it would do; nothing is changed.

    Raises:
        ArchiveError, LinesError, RefusedError: it would be refused.

    """
    with in_public(), opened(path, folder=Path(settings.BACKUP_DIR)) as archive, reading(archive):
        return services.plan(IMPORT, _checked(archive, path, slug=slug, city=city))


def _checked(archive: Opened, path: Path, *, slug: str, city: str) -> ImportRequest:
    errors: list[str] = import_string(settings.SITE_ROWS_CHECK)(archive.rows)
    lying = set(archive.files)
    rows = enumerate(archive.rows["media"], start=1)
    errors += [
        f"media.jsonl line {number}: {row.get('file')!r} is not in the archive" for number, row in rows if row.get("file") not in lying
    ]
    if errors:
        rest = f"\nand {len(errors) - 20} more" if len(errors) > 20 else ""  # noqa: PLR2004 - a screen's worth
        raise LinesError("\n".join(errors[:20]) + rest)
    return _request(archive, path, slug=slug, city=city)


def _request(archive: Opened, path: Path, *, slug: str, city: str) -> ImportRequest:
    site, city_slug = archive.site, city or str(archive.site.get("city", ""))
    unfinished = journal.done_steps(journal.unfinished(IMPORT, slug))
    there = Tenant.objects.filter(slug=slug).first()
    if there and not unfinished and not _is_of(archive.sha256, slug):
        raise SlugError(f"There is a site {slug!r}: an import makes a new one. Choose another slug.")
    facts: dict[str, Any] = {name: str(site.get(name, "")) for name in FACTS if name not in OF_THE_ORIGINAL}
    try:
        kind = Kind(site["kind"])
    except (KeyError, ValueError) as error:
        raise MemberError(HEAD, f"site.kind must be one of {', '.join(Kind)}") from error
    held = City.objects.filter(slug=city_slug, tenants__kind=Kind.CITY.value).exclude(tenants__slug=slug, tenants__kind=Kind.CITY.value)
    if kind is Kind.CITY and held.exists():
        kind = Kind.DEPARTMENT  # one portal a city
    if not facts["name"]:
        raise ArchiveError(f"{HEAD}: site.name is missing. Nothing was imported.")
    return ImportRequest(
        slug=slug,
        kind=kind,
        city_slug=city_slug,
        region_code=str(site.get("region", "")),
        file=str(path),
        sha256=archive.sha256,
        **facts | {"theme": facts["theme"] or settings.DEFAULT_THEME, "short_name": facts["short_name"] or facts["name"]},
    )


def _is_of(sha256: str, slug: str) -> bool:
    """Whether a site was imported from this very archive: then there is nothing to do."""
    return Operation.objects.filter(verb=IMPORT.name, subject=slug, state=Operation.State.DONE, request__sha256=sha256).exists()
