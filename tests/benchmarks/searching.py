"""What the application adds to a search: the same bodies sent straight to the engine, the search function, the API and the page."""

import functools
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import quote

from django.conf import settings
from elasticsearch import Elasticsearch
from rich.progress import track

from outbox import relay
from search import mapping, selectors
from search.contract import Question
from search.querying.bodies import Purpose, body
from tests.benchmarks import corpus, loading
from tests.benchmarks.asking import ask
from tests.benchmarks.measuring import SEED, Meter, paired_ratio, percentile, summary
from tests.benchmarks.options import Options
from tests.benchmarks.reporting import Figure, Goal, Report
from tests.factories.texts import all_texts, queries

QUERIES, QUICK_QUERIES, WARM_UP = 300, 20, 30
QUICK_DOCUMENTS = 300
BATCH = 500
WINDOW = 2000  # characters of a multiplied text
REPOSTS = 4  # every fourth copy is the same text on another site
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
    """Load texts, ask queries in all ways and return what they took."""
    count = options.documents[0] if options.documents else QUICK_DOCUMENTS if options.is_quick else len(all_texts())
    relay.prepare()
    loaded = loading.load(corpus.open_city(), count)
    report = Report("search", f"{count:,} documents on {corpus.SITES} sites", HOW)
    report.notes.append(str(loaded))
    if options.is_built_only:
        return report
    asked = [query["query"] for query in queries()]
    random.Random(SEED).shuffle(asked)  # noqa: S311 - the same order in every run
    client = Elasticsearch(settings.ELASTICSEARCH_URL, request_timeout=30)
    ways = _ways(client)
    for query in asked[-WARM_UP:]:
        for way in ways.values():
            way(query)
    samples = _ask(client, ways, asked[: QUICK_QUERIES if options.is_quick else QUERIES])
    return _report(samples, count, 1)


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
    title = f"{len(raw.wall)} searches among {count:,} documents on {corpus.SITES} sites"
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
