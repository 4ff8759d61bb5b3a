"""What the application adds to a search: the same bodies sent straight to the engine, the search function, the API and the page."""

import functools
import random
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from datetime import time as clock
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from elasticsearch import Elasticsearch
from rich.progress import Progress, track

from outbox import relay
from registry.contract import TenantRef
from registry.models import Region
from search import mapping, selectors, services
from search.contract import Category, PageKind, Question, SearchDocument, Validity
from search.querying.bodies import Purpose, body
from tests.benchmarks.asking import ask
from tests.benchmarks.measuring import Meter, paired_ratio, percentile, summary
from tests.benchmarks.options import Options
from tests.benchmarks.reporting import Figure, Goal, Report
from tests.factories.sites import COUNTIES, open_sites
from tests.factories.texts import all_texts, queries

QUERIES, QUICK_QUERIES, WARM_UP = 300, 20, 30
QUICK_DOCUMENTS = 300
SITES = 12
BATCH = 500
WINDOW = 2000  # characters of a multiplied text
REPOSTS = 4  # every fourth copy is the same text on another site
SEED = 20261124
GOAL_RATIO, GOAL_MS, GOAL_DOCUMENTS = 1.3, 70.0, 100_000
OK = 200
HOST = "taiyuan.localhost"
FOUND, API, PAGE, RAW = "search function", "JSON through all middleware", "page through all middleware", "the engine alone"
HOW = (
    "One client, labelled queries shuffled with a fixed seed, scope the whole city, ten hits.",
    "Each query is asked in all ways, one after the other, in an order that rotates. The reference, the engine alone:",
    "the product's own bodies (hits and counts in one `_msearch`), built before, sent by a plain client.",
    "Before each, the engine's cache of whole answers is emptied; its other caches are warm.",
    "Ratio: the median of the queries' own ratios to the engine alone.",
)


class WrongAnswerError(Exception):
    """An answer that does not come from the engine: its speed means nothing."""


def run(options: Options) -> Report:
    """Index texts, ask queries in all ways and return what they took."""
    sites = open_sites("taiyuan", *COUNTIES, *[f"dept-{number}" for number in range(SITES - 1 - len(COUNTIES))])
    relay.prepare()
    count = options.documents or (QUICK_DOCUMENTS if options.is_quick else len(all_texts()))
    indexed, seconds = index_texts(sites, count)
    asked = [query["query"] for query in queries()]
    random.Random(SEED).shuffle(asked)  # noqa: S311 - the same order in every run
    client = Elasticsearch(settings.ELASTICSEARCH_URL, request_timeout=30)
    ways = _ways(client)
    for query in asked[-WARM_UP:]:
        for way in ways.values():
            way(query)
    samples = _ask(client, ways, asked[: QUICK_QUERIES if options.is_quick else QUERIES])
    return _report(samples, indexed, seconds)


# --- what is searched ---------------------------------------------------------


def index_texts(sites: Sequence[TenantRef], count: int) -> tuple[int, float]:
    """Write documents through the projection and the relay; return how many, and the seconds."""
    began = time.perf_counter()
    documents = _documents(sites, count)
    with Progress(transient=True) as progress:
        task = progress.add_task("indexing", total=count)
        for start in range(0, count, BATCH):
            with transaction.atomic():
                services.publish_many(next(documents) for _ in range(min(BATCH, count - start)))
            relay.drain()
            progress.advance(task, BATCH)
    Elasticsearch(settings.ELASTICSEARCH_URL, request_timeout=120).indices.refresh(index=mapping.read_alias())
    return count, time.perf_counter() - began


def _documents(sites: Sequence[TenantRef], count: int) -> Iterator[SearchDocument]:
    """Yield the texts, then copies of them with a county's name before the title; every fourth copy is a plain repost."""
    texts = all_texts()
    chance = random.Random(SEED)  # noqa: S311 - the same documents in every run
    places = [name for name, level in Region.objects.order_by("code").values_list("name", "level") if level == Region.Level.COUNTY]
    for number in range(count):
        text = texts[number % len(texts)]
        site = sites[number % len(sites)]
        if number < len(texts):
            yield _document(text, site, page_id=number + 1)
            continue
        start = chance.randrange(max(1, len(text["body"]) - WINDOW))
        changes = {"body": text["body"][start : start + WINDOW], "id": f"{text['id']}-{number}"}
        if number % REPOSTS:
            changes |= {"title": chance.choice(places) + text["title"], "group": f"copy-{number}"}
        yield _document(text | changes, site, page_id=number + 1)


