"""Verbs: take in an edition, note how far a site is."""

from collections.abc import Sequence
from dataclasses import asdict

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
