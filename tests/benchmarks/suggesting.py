"""What suggestions take while somebody types: function and address, beside a bare prefix query of the engine over the same titles."""

import random
from collections.abc import Callable, Sequence
from dataclasses import asdict
from urllib.parse import quote

from django.conf import settings
from elasticsearch import Elasticsearch
from rich.progress import track

from outbox import relay
from search import mapping, selectors
from search.analysis.pinyin import spellings
from search.curation.rules import NO_RULES
from search.suggesting.finding import MOST, suggest
from search.suggesting.forms import typed_form
from tests.benchmarks.asking import ask
from tests.benchmarks.measuring import SEED, Meter, paired_ratio, percentile, summary
from tests.benchmarks.options import Options
from tests.benchmarks.reporting import Figure, Goal, Report
from tests.benchmarks.searching import HOST, OK, WrongAnswerError
from tests.factories.sites import COUNTIES, open_sites
from tests.factories.texts import all_texts, queries

BEGINNINGS, QUICK_BEGINNINGS, WARM_UP = 600, 40, 40
GOAL_MS = 50.0
FUNCTION, ADDRESS, RAW = "suggest function", "JSON through all middleware", "the engine alone"
HOW = (
    "One client, scope the whole city. Typed: the first 1 to 6 characters of the labelled queries, of their pinyin and first letters,",
    "shuffled with a fixed seed. Reference: a plain client asks the engine for eight titles whose exact form, pinyin or first letters",
    "begin so; without scope, without titles that hold it inside, without any check of visibility.",
    "Ratio: the median of the beginnings' own ratios.",
)


def run(options: Options) -> Report:
    """Index texts, type beginnings and return what the answers took."""
    sites = open_sites("taiyuan", *COUNTIES, *[f"dept-{number}" for number in range(SITES - 1 - len(COUNTIES))])
    relay.prepare()
    count, seconds = index_texts(sites, options.documents or (QUICK_DOCUMENTS if options.is_quick else len(all_texts())))
    typed = _beginnings()
    client = Elasticsearch(settings.ELASTICSEARCH_URL, request_timeout=30)
    ways: dict[str, Callable[[str], int]] = {
        RAW: lambda text: _raw(client, text),
        FUNCTION: lambda text: len(suggest(text, scope=selectors.scope_of_city("taiyuan"), rules=NO_RULES)),
        ADDRESS: _address,
    }
    for text in typed[-WARM_UP:]:
        for way in ways.values():
            way(text)
    taken, found = _type(ways, typed[: QUICK_BEGINNINGS if options.is_quick else BEGINNINGS])
    report = Report(
        "suggest", f"{len(taken[RAW])} beginnings among {count:,} titles on {SITES} sites", HOW, "median of the beginnings' ratios"
    )
    for name in (FUNCTION, ADDRESS):
        goal = Goal(f"p95 ≤ {GOAL_MS:.0f} ms", percentile(taken[name], 0.95) <= GOAL_MS)
        report.figures.append(Figure(name, "ms", summary(taken[name]), summary(taken[RAW]), paired_ratio(taken[name], taken[RAW]), goal))
    report.notes.append(f"{found} of {len(taken[RAW])} beginnings had suggestions; {count:,} titles written in {seconds:.0f} s.")
    report.details = {"milliseconds": taken, "options": asdict(options)}
    return report


def _beginnings() -> list[str]:
    found: dict[str, None] = {}
    for row in queries():
        query = row["query"]
        full, initials = spellings([query])
        for text in (query, *full[:1], *initials[:1]):
            found.update(dict.fromkeys(text[:length] for length in range(1, 7) if len(text) >= length))
    typed = list(found)
    random.Random(SEED).shuffle(typed)  # noqa: S311 - the same order in every run
    return typed


def _raw(client: Elasticsearch, text: str) -> int:
    form = typed_form(text)
    fields = ("title_keys", "py_full", "py_init")
    query = {"bool": {"should": [{"prefix": {field: form}} for field in fields], "filter": [{"term": {"state": "live"}}]}}
    return len(client.search(index=mapping.read_alias(), query=query, size=MOST, source_includes=["title"])["hits"]["hits"])


def _address(text: str) -> int:
    answer = ask(HOST, f"/search/suggest/?q={quote(text)}")
    if answer.status != OK:
        raise WrongAnswerError(f"{text!r} was answered with {answer.status}.")
    return answer.body.count(b'"text"')


def _type(ways: dict[str, Callable[[str], int]], typed: Sequence[str]) -> tuple[dict[str, list[float]], int]:
    """Return what each way took, beginning by beginning, in an order that rotates; and how many had suggestions."""
    names = list(ways)
    taken: dict[str, list[float]] = {name: [] for name in names}
    found = 0
    for number, text in enumerate(track(typed, description="typing", transient=True)):
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            meter = Meter(database=False)
            count = ways[name](text)
            taken[name].append(meter.spent().wall * 1000)
            found += bool(count) and name == FUNCTION
    return taken, found
