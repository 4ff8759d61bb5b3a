"""What suggestions take while somebody types: function and address, beside a bare prefix query of the engine over the same titles."""

import random
from collections.abc import Callable, Sequence
from urllib.parse import quote

from elasticsearch import Elasticsearch
from rich.progress import track

from search import mapping, selectors
from search.analysis.pinyin import spellings
from search.curation.rules import NO_RULES
from search.models import Suggestion
from search.suggesting.finding import MOST, suggest
from search.suggesting.forms import typed_form
from tests.benchmarks.asking import HOST, OK, WrongAnswerError, ask
from tests.benchmarks.measuring import SEED, Meter, paired_ratio, percentile, summary
from tests.benchmarks.reporting import Figure, Goal, Report
from tests.factories.texts import queries

BEGINNINGS, QUICK_BEGINNINGS, WARM_UP = 400, 40, 40
GOAL_MS = 50.0
FUNCTION, ADDRESS, RAW = "suggest function", "suggestions through all middleware", "the engine alone"


def measure(report: Report, client: Elasticsearch, *, is_quick: bool) -> None:
    """Type the first 1 to 6 characters of queries, of their pinyin and first letters, and add what the answers took to the report.

    The reference asks the engine for eight titles whose exact form, pinyin or first letters begin so; without scope, without titles that
    hold it inside, without any check of visibility.
    """
    typed = _beginnings()
    ways: dict[str, Callable[[str], int]] = {
        RAW: lambda text: _raw(client, text),
        FUNCTION: lambda text: len(suggest(text, scope=selectors.scope_of_city("taiyuan"), rules=NO_RULES)),
        ADDRESS: _address,
    }
    for text in typed[-WARM_UP:]:
        for way in ways.values():
            way(text)
    taken, found = _type(ways, typed[: QUICK_BEGINNINGS if is_quick else BEGINNINGS])
    for name in (FUNCTION, ADDRESS):
        goal = Goal(f"p95 ≤ {GOAL_MS:.0f} ms", percentile(taken[name], 0.95) <= GOAL_MS)
        report.figures.append(Figure(name, "ms", summary(taken[name]), summary(taken[RAW]), paired_ratio(taken[name], taken[RAW]), goal))
    titles = Suggestion.objects.count()
    report.notes.append(f"{found} of {len(taken[RAW])} beginnings had suggestions, out of {titles:,} different titles.")
    report.details["suggest_milliseconds"] = taken


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
