"""Puts a corpus into the projection and the index in minutes: rows by COPY, documents by what a rebuild writes them with.

What publishing does beside that is left out: events, the relay's turns, the pairs by which PostgreSQL searches bodies when the engine is
away. `publishing` measures it, and nothing here asks for it.
"""

import dataclasses
import io
import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from elasticsearch import Elasticsearch
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from outbox import relay
from outbox.models import Event
from registry.contract import TenantRef
from search import documents, mapping
from search.indexing import counting, indices
from search.indexing.writing import write
from search.models import Projection, SuggestionSource
from search.suggesting import keeping
from tests.benchmarks import corpus

ROWS_PER_COPY = 1000
MOST_SUGGESTED = 100_000  # titles that are suggested while typing
_COLUMNS = [field.name for field in dataclasses.fields(documents.Row)]
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_NULL = "\\N"


class LoadError(Exception):
    """A document was not taken, or the index does not hold what it should."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """How long loading took, in seconds."""

    documents: int
    rows: float
    suggestions: float
    index: float


def load(sites: Sequence[TenantRef], count: int) -> Loaded:
    """Write the first `count` documents of the corpus to projection, suggestions and a new index; what is there already stays."""
    with Progress(TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn(), transient=True) as progress:
        rows = _timed(lambda: _fill_projection(sites, count, progress))
        suggestions = _timed(lambda: _fill_suggestions(progress))
        index = 0.0 if _is_indexed(count) else _timed(lambda: _fill_index(count, progress))
    return Loaded(count, rows, suggestions, index)


def _timed(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _fill_projection(sites: Sequence[TenantRef], count: int, progress: Progress) -> None:
    task = progress.add_task("rows", total=count)
    for start in range(Projection.objects.count(), count, ROWS_PER_COPY):
        part = corpus.documents(sites, start=start, count=min(ROWS_PER_COPY, count - start))
        _copy(_with_title_terms(documents.to_row(each, file_texts={})) for each in part)
        progress.update(task, completed=start + ROWS_PER_COPY)
    with connection.cursor() as cursor:  # as `services.settle_versions` has it, without events
        cursor.execute(
            'UPDATE search_projection p SET latest = false FROM (SELECT "group", max(version_date) AS newest FROM search_projection '
            'GROUP BY "group" HAVING count(*) > 1) g WHERE p."group" = g."group" AND p.version_date IS DISTINCT FROM g.newest AND p.latest'
        )
        cursor.execute("ANALYZE search_projection")


def _with_title_terms(row: documents.Row) -> documents.Row:
    """Return the row with the pairs of its title, which suggestions use, and without those of its body."""
    return dataclasses.replace(documents.with_terms(dataclasses.replace(row, body="")), body=row.body)


def _copy(rows: Iterable[documents.Row]) -> None:
    names = ", ".join(f'"{name}"' for name in _COLUMNS)
    lines = "".join("\t".join([*(_cell(row, name) for name in _COLUMNS), "1", "live", "t"]) + "\n" for row in rows)
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY search_projection ({names}, revision, state, latest) FROM STDIN", io.StringIO(lines))


def _cell(row: documents.Row, name: str) -> str:
    value: Any = getattr(row, name)
    if value is None:
        return _NULL
    if name in ("title_terms", "body_terms"):
        value = " ".join(_quoted(term, "'") for term in value.split())
    elif name == "files":
        value = json.dumps(value)
    elif isinstance(value, list):
        value = "{" + ",".join(_quoted(part, '"') for part in value) + "}"
    return str(value).translate(_ESCAPES)


def _quoted(text: str, mark: str) -> str:
    inner = text.replace("\\", "\\\\")
    return mark + (inner.replace("'", "''") if mark == "'" else inner.replace(mark, f"\\{mark}")) + mark


def _fill_suggestions(progress: Progress) -> None:
    task = progress.add_task("suggestions", total=MOST_SUGGESTED)
    rows = Projection.objects.live().without_text().order_by("page_id")
    for first in range(SuggestionSource.objects.count(), MOST_SUGGESTED, keeping.BATCH):
        with transaction.atomic():
            keeping.follow(rows.filter(page_id__gt=first, page_id__lte=first + keeping.BATCH))
        progress.update(task, completed=first + keeping.BATCH)
    with connection.cursor() as cursor:
        for table in ("suggestion", "suggestionform", "suggestionsource"):
            cursor.execute(f"ANALYZE search_{table}")


def _fill_index(count: int, progress: Progress) -> None:
    """Fill the index that readers get once it is whole; one that an earlier run left unfinished is gone on with."""
    task = progress.add_task("index", total=count)
    name = _unfinished_index()
    client = Elasticsearch(settings.ELASTICSEARCH_URL, request_timeout=600)
    client.indices.put_settings(index=name, settings={"index": {"refresh_interval": "-1"}})
    client.indices.refresh(index=name)
    last = client.search(index=name, sort=[{"id": "desc"}], size=1, source=False)["hits"]["hits"]
    progress.update(task, completed=client.count(index=name)["count"])
    rows = Projection.objects.live().defer("title_terms", "body_terms").filter(pk__gt=last[0]["_id"] if last else "").order_by("pk")
    for answer in write(rows.iterator(chunk_size=ROWS_PER_COPY), alias=mapping.write_alias()):
        if not answer.is_settled:
            raise LoadError(f"{answer.key} was refused: {answer.reason}")
        progress.advance(task)
    indices.settle(name)
    client.indices.refresh(index=name)
    if (there := counting.counts_in(name).total()) != count:
        raise LoadError(f"The index holds {there} of {count} documents. Remove var/bench and build again.")
    indices.swap(name)
    Event.objects.all().delete()  # a first index is made with one event for every row that was there


def _unfinished_index() -> str:
    """Return the index that is being filled, of today's mapping; a new one where there is none."""
    name = indices.aliased(mapping.write_alias())
    if name and (name == indices.aliased(mapping.read_alias()) or not _is_of_today(name)):
        indices.drop([name])
        name = None
    if name is None:
        relay.prepare()
    return name or str(indices.aliased(mapping.write_alias()))


def _is_indexed(count: int) -> bool:
    """Whether readers use an index of today's mapping with all documents."""
    name = indices.aliased(mapping.read_alias())
    return name is not None and counting.counts_in(name).total() == count and _is_of_today(name)


def _is_of_today(name: str) -> bool:
    """Whether an index was made with today's fields: by name, since one of an earlier release learns fields that its documents lack."""
    return f"-v{mapping.VERSION}-" in name and indices.hash_of(name) == mapping.mapping_hash()
