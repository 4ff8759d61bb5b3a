"""Pages of a site of ours against the very same pages in a plain Wagtail project with one site."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import psycopg2
from django.conf import settings
from django.db import connection
from rich.progress import track

from registry.contract import TenantRef
from registry.schemas import in_schema_of
from registry.selectors import directory
from tenants.pages import importing
from tests.benchmarks import engines
from tests.benchmarks.asking import ask
from tests.benchmarks.measuring import paired_ratio, percentile, summary
from tests.benchmarks.options import Options
from tests.benchmarks.reporting import Figure, Goal, Report
from tests.factories import kinds
from tests.factories.pages import column, publish_article
from tests.factories.sites import open_sites
from tests.factories.texts import all_texts

HOST = "xiaodian.localhost"
SITES_FILE = engines.HOME / "plain-sites.json"
SHORT, LONG = 20, 2000  # texts in the two columns
ROUNDS, REQUESTS = 24, 8
QUICK_ROUNDS, QUICK_REQUESTS, QUICK_LONG = 2, 2, 60
WARM_UP = 12
FOREIGN_KEY = re.compile(r"ALTER TABLE ONLY \S+\s+ADD CONSTRAINT \S+ FOREIGN KEY [^;]*;")
# Kinds that came with what a government must publish; the home page is composed of blocks.
KINDS = ("home", "openness platform", "openness tree", "topic", "organ", "column of leaders", "interpretation", "service guide")
GOAL_RATIO, GOAL_QUERIES = 1.3, 15
OURS, PLAIN = "tests.benchmarks.settings", "tests.benchmarks.plain.settings"
HOW = (
    "Two processes render the same pages by turns, one at a time; who begins alternates; a sample is the median of a turn.",
    "The reference's database is a copy of the site's own schema, in `public`, on the same server;",
    "both answer the same HTML, byte for byte. Ratio: the median of the turns' ratios.",
    "Statements: all that reach PostgreSQL, `SET search_path` too, but for the connection's health check, one more on both sides.",
    "The reference is what `wagtail start` makes (its middleware, Django's cached loader), with our page types, templates and routing;",
    "what differs is the platform: host → site → schema, themes, request log, headers, whitenoise. Both keep their connection open.",
)


class DifferentPageError(Exception):
    """The two sides do not render the same page; comparing their speed would say nothing."""


class WorkerError(Exception):
    """A process that renders pages ended before its time."""


@dataclass
class Side:
    """Samples of one page on one side: medians of turns, in seconds."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    database_cpu: list[float | None] = field(default_factory=list)
    statements: list[str] = field(default_factory=list)
    after_pause: list[str] = field(default_factory=list)

    def add(self, turn: Mapping[str, Any]) -> None:
        """Add what a worker measured in one turn."""
        self.wall.append(percentile(turn["wall"], 0.5))
        self.cpu.append(sum(turn["cpu"]) / len(turn["cpu"]))
        spent = turn["database_cpu"]  # unknown where the connection was renewed during the turn
        self.database_cpu.append(None if spent is None else spent / len(turn["wall"]))


