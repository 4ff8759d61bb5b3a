"""Index against projection: what differs gets a new revision and an event; old tombstones and strangers are erased."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from outbox.services import record_many
from search import client, mapping, services
from search.contract import TOPIC
from search.indexing import gates, indices, writing
from search.models import Projection

KEEP_TOMBSTONES = dt.timedelta(days=1)  # longer than any retry of an older event
KEEP_PREVIOUS = dt.timedelta(days=1)  # how long one may go back to the index before the last rebuild
LEAP = 1000  # revisions; what was deleted by hand keeps a version for a minute that nobody can ask for, and refuses lower ones
_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Difference:
    """One page of which index and projection do not say the same; a revision of 0 means that it is not there."""

    key: str
    what: str
    indexed: int
    published: int


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What was compared and what had to be done."""

    compared: int
    repaired: int
    erased: int
    dropped: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class _Indexed:
    key: str
    version: int
    state: str
    content_hash: str


def reconcile(*, now: dt.datetime, is_dry_run: bool = False, is_thorough: bool = False) -> Reconciled:
    """Compare every document with its row: the relay mends differences, what has no page is erased.

    Changes whose event is still on its way count as differences; they are carried out once more, which does no harm. Versions and hashes
    are compared; `is_thorough` compares every field too. An index that stopped serving KEEP_PREVIOUS ago is dropped.

    Raises:
        EngineDownError: the engine is away.

    """
    if not is_dry_run:
        with transaction.atomic():
            services.settle_versions()
    compared, wrong, erasable, same = _compare({entry.key: entry for entry in _walk()}, now=now)
    if is_thorough:
        altered = gates.differing_documents(mapping.write_alias(), list(same))
        wrong += [Difference(key, "other fields", same[key], same[key]) for key in altered]
    strangers = [each for each in erasable if not each.published]
    dropped: list[str] = []
    if not is_dry_run:
        _repair({each.key: each.indexed or each.published + LEAP for each in wrong})
        writing.erase({each.key: each.indexed for each in erasable}, alias=mapping.write_alias())
        dropped = indices.drop_previous(before=now - KEEP_PREVIOUS)
    return Reconciled(compared, len(wrong), len(erasable), tuple(dropped), (*wrong, *strangers))


def _compare(indexed: dict[str, "_Indexed"], *, now: dt.datetime) -> tuple[int, list[Difference], list[Difference], dict[str, int]]:
    """Return how many rows there are, which have to be written again, which documents can be erased, and the revisions of equal ones."""
    wrong, erasable, same = [], [], {}
    compared = 0
    for row in Projection.objects.only("revision", "state", "content_hash", "changed_at").order_by("pk").iterator(chunk_size=5000):
        entry = indexed.pop(row.pk, None)
        compared += 1
        if not row.is_live and (entry is None or row.changed_at < now - KEEP_TOMBSTONES):
            if entry is not None and entry.version <= row.revision:
                erasable.append(Difference(row.pk, "old tombstone", entry.version, row.revision))
        elif entry is None or (entry.version, entry.state, entry.content_hash) != (row.revision, row.state, row.content_hash):
            wrong.append(Difference(row.pk, _what(row, entry), entry.version if entry else 0, row.revision))
        elif row.is_live:
            same[row.pk] = row.revision
    erasable += [Difference(key, "no such page", entry.version, 0) for key, entry in indexed.items()]  # their sites are gone
    return compared, wrong, erasable, same


def _what(row: Projection, entry: "_Indexed | None") -> str:
    """Say in a few words how the index differs."""
    if entry is None:
        return "not in the index"
    if entry.version > row.revision:
        return "newer than the database"
    if entry.version < row.revision:
        return "withdrawn, still in the index" if entry.state != row.state and not row.is_live else "older than the database"
    return "other text or state at the same revision"


def _repair(versions: Mapping[str, int]) -> None:
    """Give rows a revision above the index's, even where the index has seen the future (a restored database), and record them."""
    keys = sorted(versions)
    for start in range(0, len(keys), _PAGE):
        part = keys[start : start + _PAGE]
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(
                    "UPDATE search_projection SET revision = greatest(revision, seen.version) + 1, changed_at = statement_timestamp() "
                    "FROM unnest(%s::text[], %s::bigint[]) AS seen(key, version) WHERE id = seen.key",
                    [part, [versions[key] for key in part]],
                )
            record_many(TOPIC, keys=part)


def _walk() -> Iterator[_Indexed]:
    """Yield every document of the index in use as it was at one moment.

    Raises:
        EngineDownError: the engine is away.

    """
    engine = client.writer()
    with client.guarded():
        engine.indices.refresh(index=mapping.write_alias())
        moment = engine.open_point_in_time(index=mapping.write_alias(), keep_alive="5m")["id"]
        try:
            after: list[Any] | None = None
            while hits := _page(moment, after):
                yield from (_entry(hit) for hit in hits)
                after = hits[-1]["sort"]
        finally:
            engine.close_point_in_time(id=moment)


def _page(moment: str, after: list[Any] | None) -> list[Mapping[str, Any]]:
    answer = client.writer().search(
        size=_PAGE,
        pit={"id": moment, "keep_alive": "5m"},
        sort=[{"_shard_doc": "asc"}],
        search_after=after,
        version=True,
        source_includes=["state", "content_hash"],
        track_total_hits=False,
    )
    hits: list[Mapping[str, Any]] = answer["hits"]["hits"]
    return hits


def _entry(hit: Mapping[str, Any]) -> _Indexed:
    source = hit["_source"]
    return _Indexed(
        hit["_id"], hit["_version"], source.get("state", ""), source.get("content_hash", "")
    )  # what is no document of ours may lack both
