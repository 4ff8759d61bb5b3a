"""How soon a published page is found and a withdrawn one is gone, with a relay at work; and how fast texts are imported."""

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from elasticsearch import Elasticsearch
from rich.progress import track

from outbox import relay
from registry.contract import TenantRef
from registry.schemas import in_schema_of
from search import mapping
from tests.benchmarks import engines
from tests.benchmarks.asking import ask
from tests.benchmarks.measuring import Meter, Spent, percentile, ratio, summary
from tests.benchmarks.options import Options
from tests.benchmarks.reporting import Figure, Goal, Report
from tests.factories.pages import publish_document
from tests.factories.sites import open_sites
from tests.factories.texts import all_texts

PUBLICATIONS, QUICK_PUBLICATIONS = 60, 5
TEXTS, QUICK_TEXTS = 400, 30
SEED = 20261124
PATIENCE_SECONDS = 20.0
POLL_SECONDS = 0.01
GOAL_FOUND_SECONDS, GOAL_TEXTS_A_SECOND = 2.0, 30
OK = 200
FLOOR = "bench-publishing-floor"  # an index of its own with the product's settings
HOW = (
    "Publishing is Wagtail's `save_revision().publish()` in one transaction; the clock starts when it is committed.",
    "`manage.py relay run` is a process of its own.",
    "Found: `/api/search/` on another site of the city, through all middleware, lists the page. Gone: it no longer does.",
    "The reference is the floor: one document written with the plain client into an index of the same mapping and refresh interval,",
    "looked for until a search sees it; by turns with ours, at moments spread evenly over the refresh interval.",
    "Whoever waits asks every 10 ms. The import is the command `content import`, in process.",
)


class NeverSeenError(Exception):
    """What was waited for did not come: something is broken, not slow."""


def run(options: Options) -> Report:
    """Publish, withdraw and import; return what it took."""
    site, _portal = open_sites("xiaodian", "taiyuan")
    relay.prepare()
    client = Elasticsearch(settings.ELASTICSEARCH_URL, request_timeout=30)
    body = mapping.index_body()
    client.indices.create(index=FLOOR, settings=body["settings"], mappings=body["mappings"])
    with relay_at_work():
        samples = _Samples(client, site)
        for number in track(range(QUICK_PUBLICATIONS if options.is_quick else PUBLICATIONS), description="publishing", transient=True):
            samples.take(number)
        imported = _import(client, site, QUICK_TEXTS if options.is_quick else TEXTS)
    return _report(samples, imported)


@contextmanager
def relay_at_work() -> Iterator[None]:
    """Let `manage.py relay run` work as a process of its own in the block."""
    log = engines.HOME / "relay.log"
    with log.open("wb") as stream:
        process = subprocess.Popen([sys.executable, "manage.py", "relay", "run"], cwd=engines.ROOT, stdout=stream, stderr=stream)
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


class _Samples:
    """Takes one sample of each sort at a time; seconds."""

    def __init__(self, client: Elasticsearch, site: TenantRef) -> None:
        self._client, self._site = client, site
        self._random = random.Random(SEED)  # noqa: S311 - the same order in every run
        self._texts = self._random.sample([text for text in all_texts() if text["body"]], PUBLICATIONS)
        self.publish: list[float] = []
        self.found: list[float] = []
        self.withdraw: list[float] = []
        self.gone: list[float] = []
        self.stale = 0
        self.floor: list[float] = []

    def take(self, number: int) -> None:
        """Publish, wait until found; write plainly, wait until seen; withdraw, wait until gone."""
        text = self._texts[number]
        title = f"{text['title'][:60]}（样本{number:03d}）"
        self._pause()
        began = time.perf_counter()
        with in_schema_of(self._site):
            page = publish_document(title, text["body"], slug=f"sample-{number}")
        self.publish.append(time.perf_counter() - began)
        self.found.append(_await(lambda: _lists(title, page.url_path)))
        self._pause()
        self.floor.append(self._plain_write(f"sample-{number}"))
        began = time.perf_counter()
        with in_schema_of(self._site), transaction.atomic():
            page.unpublish()
        self.withdraw.append(time.perf_counter() - began)
        began = time.perf_counter()
        is_stale = _lists(title, page.url_path)
        self.stale += is_stale
        if is_stale:
            _await(lambda: not _lists(title, page.url_path))
        self.gone.append(time.perf_counter() - began)

    def _pause(self) -> None:
        """Wait some part of a refresh interval, so that no sample begins right after a refresh."""
        time.sleep(self._random.random() * 0.5)

    def _plain_write(self, key: str) -> float:
        self._client.index(index=FLOOR, id=key, document={"id": key, "state": "live"})
        return _await(lambda: self._client.search(index=FLOOR, query={"term": {"id": key}}, size=1)["hits"]["hits"])


