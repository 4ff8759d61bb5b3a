"""Reads: which edition counts on a day in a place, its entries for a level, and how far the sites of a city are."""

import datetime as dt
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from catalogues.contract import Item, Kind, Level, UnknownFieldError
from catalogues.models import Edition, Entry, Standing
from rules.contract import NARROWNESS, Place, Scope

KEPT_SECONDS = 30.0  # an edition taken in by another process is seen this much later at most


@dataclass(slots=True)
class _Kept:
    """The process's copy of the editions, and the entries it needed; a page of the platform would else ask four times."""

    at: float = float("-inf")
    editions: list[Edition] = field(default_factory=list)
    items: dict[int, list[Item]] = field(default_factory=dict)


_kept = _Kept()


def _known() -> _Kept:
    global _kept  # noqa: PLW0603 - replaced as a whole, so that no thread sees half of it
    now = time.monotonic()
    if now - _kept.at > KEPT_SECONDS:
        _kept = _Kept(now, list(Edition.objects.order_by("pk")))
    return _kept


def forget_editions() -> None:
    """Make this process ask again at its next look; for the process that took one in."""
    global _kept  # noqa: PLW0603 - as above
    _kept = _Kept()


def edition(kind: Kind, *, on: dt.date, place: Place) -> Edition | None:
    """Return the edition that counts: of the narrowest scope, within it the newest; none where none was taken in."""
    codes = {scope.value: code for scope, code in place.codes().items() if code or scope is Scope.NATION}
    rows = [row for row in _known().editions if row.kind == kind and row.valid_from <= on and codes.get(row.scope) == row.scope_code]
    return max(rows, key=lambda row: (NARROWNESS[Scope(row.scope)], row.valid_from, row.number), default=None)


def items(found: Edition | None, *, level: Level | None = None) -> list[Item]:
    """Return an edition's entries in their order; those of one level, if asked."""
    if found is None:
        return []
    known = _known().items
    if found.pk not in known:  # an edition never changes
        known[found.pk] = [row.item for row in Entry.objects.filter(edition=found).order_by("position")]
    return [row for row in known[found.pk] if level is None or level in row.levels]


def field_named(found: Edition, asked: str) -> str:
    """Return a field of an edition by its name, with or without 领域, or by its number.

    Raises:
        UnknownFieldError: it has none of that name.

    """
    fields = {row.field: row.code.partition("-")[0] for row in reversed(items(found))}
    wanted = asked.strip().removesuffix("领域")
    for name, number in fields.items():
        if wanted in (name, number, number.lstrip("0")):
            return name
    raise UnknownFieldError(asked, reversed(fields))


def codes_of(kind: Kind) -> list[str]:
    """Return every code that entries of a catalogue ever had."""
    return list(Entry.objects.filter(edition__kind=kind.value).values_list("code", flat=True).distinct())


def edition_numbered(kind: Kind, number: int) -> Edition | None:
    """Return an edition by its number."""
    return Edition.objects.filter(kind=kind.value, number=number).first()


def before(found: Edition) -> Edition | None:
    """Return the edition of the same scope that one replaced; where it is the first there, the nation's that counted on its first day."""
    of_kind = Edition.objects.filter(kind=found.kind, number__lt=found.number).order_by("-number")
    return (
        of_kind.filter(scope=found.scope, scope_code=found.scope_code).first()
        or of_kind.filter(scope=Scope.NATION.value, valid_from__lte=found.valid_from).first()
    )


def editions(kind: str = "") -> list[Edition]:
    """Return all there ever were, newest first within each kind."""
    rows = Edition.objects.filter(kind=kind) if kind else Edition.objects.all()
    return list(rows.order_by("kind", "-number"))


def standings(tenants: Iterable[UUID]) -> dict[UUID, Standing]:
    """Return how far the sites are that were measured."""
    return {row.tenant_uuid: row for row in Standing.objects.filter(tenant_uuid__in=list(tenants))}