class Worker:
    """A process that renders pages; see worker.py."""

    def __init__(self, module: str, *, log: Path) -> None:
        self._log = log
        with log.open("wb") as stream:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.benchmarks.worker"],
                cwd=engines.ROOT,
                env=os.environ | {"DJANGO_SETTINGS_MODULE": module, "SITES_FILE": str(SITES_FILE)},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stream,
                text=True,
            )

    def ask(self, address: str, **asked: Any) -> dict[str, Any]:
        """Return the worker's answer.

        Raises:
            WorkerError: it ended; the message is the end of what it said.

        """
        if self._process.stdin is None or self._process.stdout is None:
            raise WorkerError("The worker was started without pipes.")
        with suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps({"host": HOST, "address": address, **asked}) + "\n")
            self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise WorkerError(f"{address}: {self._log.read_text(encoding='utf-8', errors='replace')[-2000:]}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def end(self) -> None:
        """End the process."""
        self._process.terminate()
        with suppress(BrokenPipeError):
            self._process.communicate()


def run(options: Options) -> Report:
    """Fill a site, copy it, render both and return what it took."""
    pages = _fill(QUICK_LONG if options.is_quick else LONG)
    rounds, requests = (QUICK_ROUNDS, QUICK_REQUESTS) if options.is_quick else (ROUNDS, REQUESTS)
    with _workers() as (ours, plain):
        sides = {name: _first_look(ours, plain, address) for name, address in pages.items()}
        for turn in track(range(rounds), description="rendering by turns", transient=True):
            for name, address in pages.items():
                pair = [(ours, sides[name][0]), (plain, sides[name][1])]
                for worker, side in pair if turn % 2 == 0 else reversed(pair):
                    side.add(worker.ask(address, times=requests))
    return _report(sides, QUICK_LONG if options.is_quick else LONG)


def _fill(most: int) -> dict[str, str]:
    """Make the site and return its pages' addresses by what they are."""
    tenant, *_ = open_sites("xiaodian", "taiyuan", "yingze")
    texts = all_texts()
    law = next(text for text in texts if text["title"] == "中华人民共和国刑法" and text["body"])
    short = [text | {"body": text["body"][:200]} for text in texts if text["id"] != law["id"] and text["body"]][: SHORT - 1 + most]
    paragraphs = [part for part in next(text for text in texts if text["kind"] == "policy")["body"].splitlines() if part.strip()][:25]
    with in_schema_of(tenant):
        publish_article(
            "全市经济工作会议召开", "".join(f"<p>{part}</p>" for part in paragraphs), parent="yaowen", summary="会议部署重点工作。"
        )
        importing.import_texts(column("zcjd"), map(json.dumps, [law, *short[: SHORT - 1]]))
        importing.import_texts(column("flfg"), map(json.dumps, short[SHORT - 1 :]))
    made = kinds.publish_every_kind(tenant)
    for name in KINDS:
        ask(HOST, made[name])  # pictures are cut at the first look; both sides show the same ones
    _copy(tenant)
    return {name: made[name] for name in KINDS} | {
        "article": "/zwdt/yaowen/article/",
        f"document of {len(law['body']):,} characters (刑法)": f"/zwgk/zcjd/{law['id']}/",
        f"column of {SHORT} texts": "/zwgk/zcjd/",
        f"column of {most:,} texts": "/zwgk/flfg/",
    }


def _copy(tenant: TenantRef) -> None:
    """Give the reference the site's tables and rows, in `public` of a database of its own, with the shared ones that pages read."""
    own = [f"--exclude-table=public.{name}" for name in _tables_of(tenant.schema_name)]
    shared, site = _dumped("-n", "public", *own), _dumped("-n", tenant.schema_name)
    with closing(psycopg2.connect(os.environ["PLAIN_DATABASE_URL"])) as copy, copy, copy.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(re.sub(rf"\b{tenant.schema_name}\b", "public", site))
        cursor.execute(FOREIGN_KEY.sub("", shared))  # of rows of shared tables to people, who are others here
        cursor.execute("ANALYZE")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    refs = [tenant, *(ref for ref in directory().by_uuid.values() if ref.uuid != tenant.uuid)]
    SITES_FILE.write_text(json.dumps([asdict(ref) for ref in refs], default=str), encoding="utf-8")


def _tables_of(schema: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [schema])
        return [name for (name,) in cursor.fetchall()]


def _dumped(*what: str) -> str:
    command = [
        settings.PG_DUMP,
        *what,
        "--no-owner",
        "--no-privileges",
        "--inserts",
        "--rows-per-insert=500",
        "-d",
        os.environ["DATABASE_URL"],
    ]
    dumped = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return "\n".join(line for line in dumped.splitlines() if not line.startswith(("\\", "CREATE SCHEMA ")))  # psql's own commands


@contextmanager
def _workers() -> Iterator[tuple[Worker, Worker]]:
    ours, plain = Worker(OURS, log=engines.HOME / "ours.log"), Worker(PLAIN, log=engines.HOME / "plain.log")
    try:
        yield ours, plain
    finally:
        ours.end()
        plain.end()
        SITES_FILE.unlink(missing_ok=True)


def _first_look(ours: Worker, plain: Worker, address: str) -> tuple[Side, Side]:
    """Warm a page up, see that both sides render the same, and keep the statements one request needs.

    Raises:
        DifferentPageError: they do not.

    """
    looks = []
    for worker in (ours, plain):
        worker.ask(address, times=WARM_UP)
        looks.append(worker.ask(address, count=True))
    if looks[0]["html"] != looks[1]["html"]:
        (engines.HOME / "ours.html").write_text(looks[0]["html"], encoding="utf-8")
        (engines.HOME / "plain.html").write_text(looks[1]["html"], encoding="utf-8")
        raise DifferentPageError(f"{address} is not the same on both sides: compare ours.html and plain.html in {engines.HOME}.")
    ours_first, plain_first = (Side(statements=look["statements"], after_pause=look["after_pause"]) for look in looks)
    return ours_first, plain_first


def _report(sides: Mapping[str, tuple[Side, Side]], most: int) -> Report:
    title = f"Rendering an uncached page, {len(next(iter(sides.values()))[0].wall)} turns a page"
    report = Report("rendering", title, HOW, "median of the turns' ratios, ours : plain Wagtail")
    for name, (ours, plain) in sides.items():
        times = paired_ratio(ours.wall, plain.wall)
        goal = Goal(f"≤ {GOAL_RATIO} ×", times <= GOAL_RATIO)
        report.figures.append(Figure(name, "ms", summary(_ms(ours.wall)), summary(_ms(plain.wall)), times, goal))
        times = paired_ratio(ours.cpu, plain.cpu)
        report.figures.append(Figure("  Python's CPU", "ms", summary(_ms(ours.cpu)), summary(_ms(plain.cpu)), times))
        known = [(mine, other) for mine, other in zip(ours.database_cpu, plain.database_cpu, strict=True) if mine and other]
        if known:
            mine, other = [pair[0] for pair in known], [pair[1] for pair in known]
            report.figures.append(Figure("  PostgreSQL's CPU", "ms", summary(_ms(mine)), summary(_ms(other)), paired_ratio(mine, other)))
        report.figures.append(_counts("  statements", ours.statements, plain.statements))
        report.figures.append(_counts("  statements, once a second", ours.after_pause, plain.after_pause))
    _add_growth(report, sides, most)
    report.details = {name: {"ours": asdict(ours), "plain": asdict(plain)} for name, (ours, plain) in sides.items()}
    return report


def _counts(what: str, ours: Sequence[str], plain: Sequence[str]) -> Figure:
    goal = Goal(f"≤ {GOAL_QUERIES}", len(ours) <= GOAL_QUERIES)
    return Figure(what, "", summary([len(ours)]), summary([len(plain)]), len(ours) / len(plain), goal)


def _add_growth(report: Report, sides: Mapping[str, tuple[Side, Side]], most: int) -> None:
    """Compare the long column with the short one, ours with ours."""
    short, long = sides[f"column of {SHORT} texts"][0], sides[f"column of {most:,} texts"][0]
    goal = Goal("no growth", len(long.statements) <= len(short.statements))
    what = f"ours, {most:,} : {SHORT} texts"
    report.figures.append(Figure(what, "ms", summary(_ms(long.wall)), summary(_ms(short.wall)), paired_ratio(long.wall, short.wall)))
    report.figures.append(
        Figure("  Python's CPU", "ms", summary(_ms(long.cpu)), summary(_ms(short.cpu)), paired_ratio(long.cpu, short.cpu))
    )
    report.figures.append(replace(_counts("  statements", long.statements, short.statements), goal=goal))


def _ms(seconds: Sequence[float]) -> list[float]:
    return [each * 1000 for each in seconds]
