"""Verbs: take in an edition, note how far a site is."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from itertools import count

from django.db import transaction

from catalogues.contract import SEPARATOR, Announcement, Item
from catalogues.models import Edition, Entry, Standing
from catalogues.selectors import forget_editions
from observability.audit import record_audit


@transaction.atomic
def add_edition(announcement: Announcement, items: Sequence[Item], *, by: str, address: str = "") -> Edition | None:
    """Take in a catalogue as its next edition; none if the newest of the same scope says exactly the same."""
    of_kind = Edition.objects.select_for_update().filter(kind=announcement.kind.value).order_by("-number")
    kept = of_kind.filter(scope=announcement.scope.value, scope_code=announcement.scope_code).first()
    if kept is not None and _says(kept) == (announcement, list(items)):
        return None
    newest = of_kind.first()
    facts = {name: getattr(value, "value", value) for name, value in asdict(announcement).items()}
    edition = Edition.objects.create(number=newest.number + 1 if newest else 1, **facts)
    Entry.objects.bulk_create(Entry(edition=edition, position=position, **_fields(item)) for position, item in enumerate(items, start=1))
    detail = {"number": edition.number, "title": edition.title, "source": edition.source, "entries": len(items)}
    transaction.on_commit(forget_editions)
    record_audit("catalogue.import", actor=by, subject=edition.kind, detail=detail, address=address)
    return edition


def fill_field(base: Sequence[Item], field: str, rows: Sequence[Item], *, used: Iterable[str], keep_others: bool = False) -> list[Item]:
    """Return an edition's entries with one field's replaced by these; an entry of the same name keeps its code, no code is used twice.

    `used` are the codes that entries ever had. The field's own line, which stands for it until its entries are known, goes;
    so do samples.
    `keep_others`: entries that the rows lack stay, for a file of which lines were bad.
    """
    kept = {(item.group, item.title): item for item in base if item.field == field and not item.is_sample and "-" in item.code}
    prefix = next(item.code.partition("-")[0] for item in base if item.field == field)
    numbers = [int(number) for code in used if code.startswith(f"{prefix}-") and (number := code.partition("-")[2]).isdigit()]
    free = count(max(numbers, default=0) + 1)
    filled = []
    for row in rows:
        known = kept.pop((row.group, row.title), None)
        code = known.code if known else f"{prefix}-{next(free):02}"
        filled.append(replace(row, code=code, columns=known.columns if known else ()))
    filled += kept.values() if keep_others else ()
    place = next(place for place, item in enumerate(base) if item.field == field)
    others = [item for item in base if item.field != field]
    return [*others[:place], *filled, *others[place:]]


def _fields(item: Item) -> dict[str, object]:
    levels = SEPARATOR.join(level.value for level in item.levels)
    return asdict(item) | {"levels": levels, "columns": SEPARATOR.join(item.columns)}


def _says(edition: Edition) -> tuple[Announcement, list[Item]]:
    names = Announcement.__dataclass_fields__
    announcement = Announcement(**{name: getattr(edition, name) for name in names})
    return announcement, [row.item for row in edition.entries.order_by("position")]


def note_standing(standing: Standing) -> Standing:
    """Keep how far a site is, in place of what was kept of it before."""
    kept = Standing.objects.filter(tenant_uuid=standing.tenant_uuid).first()
    standing.pk = kept.pk if kept else None
    standing.save()
    return standing
