"""Verbs: put a published page into the projection, or take it out, with the events this causes."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import islice
from uuid import UUID

from django.db import connection
from django.db.models import Count, Q

from outbox.services import record_many, require_transaction
from registry.contract import TenantRef
from search import documents
from search.contract import TOPIC, SearchDocument, Tab, document_key, file_key
from search.models import Projection, ProjectionQuerySet, State
from search.services.files import ask_for_words, forget_words, known_texts
from search.services.writing import upsert

ROWS_PER_STATEMENT = 100


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
    while part := list(islice(rest, ROWS_PER_STATEMENT)):
        texts = known_texts(file for document in part for file in documents.files_of(document))
        changed += _write({document.key: documents.to_row(document, file_texts=texts) for document in part})
    return changed


def withdraw(tenant: TenantRef, *, page_id: int) -> None:
    """Take a page out of every search at once; nothing happens where it is not in.

    Raises:
        OutsideTransactionError: no transaction is open.

    """
    require_transaction()
    _bury_all(Projection.objects.live().filter(pk=document_key(tenant.uuid, page_id)))


def withdraw_site(uuid: UUID) -> int:
    """Take all pages of a site out of every search and return how many; copies on other sites lead from now on.

    Raises:
        OutsideTransactionError: no transaction is open.

    """
    require_transaction()
    return _bury_all(Projection.objects.live().within([uuid], hidden=()))


def forget_site(uuid: UUID) -> int:
    """Remove all that is known of a site's pages, for good, and return how many; the relay erases them from the index.

    Raises:
        OutsideTransactionError: no transaction is open.

    """
    require_transaction()
    rows = Projection.objects.within([uuid], hidden=())
    keys = list(rows.values_list("pk", flat=True))
    groups = set(rows.live().values_list("group", flat=True))
    _hold(keys, groups)
    files = {file["key"] for row in rows.live().without_text() for file in row.files}
    rows.delete()
    record_many(TOPIC, keys=sorted({*keys, *_settle_groups(groups)}))
    forget_words(files)
    return len(keys)


def withdraw_others(tenant: TenantRef, *, keep: Collection[int]) -> int:
    """Take every page of a site out of search but those to keep, and return how many; copies on other sites lead from now on.

    Raises:
        OutsideTransactionError: no transaction is open.

    """
    require_transaction()
    return _bury_all(Projection.objects.live().filter(tenant_id=tenant.id).exclude(page_id__in=keep))


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


def pages_with_file(tenant: TenantRef, *, file_id: int) -> list[int]:
    """Return the live pages that are known to offer a file."""
    offering = Projection.objects.live().with_file(file_key(tenant.uuid, file_id)).order_by("page_id")
    return list(offering.values_list("page_id", flat=True))


def tab_of(tenant: TenantRef, *, page_id: int) -> Tab | None:
    """Return the class a page is found in; none where it is not in."""
    found = Projection.objects.live().filter(pk=document_key(tenant.uuid, page_id)).values_list("tab", flat=True).first()
    return Tab(found) if found is not None else None


def _write(rows: dict[str, documents.Row]) -> int:
    """Write the rows that differ from what is there, and return how many."""
    known = _known(rows)
    wanted = sorted((row for key, row in rows.items() if _differs(row, known.get(key))), key=lambda row: row.id)
    if not wanted:
        return 0
    groups = {row.group for row in wanted} | {known[row.id].group for row in wanted if row.id in known}
    _hold([row.id for row in wanted], groups)
    known = _known([row.id for row in wanted])  # as they are now that nobody else can change them
    changed = upsert([documents.with_terms(row) for row in wanted])
    record_many(TOPIC, keys=sorted({*changed, *_settle_groups(groups)}))
    _follow_files(wanted, known)
    return len(changed)


def _known(keys: Iterable[str]) -> dict[str, Projection]:
    return {row.pk: row for row in Projection.objects.filter(pk__in=keys).only("state", "content_hash", "group", "files")}


def _hold(keys: Collection[str], groups: Collection[str]) -> None:
    """Lock pages and the other copies and versions of their texts before any is written, in one order for all.

    Else two publications of one text hold their own page each and wait for the other's. The lock leaves rows that refer to a page alone
    (`no_key`): the relay, which writes suggestions of many pages, would be waited for, and wait in turn.
    """
    versions = Projection.objects.filter(Q(pk__in=keys) | Q(group__in=groups, state=State.LIVE))
    list(versions.select_for_update(no_key=True).order_by("pk").values_list("pk"))


def _follow_files(written: Sequence[documents.Row], known: Mapping[str, Projection]) -> None:
    """Have new files read, and forget what was read of files these pages no longer offer."""
    offered = [file for row in written for file in row.files]
    ask_for_words(offered)
    before = {file["key"] for row in written if row.id in known for file in known[row.id].files}
    forget_words(before - {file["key"] for file in offered})


def _differs(row: documents.Row, known: Projection | None) -> bool:
    return known is None or not known.is_live or known.content_hash != row.content_hash


def _bury(row: Projection) -> None:
    """Keep the row as a tombstone without its text."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE search_projection SET state = %s, revision = revision + 1, body = '', summary = '', files = '[]', file_text = '', "
            "card = '{}', title_terms = '', body_terms = '', content_hash = '', changed_at = statement_timestamp() WHERE id = %s",
            [State.WITHDRAWN, row.pk],
        )


def _bury_all(gone: ProjectionQuerySet) -> int:
    """Take these pages out, with the words of files that nobody offers any more."""
    affected = dict(gone.values_list("pk", "group"))
    if not affected:
        return 0
    _hold(affected, set(affected.values()))
    rows = list(gone.filter(pk__in=affected).without_text().order_by("pk"))
    for row in rows:
        _bury(row)
    record_many(TOPIC, keys=sorted({*(row.pk for row in rows), *_settle_groups({row.group for row in rows})}))
    forget_words({file["key"] for row in rows for file in row.files})
    return len(rows)


def _settle_groups(groups: Collection[str]) -> list[str]:
    """Let the newest version of each text lead; return the pages for which that changed.

    The first two versions, published at the same moment, do not see each other; `search reconcile` settles them.
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
    _hold([*turned[True], *turned[False]], ())
    for leads, keys in turned.items():
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE search_projection SET latest = %s, revision = revision + 1, changed_at = statement_timestamp() WHERE id = ANY(%s)",
                [leads, keys],
            )
    return [*turned[True], *turned[False]]
