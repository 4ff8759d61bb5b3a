"""Verbs on the registry's own rows: import divisions, change a site's state."""

import csv
import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from uuid import UUID

from django.conf import settings
from django.db import transaction

from observability.audit import record_audit
from registry.contract import TRANSITIONS, FilingKind, GreyPeriodError, State, TransitionError
from registry.models import City, GreyPeriod, Region, Tenant
from registry.selectors import forget_directory

PARTS = 500
COUNTY_COLUMNS = ("code", "name", "city_code", "city_name", "province_code", "province_name", "slug")


class HasId(Protocol):
    """A Tenant row or its snapshot."""

    @property
    def id(self) -> int:
        """The row's key."""


class RegionFileError(ValueError):
    """A division table that cannot be read; the message names the columns it needs."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import of divisions did."""

    created: int
    unchanged: int
    updated: int


def read_divisions(lines: Iterable[str]) -> list[Region]:
    """Return the regions of a division table, parents before children.

    Takes both forms of table: by tier (`code, name, level, parent_code, kind, is_admin, slug`) and by county
    (`code, name, kind, is_admin, city_code, city_name, province_code, province_name, slug`).

    Raises:
        RegionFileError: a needed column is missing.

    """
    reader = csv.DictReader(lines)
    columns = set(reader.fieldnames or ())
    if {"code", "name", "level", "parent_code", "slug"} <= columns:
        return [_by_tier(row) for row in reader]
    if set(COUNTY_COLUMNS) <= columns:
        return read_division_rows(list(reader))
    raise RegionFileError(
        "This is no division table. Its first line must name code, name, level, parent_code, slug; or code, name, city_code, "
        "province_code, slug.",
    )


def _by_tier(row: Mapping[str, str]) -> Region:
    return Region(
        code=row["code"],
        name=row["name"],
        level=row["level"],
        kind=row.get("kind", ""),
        slug=row["slug"],
        is_admin=row.get("is_admin", "1") == "1",
        parent_id=row["parent_code"] or None,
    )


def padded(code: str) -> str:
    """Return a division's code with six digits: tables of counties name cities by four and provinces by two."""
    return code.ljust(6, "0")


def read_division_rows(rows: Sequence[Mapping[str, str]]) -> list[Region]:
    """Return the regions of the rows of a table by county, parents before children."""
    provinces = {padded(row["province_code"]): row["province_name"] for row in rows}
    counties = {row["code"] for row in rows}
    # A city without counties stands in the table as a county of its own, with the code that is the city's when written with six digits.
    codes = {code: code if padded(code) in counties else padded(code) for code in {row["city_code"] for row in rows}}
    cities = {codes[row["city_code"]]: (row["city_name"], padded(row["province_code"])) for row in rows}
    regions = [Region(code=code, name=name, level="province", slug="") for code, name in provinces.items()]
    regions += [
        Region(code=code, name=name, level="city", slug="", parent_id=parent)
        for code, (name, parent) in cities.items()
        if code not in provinces
    ]
    regions += [
        Region(
            code=row["code"],
            name=row["name"],
            level="county",
            kind=row.get("kind", ""),
            slug=row["slug"],
            is_admin=row.get("is_admin", "1") == "1",
            parent_id=codes[row["city_code"]],
        )
        for row in rows
    ]
    return regions


def import_regions(regions: list[Region]) -> Imported:
    """Write regions, all or none; what is there already is brought up to date, and a known slug or kind is not emptied.

    Raises:
        django.db.IntegrityError: a parent is missing.

    """
    fields = ("name", "level", "kind", "slug", "is_admin", "parent_id")
    known = {region.code: region for region in Region.objects.in_bulk([region.code for region in regions]).values()}
    new = [region for region in regions if region.code not in known]
    changed = []
    for region in regions:
        old = known.get(region.code)
        if old is None:
            continue
        region.slug, region.kind = region.slug or old.slug, region.kind or old.kind
        if any(getattr(old, name) != getattr(region, name) for name in fields):
            changed.append(region)
    with transaction.atomic():
        Region.objects.bulk_create(new, batch_size=PARTS)
        Region.objects.bulk_update(changed, ["name", "level", "kind", "slug", "is_admin", "parent"], batch_size=PARTS)
    return Imported(created=len(new), unchanged=len(regions) - len(new) - len(changed), updated=len(changed))


def record_filing(tenant: Tenant, *, kind: FilingKind, number: str, issued_on: dt.date, file: str = "") -> bool:
    """Write one of the five papers down, with a copy of its file where no reader can reach it; return whether it is new.

    Raises:
        OSError: the file cannot be read or copied.

    """
    stored, digest = _keep_copy(tenant, kind, Path(file)) if file else ("", "")
    facts = {"number": number, "issued_on": issued_on, "file": stored, "sha256": digest}
    kept = tenant.filings.filter(kind=kind.value).first()
    if kept is not None and all(getattr(kept, name) == value for name, value in facts.items()):
        return False
    tenant.filings.update_or_create(kind=kind.value, defaults=facts)
    return kept is None


