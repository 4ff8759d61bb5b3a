"""Verbs: put a published page into the projection, or take it out, with the event for the index; all in the caller's transaction."""

import dataclasses
from collections.abc import Collection, Iterable, Sequence
from itertools import islice
from uuid import UUID

from django.db import connection
from django.db.models import Count

from outbox.services import record_many, require_transaction
from registry.contract import TenantRef
from search import documents
from search.contract import TOPIC, SearchDocument, document_key
from search.models import Projection, State

ROWS_PER_STATEMENT = 100

_COLUMNS = [field.name for field in dataclasses.fields(documents.Row)]
_TERMS = ("title_terms", "body_terms")
_NAMES = ", ".join(f'"{name}"' for name in _COLUMNS)
_VALUES = ", ".join("array_to_tsvector(string_to_array(%s, ' '))" if name in _TERMS else "%s" for name in _COLUMNS)
_CHANGES = ", ".join(f'"{name}" = EXCLUDED."{name}"' for name in _COLUMNS if name != "id")


def publish(document: SearchDocument) -> int:
    """Make a page findable as it now is and return its revision; nothing happens where nothing changed.

    Raises:
        OutsideTransactionError: no transaction is open.

    """
    publish_many([document])
    return Projection.objects.values_list("revision", flat=True).get(pk=document.key)


def publish_many(published: Iterable[SearchDocument]) -> int:
    """Make many pages findable and return how many changed; for the importer.

    Raises:
        OutsideTransactionError: no transaction is open.

    """
    require_transaction()
    changed, rest = 0, iter(published)
    while part := {document.key: documents.to_row(document) for document in islice(rest, ROWS_PER_STATEMENT)}:
        changed += _write(part)
    return changed


def withdraw(tenant: TenantRef, *, page_id: int) -> None:
    """Take a page out of every search at once; nothing happens where it is not in.

    Raises:
        OutsideTransactionError: no transaction is open.

    """
    require_transaction()
    live = Projection.objects.live().select_for_update().filter(pk=document_key(tenant.uuid, page_id)).without_text().first()
    if live is None:
        return
    _bury(live)
    record_many(TOPIC, keys=[live.pk, *_settle_groups([live.group])])


def withdraw_site(uuid: UUID) -> int:
    """Take all pages of a site out of every search and return how many; copies on other sites lead from now on.

    Raises:
        OutsideTransactionError: no transaction is open.

    """
    require_transaction()
    rows = list(Projection.objects.live().within([uuid], hidden=()).select_for_update().without_text().order_by("pk"))
    for row in rows:
        _bury(row)
    record_many(TOPIC, keys=sorted({*(row.pk for row in rows), *_settle_groups({row.group for row in rows})}))
    return len(rows)


def withdraw_others(tenant: TenantRef, *, keep: Collection[int]) -> int:
    """Take every page of a site out of search but those to keep, and return how many; copies on other sites lead from now on.

    Raises:
        OutsideTransactionError: no transaction is open.

    """
    require_transaction()
    gone = Projection.objects.live().filter(tenant_id=tenant.id).exclude(page_id__in=keep)
    rows = list(gone.select_for_update().without_text().order_by("pk"))
    for row in rows:
        _bury(row)
    record_many(TOPIC, keys=sorted({*(row.pk for row in rows), *_settle_groups({row.group for row in rows})}))
    return len(rows)


def settle_versions() -> int:
    """Let the newest version of each text lead where two publications crossed; return how many pages changed.

    Raises:
        OutsideTransactionError: no transaction is open.

    """
    require_transaction()
    turned: list[str] = []
    mixed = Projection.objects.live().values("group").annotate(rows=Count("pk"))
    groups = list(mixed.filter(rows__gt=1).values_list("group", flat=True).order_by("group"))
    for start in range(0, len(groups), ROWS_PER_STATEMENT):
        turned += _settle_groups(groups[start : start + ROWS_PER_STATEMENT])
    return record_many(TOPIC, keys=turned)


def path_of(tenant: TenantRef, *, page_id: int) -> str | None:
    """Return the path a page is known by; none where it is not in."""
    return Projection.objects.live().filter(pk=document_key(tenant.uuid, page_id)).values_list("path", flat=True).first()


def _write(rows: dict[str, documents.Row]) -> int:
    """Write the rows that differ from what is there, and return how many."""
    known = {row.pk: row for row in Projection.objects.filter(pk__in=rows).only("state", "content_hash", "group")}
    wanted = sorted((row for key, row in rows.items() if _differs(row, known.get(key))), key=lambda row: row.id)
    if not wanted:
        return 0
    changed = _upsert([documents.with_terms(row) for row in wanted])
    groups = {row.group for row in wanted} | {known[row.id].group for row in wanted if row.id in known}
    record_many(TOPIC, keys=sorted({*changed, *_settle_groups(groups)}))
    return len(changed)


def _differs(row: documents.Row, known: Projection | None) -> bool:
    return known is None or not known.is_live or known.content_hash != row.content_hash


def _upsert(rows: Sequence[documents.Row]) -> list[str]:
    """Write rows in one statement; a row that is there gets the next revision under its lock."""
    places = ", ".join([f"({_VALUES}, 1, 'live', true)"] * len(rows))
    statement = (
        f"INSERT INTO search_projection ({_NAMES}, revision, state, latest) VALUES {places} "  # noqa: S608 - columns from the dataclass
        f"ON CONFLICT (id) DO UPDATE SET {_CHANGES}, state = 'live', "
        "revision = search_projection.revision + 1, changed_at = statement_timestamp() RETURNING id"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [getattr(row, name) for row in rows for name in _COLUMNS])
        return [key for (key,) in cursor.fetchall()]


def _bury(row: Projection) -> None:
    """Keep the row as a tombstone without its text."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE search_projection SET state = %s, revision = revision + 1, body = '', summary = '', "
            "title_terms = '', body_terms = '', content_hash = '', changed_at = statement_timestamp() WHERE id = %s",
            [State.WITHDRAWN, row.pk],
        )


def _settle_groups(groups: Collection[str]) -> list[str]:
    """Let the newest version of each text lead; return the pages for which that changed.

    Two versions published at the same moment do not see each other; `search reconcile` settles them.
    """
    members: dict[str, list[Projection]] = {}
    for row in Projection.objects.live().filter(group__in=groups).only("group", "latest", "version_date"):
        members.setdefault(row.group, []).append(row)
    turned: dict[bool, list[str]] = {True: [], False: []}
    for rows in members.values():
        newest = max((row.version_date for row in rows if row.version_date), default=None)
        for row in rows:
            if row.latest != (leads := row.version_date == newest):
                turned[leads].append(row.pk)
    if not any(turned.values()):
        return []
    list(Projection.objects.select_for_update().filter(pk__in=[*turned[True], *turned[False]]).order_by("pk").values_list("pk"))
    for leads, keys in turned.items():
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE search_projection SET latest = %s, revision = revision + 1, changed_at = statement_timestamp() WHERE id = ANY(%s)",
                [leads, keys],
            )
    return [*turned[True], *turned[False]]
