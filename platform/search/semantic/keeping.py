"""Keeps the index of passages in step with the projection: what changed is read, the rest is left; what stopped goes on where it was."""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from search import client
from search.indexing import indices
from search.models import Projection, ProjectionQuerySet
from search.semantic import chunking, fetching, passages
from search.semantic.model import Model, load

_LOCK = 0x5EA12C42  # beside that of `indices`: pages may be rebuilt meanwhile
CHUNKS_PER_WRITE = 256
MOST_CHUNKS = 5000  # of one page
_PAGE = 1000


class RefusedError(Exception):
    """The engine refused passages."""


@dataclass(frozen=True, slots=True)
class Built:
    """What a run did: pages read or removed, passages embedded and those whose vector was known."""

    index: str
    pages: int
    removed: int
    embedded: int
    reused: int
    dropped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Status:
    """How far the passages are behind the pages."""

    is_on: bool
    missing_files: tuple[str, ...]
    index: str
    is_read: bool
    published: int
    behind: int
    withdrawn: int

    @property
    def is_in_step(self) -> bool:
        """Whether the passages are those of what is published now."""
        return self.is_read and not self.missing_files and not self.behind and not self.withdrawn


@dataclass(frozen=True, slots=True)
class _Steps:
    """Pages to be read, and pages whose passages have to go."""

    changed: tuple[str, ...]
    gone: tuple[str, ...]


def status() -> Status:
    """Return how far the index is behind.

    Raises:
        EngineDownError: the engine is away.

    """
    steps = _steps()
    is_read = indices.aliased(passages.read_alias()) is not None
    missing = fetching.missing(settings.SEARCH_SEMANTIC_FOLDER)
    published = _wanted().count()
    return Status(settings.SEARCH_SEMANTIC, missing, passages.index_name(), is_read, published, len(steps.changed), len(steps.gone))


def build(*, threads: int = 1, report: Callable[[int], None] = lambda _: None) -> Built:
    """Bring the passages in step with what is published; killed at any moment, the next run goes on.

    Searches use a new index once it has been whole; one of another model is dropped then.

    Raises:
        BusyError: another process does so.
        EngineDownError: the engine is away.
        ModelMissingError: the model or its packages are not there.
        RefusedError: the engine refused passages.

    """
    with indices.locked(_LOCK):
        model = load(settings.SEARCH_SEMANTIC_FOLDER, threads=threads)
        _ensure()
        steps = _steps()
        embedded = reused = 0
        for rows in _in_parts(steps.changed):
            new, old = _write(rows, model)
            embedded, reused = embedded + new, reused + old
            report(len(rows))
        for key in steps.gone:
            _send([], passages_gone=[each["_id"] for each in _held(key)])
            report(1)
        return Built(passages.index_name(), len(steps.changed), len(steps.gone), embedded, reused, _finish())


def _wanted() -> ProjectionQuerySet:
    """Return the pages whose passages are kept: of each text the newest version."""
    return Projection.objects.live().filter(latest=True)


def _steps() -> _Steps:
    held = dict(_walk())
    changed = []
    for key, revision in _wanted().order_by("pk").values_list("pk", "revision").iterator(chunk_size=5000):
        if held.pop(key, None) != revision:
            changed.append(key)
    return _Steps(tuple(changed), tuple(held))


def _walk() -> Iterator[tuple[str, int]]:
    """Yield every page of the index with its revision; nothing where there is no index.

    Raises:
        EngineDownError: the engine is away.

    """
    engine, name = client.writer(), passages.index_name()
    with client.guarded():
        if not engine.indices.exists(index=name):
            return
        engine.indices.refresh(index=name)
        moment = engine.open_point_in_time(index=name, keep_alive="5m")["id"]
        try:
            after: list[Any] | None = None
            while hits := _page(moment, after):
                yield from ((hit["_source"]["id"], hit["_source"]["revision"]) for hit in hits)
                after = hits[-1]["sort"]
        finally:
            engine.close_point_in_time(id=moment)


def _page(moment: str, after: list[Any] | None) -> Sequence[Mapping[str, Any]]:
    answer = client.writer().search(
        size=_PAGE,
        pit={"id": moment, "keep_alive": "5m"},
        query={"term": {"number": 0}},
        sort=[{"_shard_doc": "asc"}],
        search_after=after,
        source_includes=["id", "revision"],
        track_total_hits=False,
    )
    hits: Sequence[Mapping[str, Any]] = answer["hits"]["hits"]
    return hits


