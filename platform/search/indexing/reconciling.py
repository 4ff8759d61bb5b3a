"""Index against projection: what differs gets a new revision and an event; old tombstones and strangers are erased."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from outbox.services import record_many
from search import client, mapping, services
from search.contract import TOPIC
from search.indexing import writing
from search.models import Projection

KEEP_TOMBSTONES = dt.timedelta(days=1)  # longer than any retry of an older event
_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What was compared and what had to be done."""

    compared: int
    repaired: int
    erased: int


@dataclass(frozen=True, slots=True)
class _Indexed:
    key: str
    version: int
    state: str
    content_hash: str


def reconcile(*, now: dt.datetime, is_dry_run: bool = False) -> Reconciled:
    """Compare every document with its row: the relay mends differences, what has no page is erased.

    Changes whose event is still on its way count as differences; they are carried out once more, which does no harm.

    Raises:
        EngineDownError: the engine is away.

    """
    if not is_dry_run:
        with transaction.atomic():
            services.settle_versions()
    indexed = {entry.key: entry for entry in _walk()}
    rows = Projection.objects.only("revision", "state", "content_hash", "latest", "changed_at").order_by("pk").iterator(chunk_size=5000)
    wrong: dict[str, int] = {}
    erasable: dict[str, int] = {}
    compared = 0
    for row in rows:
        entry = indexed.pop(row.pk, None)
        compared += 1
        if not row.is_live and (entry is None or row.changed_at < now - KEEP_TOMBSTONES):
            if entry is not None and entry.version <= row.revision:
                erasable[row.pk] = entry.version
        elif entry is None or (entry.version, entry.state, entry.content_hash) != (row.revision, row.state, row.content_hash):
            wrong[row.pk] = entry.version if entry else 0
    erasable |= {key: entry.version for key, entry in indexed.items()}  # their sites are gone
    if not is_dry_run:
        _repair(wrong)
        writing.erase(erasable, alias=mapping.write_alias())
    return Reconciled(compared, len(wrong), len(erasable))


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
        engine.indices.refresh(index=mapping.read_alias())
        moment = engine.open_point_in_time(index=mapping.read_alias(), keep_alive="5m")["id"]
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
        sort=[{"id": "asc"}],
        search_after=after,
        version=True,
        source_includes=["state", "content_hash"],
        track_total_hits=False,
    )
    hits: list[Mapping[str, Any]] = answer["hits"]["hits"]
    return hits


def _entry(hit: Mapping[str, Any]) -> _Indexed:
    source = hit["_source"]
    return _Indexed(hit["_id"], hit["_version"], source["state"], source["content_hash"])