def _keep_copy(tenant: Tenant, kind: FilingKind, file: Path) -> tuple[str, str]:
    content = file.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    name = f"{tenant.uuid}/{kind.value}-{digest[:12]}{file.suffix.lower()}"
    target = Path(settings.FILINGS_ROOT) / name
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
    return name, digest


def change_state(tenant: HasId, state: State) -> State:
    """Move a site to another state and return the one before; readers and search see it within a second.

    Raises:
        TransitionError: the life cycle knows no such step.

    """
    with transaction.atomic():
        row = Tenant.objects.select_for_update().get(pk=tenant.id)
        before = State(row.state)
        if state is not before:
            if state not in TRANSITIONS[before]:
                raise TransitionError(row.slug, before, state)
            row.state = state.value
            row.save(update_fields=["state"])
    forget_directory()
    return before


LONGEST_GREY = dt.timedelta(days=31)


def grey_out(
    city: City, *, tenant: HasId | None, starts_at: dt.datetime, ends_at: dt.datetime, reason: str, by: str, now: dt.datetime
) -> tuple[int, bool]:
    """Plan a time without colour for one site, or (tenant None) for all sites of a city; return its number and whether it is new.

    Raises:
        GreyPeriodError: it ends before it begins, is over, is longer than a month, or has no reason.

    """
    check_grey(starts_at=starts_at, ends_at=ends_at, reason=reason, now=now)
    facts = {"city": city, "tenant_id": tenant.id if tenant else None, "starts_at": starts_at, "ends_at": ends_at}
    with transaction.atomic():
        row, is_new = GreyPeriod.objects.get_or_create(**facts, cancelled_at=None, defaults={"reason": reason.strip(), "set_by": by})
        if is_new:
            detail = {"from": starts_at.isoformat(), "to": ends_at.isoformat(), "reason": row.reason, "period": row.pk}
            record_audit("site.grey", actor=by, subject=_whose(row), tenant_uuid=_uuid(row), detail=detail)
    forget_directory()
    return row.pk, is_new


@transaction.atomic
def grey_out_several(
    places: Sequence[tuple[City, HasId | None]], *, starts_at: dt.datetime, ends_at: dt.datetime, reason: str, by: str, now: dt.datetime
) -> list[int]:
    """Plan the same time without colour in several places, in all or in none; return the numbers of those that are new.

    Raises:
        GreyPeriodError: as `grey_out`.

    """
    common = {"starts_at": starts_at, "ends_at": ends_at, "now": now}
    made = [grey_out(city, tenant=tenant, reason=reason, by=by, **common) for city, tenant in places]
    return [number for number, is_new in made if is_new]


def check_grey(*, starts_at: dt.datetime, ends_at: dt.datetime, reason: str, now: dt.datetime) -> None:
    """Refuse a time without colour that cannot be.

    Raises:
        GreyPeriodError: it ends before it begins, is over, is longer than a month, or has no reason.

    """
    if ends_at <= starts_at:
        raise GreyPeriodError("结束时间必须晚于开始时间。")
    if ends_at <= now:
        raise GreyPeriodError("结束时间已经过去，请改为以后的时间。")
    if ends_at - starts_at > LONGEST_GREY:
        raise GreyPeriodError("一次最多设置 31 天；更长的请分次设置。")
    if not reason.strip():
        raise GreyPeriodError("请写明事由。")


def end_grey(pk: int, *, by: str, now: dt.datetime, tenant: HasId | None = None) -> bool:
    """Cancel a time without colour, at once where it has begun; return whether anything changed. `tenant`: only this site's own.

    Raises:
        GreyPeriodError: there is no such time, or it is another site's.

    """
    with transaction.atomic():
        rows = GreyPeriod.objects.select_for_update().filter(pk=pk)
        row = (rows.filter(tenant_id=tenant.id) if tenant else rows).first()
        if row is None:
            raise GreyPeriodError(f"没有编号为 {pk} 的灰度显示，或它不是本站设置的。")
        if row.cancelled_at or row.ends_at <= now:
            return False
        row.cancelled_at = now
        row.save(update_fields=["cancelled_at"])
        record_audit("site.grey_ended", actor=by, subject=_whose(row), tenant_uuid=_uuid(row), detail={"period": pk})
    forget_directory()
    return True


def _uuid(row: GreyPeriod) -> UUID | None:
    return row.tenant.uuid if row.tenant else None


def _whose(row: GreyPeriod) -> str:
    return row.tenant.slug if row.tenant else row.city.slug