def _in_parts(keys: Sequence[str]) -> Iterator[list[Projection]]:
    """Yield pages some at a time, as many as make a good batch; those withdrawn meanwhile are left to the next run."""
    rows: list[Projection] = []
    size = 0
    for start in range(0, len(keys), _PAGE // 10):
        part = _wanted().filter(pk__in=keys[start : start + _PAGE // 10]).defer("title_terms", "body_terms").order_by("pk")
        for row in part:
            rows.append(row)
            size += len(row.body) // (chunking.LONGEST // 4) + 1
            if size >= CHUNKS_PER_WRITE:
                yield rows
                rows, size = [], 0
    if rows:
        yield rows


def _write(rows: Sequence[Projection], model: Model) -> tuple[int, int]:
    """Write the passages of these pages and return how many were embedded, and how many vectors were known."""
    found = {row.pk: chunking.chunks(row.title, row.body)[:MOST_CHUNKS] for row in rows}
    texts = {chunk.digest: chunk.text for chunks in found.values() for chunk in chunks}
    known = _known(list(texts))
    new = [digest for digest in texts if digest not in known]
    known |= dict(zip(new, model.embed_all([texts[digest] for digest in new]), strict=True)) if new else {}
    for row in rows:
        made = passages.sources(row, found[row.pk], [known[chunk.digest] for chunk in found[row.pk]])
        surplus = [each["_id"] for each in _held(row.pk) if each["_id"] not in made]
        _send(list(made.items()), passages_gone=surplus)
    return len(new), sum(map(len, found.values())) - len(new)


def _known(digests: Sequence[str]) -> dict[str, list[float]]:
    """Return the vectors of words that have been read before, on whatever page."""
    found: dict[str, list[float]] = {}
    for start in range(0, len(digests), _PAGE // 2):
        with client.guarded():
            answer = client.writer().search(
                index=passages.index_name(),
                query={"terms": {"digest": list(digests[start : start + _PAGE // 2])}},
                collapse={"field": "digest"},
                size=_PAGE // 2,
                source_includes=["digest", "vector"],
                track_total_hits=False,
            )
        found |= {hit["_source"]["digest"]: hit["_source"]["vector"] for hit in answer["hits"]["hits"]}
    return found


def _held(page: str) -> Sequence[Mapping[str, Any]]:
    """Return the passages the index has of a page."""
    with client.guarded():
        answer = client.writer().search(index=passages.index_name(), query={"term": {"id": page}}, size=_PAGE * 10, source=False)
    hits: Sequence[Mapping[str, Any]] = answer["hits"]["hits"]
    return hits


def _send(made: Sequence[tuple[str, Mapping[str, Any]]], *, passages_gone: Sequence[str]) -> None:
    """Take away what is too much, then write, in order."""
    operations: list[list[Mapping[str, Any]]] = [[{"delete": {"_id": key}}] for key in passages_gone]
    operations += [[{"index": {"_id": key}}, source] for key, source in made]
    for start in range(0, len(operations), _PAGE):
        part = list(itertools.chain.from_iterable(operations[start : start + _PAGE]))
        with client.guarded():
            answer = client.writer().bulk(operations=part, index=passages.index_name())
        results = [next(iter(item.values())) for item in answer["items"]]
        refused = next((each for each in results if "error" in each), None)
        if refused and refused["status"] in client.BUSY:
            raise client.EngineDownError(f"Elasticsearch answered {refused['status']}: {refused['error'].get('type')}")
        if refused:
            raise RefusedError(f"Passage {refused['_id']} was refused: {refused['error'].get('reason')}")


def _ensure() -> None:
    """Make the index where there is none."""
    engine, name = client.writer(), passages.index_name()
    with client.guarded():
        if not engine.indices.exists(index=name):
            engine.indices.create(index=name, **passages.index_body())


def _finish() -> tuple[str, ...]:
    """Let searches use the index, and drop those of other models."""
    engine, name = client.writer(), passages.index_name()
    with client.guarded():
        engine.indices.refresh(index=name)
        engine.indices.put_alias(index=name, name=passages.read_alias())
        others = sorted(set(engine.indices.get(index=passages.pattern(), allow_no_indices=True)) - {name})
        if others:
            engine.indices.delete(index=others)
    return tuple(others)
