"""Bulk writes with external versions: the same row any number of times, in any order, ends in its newest state."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from search import client, documents
from search.models import Projection

BYTES_PER_BULK = 8_000_000
WAIT_FOR_SHARD = "5s"  # the relay holds a transaction meanwhile; it tries again by itself
_WRITTEN, _CONFLICT, _MISSING, _BROKEN = range(200, 300), 409, 404, 500


@dataclass(frozen=True, slots=True)
class Answer:
    """What the engine said of one document."""

    key: str
    status: int
    reason: str = ""

    @property
    def is_settled(self) -> bool:
        """Whether the index now holds this version or a newer one."""
        return self.status in _WRITTEN or self.status == _CONFLICT

    @property
    def has_no_index(self) -> bool:
        """Whether the alias leads to no index."""
        return self.status == _MISSING

    @property
    def is_busy(self) -> bool:
        """Whether the engine would take it later: overloaded, its disk full, its index locked against writing."""
        return self.status in client.BUSY or self.status >= _BROKEN or self.reason.startswith(client.BLOCKED)


def write(rows: Iterable[Projection], *, alias: str, fields: frozenset[str] | None = None) -> Iterator[Answer]:
    """Write rows through an alias, some megabytes at a time, and say how each went; `fields` are those an older index knows.

    While the engine takes one part the next one is built, so that neither waits for the other; the parts go one after the other.

    Raises:
        EngineDownError: the engine is away; what was answered for before is written.

    """
    with ThreadPoolExecutor(1) as sender:
        before: Future[list[Answer]] | None = None
        for operations in _parts(rows, fields):
            now = sender.submit(_send, operations, alias)
            if before:
                yield from before.result()
            before = now
        if before:
            yield from before.result()


def _parts(rows: Iterable[Projection], fields: frozenset[str] | None) -> Iterator[list[Mapping[str, Any]]]:
    """Yield what is sent at once: documents of some megabytes together, each under its revision."""
    operations: list[Mapping[str, Any]] = []
    size = 0
    for row in rows:
        source = documents.to_source(row)
        if fields is not None:
            source = {name: value for name, value in source.items() if name in fields}
        operations += [{"index": {"_id": row.pk, "version": row.revision, "version_type": "external"}}, source]
        size += len(row.body) * 3 + 2000
        if size >= BYTES_PER_BULK:
            yield operations
            operations, size = [], 0
    if operations:
        yield operations


def erase(versions: Mapping[str, int], *, alias: str) -> list[Answer]:
    """Remove documents for good, each at the version it has, so that a later revision is taken again.

    Raises:
        EngineDownError: the engine is away.

    """
    operations = [{"delete": {"_id": key, "version": version, "version_type": "external_gte"}} for key, version in versions.items()]
    return _send(operations, alias) if operations else []


def _send(operations: Sequence[Mapping[str, Any]], alias: str) -> list[Answer]:
    with client.guarded():
        response = client.writer().bulk(operations=operations, index=alias, require_alias=True, timeout=WAIT_FOR_SHARD)
    results = [next(iter(item.values())) for item in response["items"]]
    return [Answer(result["_id"], result["status"], _reason(result.get("error"))) for result in results]


def _reason(error: Mapping[str, Any] | None) -> str:
    return f"{error.get('type')}: {error.get('reason')}" if error else ""
