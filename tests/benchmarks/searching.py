"""What a search takes as the index grows: the search function, the API and the page beside the very same requests sent straight."""

import datetime as dt
import json
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from urllib.parse import quote

from django.conf import settings
from django.core.management import call_command
from elasticsearch import Elasticsearch
from rich.progress import track

from outbox import relay
from provisioning.fleet import migrating
from provisioning.fleet.contract import FleetOptions
from registry.contract import TenantRef
from search import correcting, mapping
from search.curation.current import rules_for
from search.documents import CHINA
from search.requests.parameters import Reach
from search.requests.understanding import understand
from tests.benchmarks import corpus, engines, indexing, loading, suggesting
from tests.benchmarks.asking import HOST, OK, WrongAnswerError, ask
from tests.benchmarks.loading import Loaded
from tests.benchmarks.measuring import SEED, Meter, paired_ratio, percentile, summary
from tests.benchmarks.options import Options
from tests.benchmarks.reporting import Figure, Goal, Report
from tests.benchmarks.straight import straight
from tests.factories.texts import all_texts, queries

QUERIES, QUICK_QUERIES, WARM_UP = 300, 20, 30
QUICK_DOCUMENTS = 300
GOAL_RATIO = 1.3
GOALS_MS = {100_000: 70.0, 500_000: 150.0, 1_000_000: 250.0}  # p95 of the function: query, facets, folding, marks
FOUND, API, PAGE, RAW = "search function", "JSON through all middleware", "page through all middleware", "the engine alone"
HOW = (
    "One client, labelled queries shuffled with a fixed seed, scope the whole city, ten hits, corrections included.",
    "Each query is asked in all ways, one after the other, in an order that rotates. The reference, the engine alone: every request the",
    "search function sends for that query, kept beforehand, sent again by a plain client; what the product sends side by side goes in one",
    "`_msearch`. Before each, the engine's cache of whole answers is emptied; its other caches are warm. Ratio: the median of the queries'",
    "own ratios. Suggestions: beside a bare prefix query. Findable: beside the goal, a relay as a process of its own. Bulk: the product's",
    "writing out of PostgreSQL, beside a bare loop over documents made before.",
)


def run(options: Options) -> Report:
    """Load texts, ask queries in all ways, type, publish and write, and return what it took."""
    count = options.documents[0] if options.documents else QUICK_DOCUMENTS if options.is_quick else len(all_texts())
    if options.is_kept:
        call_command("migrate_schemas", shared=True, verbosity=0, interactive=False)  # an earlier release of the code may have built it
        migrating.migrate(FleetOptions())
    relay.prepare()
    sites = corpus.open_city()
    loaded = loading.load(sites, count)
    name = f"built-{count}" if options.is_built_only else f"search-{count}"
    report = Report(name, f"{count:,} documents on {len(sites)} sites", HOW, "median of the pairs' own ratios")
    report.notes.append(_told(loaded))
    if options.is_built_only:
        return report
    client = Elasticsearch(settings.ELASTICSEARCH_URL, request_timeout=60)
    _searching(report, client, sites[0], count, QUICK_QUERIES if options.is_quick else QUERIES)
    suggesting.measure(report, client, is_quick=options.is_quick)
    indexing.measure(report, client, sites, is_quick=options.is_quick)
    report.details["documents"] = count
    report.notes += _growth(report, count)
    return report


def _told(loaded: Loaded) -> str:
    if not loaded.index:
        return "The index of an earlier run was used."
    parts = f"rows in {loaded.rows:.0f} s, suggestions in {loaded.suggestions:.0f} s, index in {loaded.index:.0f} s"
    return f"Loaded: {parts} ({loaded.documents / loaded.index:.0f} a second, where nothing was left of an earlier run)."


# --- ways to ask --------------------------------------------------------------


def _searching(report: Report, client: Elasticsearch, portal: TenantRef, count: int, most: int) -> None:
    asked = [query["query"] for query in queries()]
    random.Random(SEED).shuffle(asked)  # noqa: S311 - the same order in every run
    chosen = asked[:most]
    ways: dict[str, Callable[[str], object]] = {
        FOUND: lambda query: _find(query, portal),
        API: lambda query: _get("/api/search/", query),
        PAGE: lambda query: _get("/search/", query),
    }
    for query in asked[-WARM_UP:]:
        for way in ways.values():
            way(query)
    again = {query: straight(client, lambda query=query: _find(query, portal)) for query in chosen}  # type: ignore[misc] # bound here
    samples = _ask(client, {RAW: lambda query: again[query](), **ways}, chosen)
    raw = samples[RAW]
    for name in ways:
        wall, cpu = samples[name].wall, samples[name].cpu
        times = paired_ratio(wall, raw.wall)
        goals = [Goal(f"≤ {GOAL_RATIO} ×", times <= GOAL_RATIO)] if name == FOUND else []
        if name != API and count in GOALS_MS:
            goals.append(Goal(f"p95 ≤ {GOALS_MS[count]:.0f} ms", percentile(wall, 0.95) <= GOALS_MS[count]))
        report.figures.append(Figure(name, "ms", summary(wall), summary(raw.wall), times, goals[0] if goals else None))
        report.figures += [Figure("  the same", "ms", summary(wall), goal=goal) for goal in goals[1:]]
        report.figures.append(Figure("  Python's CPU", "ms", summary(cpu), summary(raw.cpu), paired_ratio(cpu, raw.cpu)))
        report.notes.append(f"p95 of {name} : p95 of {RAW}: {percentile(wall, 0.95) / percentile(raw.wall, 0.95):.2f} ×.")
    report.details |= {name: asdict(each) for name, each in samples.items()} | {"queries": chosen}


def _find(query: str, portal: TenantRef) -> None:
    asked = understand({"q": query}, tenant=portal, default_reach=Reach.CITY)
    rules = rules_for(portal, today=dt.datetime.now(CHINA).date())
    if correcting.find(asked.question, scope=asked.scope, rules=rules).is_degraded:
        raise WrongAnswerError(f"{query!r} was answered without the engine.")


def _get(path: str, query: str) -> None:
    answer = ask(HOST, f"{path}?q={quote(query)}")
    if answer.status != OK or re.search(rb'"degraded": ?true', answer.body):
        raise WrongAnswerError(f"{path} answered {answer.status} to {query!r}.")


@dataclass(frozen=True, slots=True)
class _Samples:
    """Milliseconds of one way to ask, query by query: by the clock, and of this process's processor."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)


def _ask(client: Elasticsearch, ways: dict[str, Callable[[str], object]], asked: Sequence[str]) -> dict[str, _Samples]:
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


# --- growth -------------------------------------------------------------------


def _growth(report: Report, count: int) -> list[str]:
    """Say how the figures grew from the smaller sizes measured before on this machine's copy to this one."""
    said = []
    for path in sorted(engines.HOME.glob("search-*.json"), key=lambda path: int(path.stem.split("-")[1])):
        before = json.loads(path.read_text(encoding="utf-8"))
        smaller = before["details"].get("documents", 0)
        if not 0 < smaller < count:
            continue
        known = {figure["what"]: figure["ours"] for figure in before["figures"]}
        grown = [
            f"{figure.what} {figure.ours.p50 / known[figure.what]['p50']:.2f} × (p95 {figure.ours.p95 / known[figure.what]['p95']:.2f} ×)"
            for figure in report.figures
            if figure.what in known and not figure.what.startswith(" ")
        ]
        said.append(f"Growth from {smaller:,} to {count:,} documents ({before['measured_at'][:16]}), p50: {'; '.join(grown)}.")
    return said
