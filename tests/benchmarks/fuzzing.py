"""Twenty thousand hostile queries through the whole application: none may break it, find what nobody may see, or take long."""

import json
import random
from collections import Counter
from urllib.parse import quote

from django.conf import settings
from django.db import transaction
from elasticsearch import Elasticsearch
from rich.progress import track

from outbox import relay
from registry.contract import State
from registry.services import change_state
from search import mapping
from tests.benchmarks.asking import ask
from tests.benchmarks.measuring import Meter, percentile, summary
from tests.benchmarks.options import Options
from tests.benchmarks.reporting import Figure, Goal, Report
from tests.factories.documents import document, publish, withdraw
from tests.factories.hostile import hostile
from tests.factories.sites import open_sites

QUERIES, QUICK_QUERIES = 20_000, 500
TEXTS = 200  # on each of two sites
GOAL_MS = 1000.0
SEED = 20261125
OK, TOO_LARGE, WRONG = 200, 414, 422
HOST = "taiyuan.localhost"
HOW = (
    "One client, the JSON interface through all middleware; every text of one site, every second text of the other is published,",
    "the rest withdrawn, the other site suspended halfway. An answer but 200, 414, 422, or a text nobody may see, ends the run.",
)


class LeakError(Exception):
    """Something was shown that is not published, or the application broke."""


def run(options: Options) -> Report:
    """Ask hostile queries and return what they took."""
    portal, other = open_sites("taiyuan", "xiaodian")
    relay.prepare()
    with transaction.atomic():
        publish(
            *(
                document(site, number, title=f"停车税第{number}号国令", body="laodongfa 停车怎么办 🙂 _")
                for site in (portal, other)
                for number in range(TEXTS)
            )
        )
    for number in range(0, TEXTS, 2):
        withdraw(other, number)
    relay.drain()
    Elasticsearch(settings.ELASTICSEARCH_URL, request_timeout=30).indices.refresh(index=mapping.read_alias())
    allowed = {document(portal, number).key for number in range(TEXTS)}
    also = {document(other, number).key for number in range(1, TEXTS, 2)}
    dice, samples, statuses = random.Random(SEED), [], Counter[int]()  # noqa: S311 - the same queries in every run
    count = QUICK_QUERIES if options.is_quick else QUERIES
    for number in track(range(count), description="asking", transient=True):
        if number == count // 2:
            change_state(other, State.SUSPENDED)
        query = hostile(dice)
        meter = Meter(database=False)
        answer = ask(HOST, f"/api/search/?scope=city&size=50&q={quote(query, errors='surrogatepass')}")
        samples.append(meter.seconds() * 1000)
        statuses[answer.status] += 1
        if answer.status not in (OK, TOO_LARGE, WRONG):
            raise LeakError(f"{query[:200]!r} was answered with {answer.status}.")
        if answer.status == OK and (
            shown := {hit["id"] for hit in json.loads(answer.body)["hits"]} - allowed - (also if number < count // 2 else set())
        ):
            raise LeakError(f"{query[:200]!r} found {sorted(shown)[:3]}.")
    p99 = percentile(samples, 0.99)
    report = Report("fuzz", f"{count:,} hostile queries", HOW, "")
    report.figures.append(Figure("a query", "ms", summary(samples), goal=Goal(f"p99 ≤ {GOAL_MS:.0f} ms", p99 <= GOAL_MS)))
    report.notes.append(f"p99 {p99:.1f} ms. Answers by status: {dict(statuses)}. Server errors: 0. Shown of what nobody may see: 0.")
    return report
