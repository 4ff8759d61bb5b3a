"""How soon a published text is found in a large index, and how fast the product writes one beside a bare bulk loop."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import transaction
from elasticsearch import Elasticsearch
from rich.progress import track

from outbox.models import Event
from registry.contract import TenantRef
from search import documents, mapping, selectors, services
from search.contract import Question
from search.indexing.writing import BYTES_PER_BULK, write
from search.models import Projection
from tests.benchmarks import corpus
from tests.benchmarks.measuring import paired_ratio, percentile, summary
from tests.benchmarks.publishing import relay_at_work
from tests.benchmarks.reporting import Figure, Goal, Report
from tests.factories.texts import all_texts

PUBLICATIONS, QUICK_PUBLICATIONS = 30, 3
BLOCKS, QUICK_BLOCKS, BLOCK = 4, 1, 1500
GOAL_SECONDS, GOAL_SHARE = 1.0, 0.7
FIRST_PAGE = 10_000_000  # page ids of what is published here, beyond the corpus
PATIENCE_SECONDS, POLL_SECONDS = 60.0, 0.01


class NeverFoundError(Exception):
    """A published text was not found: something is broken, not slow."""


def measure(report: Report, client: Elasticsearch, sites: Sequence[TenantRef], *, is_quick: bool) -> None:
    """Publish texts, write blocks of documents, and add what it took to the report."""
    found = _publish(sites[1], QUICK_PUBLICATIONS if is_quick else PUBLICATIONS)
    goal = Goal(f"p95 ≤ {GOAL_SECONDS:.0f} s", percentile(found, 0.95) <= GOAL_SECONDS)
    report.figures.append(Figure("published → found", "s", summary(found), goal=goal))
    ours, bare = _write(client, QUICK_BLOCKS if is_quick else BLOCKS)
    share = paired_ratio(ours, bare)
    goal = Goal(f"≥ {GOAL_SHARE:.0%} of the loop's", share >= GOAL_SHARE)
    report.figures.append(Figure("documents written a second", "", summary(ours), summary(bare), share, goal))
    report.details |= {"found": found, "written": ours, "written_bare": bare}


# --- published → found --------------------------------------------------------


def _publish(site: TenantRef, count: int) -> list[float]:
    """Return the seconds from each commit until a search lists the text; all are withdrawn again."""
    scope = selectors.scope_of_city(site.city_slug)
    token = f"{time.time_ns():x}"
    texts = [text for text in all_texts() if text["body"]]
    seconds = []
    with relay_at_work():
        for number in track(range(count + 1), description="publishing", transient=True):
            time.sleep(number / count)  # at moments spread over the refresh interval
            title = f"关于第{number}号事项的公告{token}"
            text = texts[number] | {"title": title, "group": "", "doc_nos": [], "id": f"{token}-{number}"}
            with transaction.atomic():
                services.publish(corpus.document(site, text, page_id=FIRST_PAGE + number))
            began = time.perf_counter()
            while title not in [hit.title for hit in selectors.find(Question(text=title), scope=scope).hits]:
                if time.perf_counter() - began > PATIENCE_SECONDS:
                    raise NeverFoundError(f"{title} was published {PATIENCE_SECONDS:.0f} s ago and is not found.")
                time.sleep(POLL_SECONDS)
            seconds.append(time.perf_counter() - began)
        for number in range(count + 1):
            with transaction.atomic():
                services.withdraw(site, page_id=FIRST_PAGE + number)
        _await_quiet()
    return seconds[1:]  # with the first one the relay starts


def _await_quiet() -> None:
    """Wait until the relay has carried out all there is."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while Event.objects.exists() and time.monotonic() < deadline:
        time.sleep(0.1)


# --- bulk ---------------------------------------------------------------------


def _write(client: Elasticsearch, blocks: int) -> tuple[list[float], list[float]]:
    """Return the documents a second of each block, ours and the bare loop's, in an order that changes."""
    ours, bare = [], []
    with _index(client, "ours") as alias, _index(client, "bare") as other:
        for number in track(range(blocks), description="writing", transient=True):
            first = number * BLOCK
            prepared = _prepared(first)
            if number % 2:
                ours.append(_speed(_ours, first, alias))
            bare.append(_speed(_bare, client, prepared, other))
            if not number % 2:
                ours.append(_speed(_ours, first, alias))
    return ours, bare


@contextmanager
def _index(client: Elasticsearch, name: str) -> Iterator[str]:
    """Make an index of the product's mapping for the block, as a rebuild makes it; return the alias that leads to it."""
    index = f"bench-{settings.ELASTICSEARCH_PREFIX}-{name}"
    body = mapping.index_body(refresh_interval="-1")
    client.indices.delete(index=index, ignore_unavailable=True)
    client.indices.create(index=index, settings=body["settings"], mappings=body["mappings"], aliases={f"{index}-alias": {}})
    try:
        yield f"{index}-alias"
    finally:
        client.indices.delete(index=index)


def _rows(first: int) -> Any:
    live = Projection.objects.live().defer("title_terms", "body_terms")
    return live.filter(page_id__gt=first, page_id__lte=first + BLOCK).order_by("pk")


def _prepared(first: int) -> list[list[dict[str, Any]]]:
    """Return a block as the bare loop sends it: documents made before, as many megabytes at a time as ours."""
    parts: list[list[dict[str, Any]]] = [[]]
    size = 0
    for row in _rows(first):
        action = {"index": {"_id": row.pk, "version": row.revision, "version_type": "external"}}
        parts[-1] += [action, documents.to_source(row)]
        size += len(row.body) * 3 + 2000
        if size >= BYTES_PER_BULK:
            parts.append([])
            size = 0
    return [part for part in parts if part]


def _ours(first: int, alias: str) -> None:
    refused = [answer for answer in write(_rows(first), alias=alias) if not answer.is_settled]
    if refused:
        raise NeverFoundError(f"{len(refused)} documents were refused: {refused[0].reason}")


def _bare(client: Elasticsearch, parts: list[list[dict[str, Any]]], alias: str) -> None:
    for part in parts:
        client.bulk(operations=part, index=alias)


def _speed(work: Callable[..., None], *arguments: Any) -> float:
    began = time.perf_counter()
    work(*arguments)
    return BLOCK / (time.perf_counter() - began)