def _lists(title: str, url_path: str) -> bool:
    """Whether a search on the portal lists the page."""
    answer = ask("taiyuan.localhost", f"/api/search/?q={quote(title)}&size=20")
    document = json.loads(answer.body)
    if answer.status != OK or document["degraded"]:
        raise NeverSeenError(f"The search answered {answer.status}, degraded: {document.get('degraded')}.")
    address = "/" + url_path.strip("/").partition("/")[2] + "/"
    return any(hit["url"].endswith(address) for hit in document["hits"])


def _await(is_there: Callable[[], object]) -> float:
    """Return the seconds until something is so.

    Raises:
        NeverSeenError: it was not so within PATIENCE_SECONDS.

    """
    began = time.perf_counter()
    while not is_there():
        if time.perf_counter() - began > PATIENCE_SECONDS:
            raise NeverSeenError(f"Nothing was seen within {PATIENCE_SECONDS:.0f} s; is the relay alive? See var/bench/relay.log.")
        time.sleep(POLL_SECONDS)
    return time.perf_counter() - began


@dataclass(frozen=True, slots=True)
class _Imported:
    """How many texts, what the command spent, and the seconds until all were in the index."""

    count: int
    spent: Spent
    seconds_until_found: float


def _import(client: Elasticsearch, site: TenantRef, count: int) -> _Imported:
    """Import texts through the command and wait until the relay has carried all to the index."""
    texts = random.Random(SEED).sample([text for text in all_texts() if text["body"]], count)  # noqa: S311 - the same texts in every run
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "texts.jsonl"
        path.write_text("".join(json.dumps(text, ensure_ascii=False) + "\n" for text in texts), encoding="utf-8")
        meter = Meter()
        with Path(os.devnull).open("w", encoding="utf-8") as nothing:
            call_command("content", "import", str(path), "--site", site.slug, "--column", "flfg", stdout=nothing)
        spent = meter.spent()
    _await(lambda: client.count(index=mapping.read_alias(), query={"term": {"state": "live"}})["count"] >= count)
    return _Imported(count, spent, meter.seconds())


def _report(samples: _Samples, imported: _Imported) -> Report:
    count, seconds, all_found = imported.count, imported.spent.wall, imported.seconds_until_found
    report = Report("publishing", f"Publishing and withdrawing {len(samples.found)} pages", HOW, "ours : the engine alone")
    found, floor = samples.found, samples.floor
    is_at_once = samples.stale == 0
    report.figures += [
        Figure(
            "published → found",
            "s",
            summary(found),
            summary(floor),
            ratio(found, floor),
            Goal(f"p95 ≤ {GOAL_FOUND_SECONDS:.0f} s", percentile(found, 0.95) <= GOAL_FOUND_SECONDS),
        ),
        Figure("withdrawn → gone (one search)", "s", summary(samples.gone), goal=Goal("at once: 0 stale answers", is_at_once)),
        Figure("the publishing transaction", "s", summary(samples.publish)),
        Figure("the withdrawing transaction", "s", summary(samples.withdraw)),
        _rate("texts imported a second", count / seconds, Goal(f"≥ {GOAL_TEXTS_A_SECOND}", count / seconds >= GOAL_TEXTS_A_SECOND)),
        _rate("texts a second of Python's CPU", count / imported.spent.cpu, None),
        _rate("texts a second until all are found", count / all_found, None),
    ]
    report.notes.append(f"{samples.stale} of {len(samples.gone)} searches right after a withdrawal still listed the page.")
    report.notes.append(f"{count} texts imported in {seconds:.1f} s, all in the index after {all_found:.1f} s; the relay worked beside it.")
    report.details = {
        "found_seconds": found,
        "floor_seconds": floor,
        "gone_seconds": samples.gone,
        "refresh_interval": mapping.REFRESH_INTERVAL,
        "import": asdict(imported),
    }
    return report


def _rate(what: str, value: float, goal: Goal | None) -> Figure:
    samples: Sequence[float] = [value]
    return Figure(what, "", summary(samples), goal=goal)