def _document(text: dict[str, Any], site: TenantRef, *, page_id: int) -> SearchDocument:
    published = next((text[name] for name in ("published", "promulgated", "version_date") if text.get(name)), "")
    kind, validity = text.get("kind"), text.get("validity")
    return SearchDocument(
        tenant=site,
        page_id=page_id,
        title=text["title"],
        kind=PageKind.DOCUMENT,
        category=Category(kind) if kind in set(Category) else None,
        path=f"/zwgk/flfg/{page_id}/",
        body=text["body"],
        source_id=text["id"],
        doc_nos=tuple(text.get("doc_nos") or ()),
        issuer=text.get("issuer") or "",
        place=text.get("region") or "",
        published_at=timezone.make_aware(datetime.combine(date.fromisoformat(published), clock(8))) if published else None,
        validity=Validity(validity) if validity in set(Validity) else Validity.UNKNOWN,
        group=text.get("group") or "",
        version_date=date.fromisoformat(text["version_date"]) if text.get("version_date") else None,
    )


# --- ways to ask --------------------------------------------------------------


def _ways(client: Elasticsearch) -> dict[str, Callable[[str], None]]:
    scope = selectors.scope_of_city("taiyuan")
    header = {"index": mapping.read_alias()}

    @functools.cache
    def bodies(query: str) -> list[dict[str, Any]]:
        question = Question(text=query)
        return [part for purpose in (Purpose.HITS, Purpose.COUNTS) for part in (header, body(purpose, question, scope=scope))]

    def raw(query: str) -> None:
        client.msearch(searches=bodies(query))

    def function(query: str) -> None:
        if selectors.find(Question(text=query), scope=selectors.scope_of_city("taiyuan")).is_degraded:
            raise WrongAnswerError(f"{query!r} was answered without the engine.")

    for query in queries():
        bodies(query["query"])  # made beforehand: the engine alone has nothing to build
    return {RAW: raw, FOUND: function, API: lambda query: _get("/api/search/", query), PAGE: lambda query: _get("/search/", query)}


def _get(path: str, query: str) -> None:
    answer = ask(HOST, f"{path}?q={quote(query)}")
    if answer.status != OK or re.search(rb'"degraded": ?true', answer.body):
        raise WrongAnswerError(f"{path} answered {answer.status} to {query!r}.")


@dataclass(frozen=True, slots=True)
class _Samples:
    """Milliseconds of one way to ask, query by query: by the clock, and of this process's processor."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)


def _ask(client: Elasticsearch, ways: dict[str, Callable[[str], None]], asked: Sequence[str]) -> dict[str, _Samples]:
    """Return what each way took, query by query."""
    names = list(ways)
    samples = {name: _Samples() for name in names}
    for number, query in enumerate(track(asked, description="asking", transient=True)):
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            client.indices.clear_cache(index=mapping.read_alias(), request=True)
            meter = Meter(database=False)
            ways[name](query)
            spent = meter.spent()
            samples[name].wall.append(spent.wall * 1000)
            samples[name].cpu.append(spent.cpu * 1000)
    return samples


def _report(samples: dict[str, _Samples], count: int, seconds: float) -> Report:
    raw = samples[RAW]
    title = f"{len(raw.wall)} searches among {count:,} documents on {SITES} sites"
    report = Report("search", title, HOW, "median of the queries' ratios, ours : the engine alone")
    for name in (FOUND, API, PAGE):
        wall = samples[name].wall
        times = paired_ratio(wall, raw.wall)
        goals = {FOUND: Goal(f"≤ {GOAL_RATIO} ×", times <= GOAL_RATIO)}
        if count >= GOAL_DOCUMENTS:
            goals[PAGE] = Goal(f"p95 ≤ {GOAL_MS:.0f} ms", percentile(wall, 0.95) <= GOAL_MS)
        report.figures.append(Figure(name, "ms", summary(wall), summary(raw.wall), times, goals.get(name)))
        cpu = samples[name].cpu
        report.figures.append(Figure("  Python's CPU", "ms", summary(cpu), summary(raw.cpu), paired_ratio(cpu, raw.cpu)))
    if count < GOAL_DOCUMENTS:
        report.notes.append(
            f"p95 ≤ {GOAL_MS:.0f} ms is the goal at {GOAL_DOCUMENTS:,} documents: `--documents {GOAL_DOCUMENTS}` measures it."
        )
    report.notes.append(f"{count:,} documents written through projection and relay in {seconds:.0f} s, {count / seconds:.0f} a second.")
    report.details = {name: asdict(each) for name, each in samples.items()}
    return report
