"""A fleet of sites: opening, serving, upgrading, looking at and dropping them, with stock django-tenants on a sample in the same run."""

import json
import os
import random
import re
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from rich.progress import track

from provisioning import cloning, services
from provisioning.fleet import drift, migrating
from provisioning.fleet.contract import FleetOptions, FleetOutcome
from provisioning.steps.opening import schema_name
from registry.models import Tenant
from registry.schemas import in_public
from tests.benchmarks import engines
from tests.benchmarks.measuring import Meter, percentile, ratio, summary
from tests.benchmarks.options import Options
from tests.benchmarks.reporting import Figure, Goal, Report
from tests.factories.releases import ADD_FIELD, Release
from tests.factories.sites import TAIYUAN, site_spec

SITES, QUICK_SITES = 300, 12
FIRST, LAST = 20, 10  # opened by the verb
SAMPLE, QUICK_SAMPLE = 5, 2  # sites that stock django-tenants migrates
WINDOW = 5  # openings whose median stands for the 10th and for the last
REQUESTS, QUICK_REQUESTS = 300, 20
DROPS = 10
ROUNDS = 5
GOAL_SITES = 300
HOW = (
    "One process opens the first 20 sites and the last 10; those between are copies of the first one, made by replaying its dump.",
    "PostgreSQL flushes every commit to disk.",
    "Stock: `migrate_schemas --schema` of a few sites, one by one, as its standard executor does all of them; its median a site, times the",
    "number of sites, is what it is set against: an extrapolation.",
    "Pages: a process of its own through all middleware, one connection; first every site once, then sites at random, and one site alone.",
    "Memory: Private_Dirty of /proc/PID/smaps_rollup, of that process and of its PostgreSQL server process.",
    "Starting `manage.py` is not included.",
)


def run(options: Options) -> Report:
    """Open a fleet, measure, and return what it took."""
    count = options.sites or (QUICK_SITES if options.is_quick else SITES)
    sample = QUICK_SAMPLE if options.is_quick else SAMPLE
    report = Report(
        "fleet", f"{count} sites: opened, served, upgraded, looked at, dropped", HOW, "stock : ours; of growth and pages, see there"
    )
    slugs = [f"d{number:03d}" for number in range(1, count + 1)]
    services.open_city("taiyuan", region_code=TAIYUAN)
    _opening(report, slugs)
    _serving(report, slugs, QUICK_REQUESTS if options.is_quick else REQUESTS)
    _upgrading(report, slugs, sample)
    _dropping(report, slugs[-min(DROPS, count - sample) :])
    return report


def _opening(report: Report, slugs: Sequence[str]) -> None:
    seconds, processors = [], []
    copied = set(slugs[FIRST:-LAST])
    for slug in track(slugs, description="opening sites", transient=True):
        if slug in copied:
            _copy(slugs[0], slug)
            continue
        meter = Meter()
        services.open_site(site_spec(slug))
        spent = meter.spent()
        seconds.append(spent.wall)
        processors.append(spent.cpu + (spent.database_cpu or 0.0))
    report.figures.append(Figure("open a site", "s", summary(seconds)))
    report.details["open_seconds"] = seconds
    if len(slugs) < 2 * WINDOW + 10:
        return
    for what, samples in (("open", seconds), ("open, both CPUs", processors)):
        tenth, last = samples[7 : 7 + WINDOW], samples[-WINDOW:]
        growth = ratio(last, tenth)
        goal = Goal("≤ 1.3 ×", growth <= 1.3) if len(slugs) >= GOAL_SITES else None
        report.figures.append(Figure(f"{what}: the {len(slugs)}th, about the 10th", "s", summary(last), summary(tenth), growth, goal))


@cache
def _dump_of(slug: str) -> str:
    """Return the cleaned dump of a site's schema, as that of the template is made."""
    before, cloning.TEMPLATE_SCHEMA = cloning.TEMPLATE_SCHEMA, schema_name(slug)  # type: ignore[attr-defined] # a name it imports
    try:
        return cloning._clean(cloning._dump())
    finally:
        cloning.TEMPLATE_SCHEMA = before  # type: ignore[attr-defined] # as above


def _copy(first: str, slug: str) -> None:
    """Make a site that has all that the first one has."""
    sql = re.sub(rf"\b{schema_name(first)}\b", schema_name(slug), _dump_of(first))
    tenant = Tenant.objects.get(slug=first)
    domains = list(tenant.domains.all())
    tenant.pk, tenant.uuid, tenant.slug, tenant.schema_name = None, uuid.uuid4(), slug, schema_name(slug)
    with transaction.atomic(), connection.cursor() as cursor:
        tenant.save(force_insert=True)
        for domain in domains:
            domain.pk, domain.tenant, domain.domain = None, tenant, domain.domain.replace(first, slug)
            domain.save(force_insert=True)
        cursor.execute("SET LOCAL search_path = pg_catalog")
        cursor.execute(sql)
        cursor.execute(f"UPDATE {schema_name(slug)}.wagtailcore_site SET hostname = replace(hostname, %s, %s)", [first, slug])  # noqa: S608 - ours
        cursor.execute("SET LOCAL search_path = public")


def _serving(report: Report, slugs: Sequence[str], requests: int) -> None:
    dice = random.Random(300)  # noqa: S311 - a repeatable mix
    with _worker() as process:

        def ask(slug: str, times: int = 1) -> list[float]:
            return _asked(process, slug, times)

        ask(slugs[0], 20)
        before = _memory(process.pid)
        first = [each for slug in slugs[1:] for each in ask(slug)]
        after = _memory(process.pid)
        alone = ask(slugs[0], requests)
        mixed = [each for _ in range(requests) for each in ask(dice.choice(slugs))]
    milliseconds = [[each * 1000 for each in samples] for samples in (first, mixed, alone)]
    report.figures += [
        Figure("page, a site's first; one site alone", "ms", summary(milliseconds[0]), summary(milliseconds[2]), ratio(first, alone)),
        Figure("page, sites at random; one site alone", "ms", summary(milliseconds[1]), summary(milliseconds[2]), ratio(mixed, alone)),
    ]
    for what, now, then in zip(("worker", "PostgreSQL's backend"), after, before, strict=True):
        report.figures.append(
            Figure(f"memory of a {what}: all sites touched; one", "MB", summary([now]), summary([then]), now / then if then else None)
        )


def _upgrading(report: Report, slugs: Sequence[str], sample: int) -> None:
    count = len(slugs)
    nothing = [_migrated().seconds for _ in range(ROUNDS)]
    looked = [_timed(drift.status) for _ in range(ROUNDS)]
    stock_nothing = [_stock(slug) for slug in slugs[:sample]]
    with _release():
        cloning.ensure_template()  # the template's own migration and dump are told apart below
        stock_field = [_stock(slug) for slug in slugs[:sample]]
        outcome = _migrated()
        again = _migrated()
        looked_after = [row for row in drift.status() if row.lacks or row.drift]
    if outcome.failed or len(outcome.migrated) != count - sample or again.changed or looked_after:
        raise AssertionError(f"The upgrade did not reach all: {outcome}, {again}, {looked_after[:3]}.")
    field = outcome.sites_seconds
    report.figures += [
        _against(f"no-op, {count} sites", nothing, stock_nothing, count, Goal("≤ 1 s", percentile(nothing, 0.5) <= 1)),
        _against(f"added field, {count - sample} sites: their part", [field], stock_field, count - sample, Goal("≤ 2 s", field <= 2)),
        _against("added field: the whole run, public and template too", [outcome.seconds], stock_field, count - sample, None),
        Figure(f"status and drift, {count} sites", "s", summary(looked)),
    ]
    none, one = percentile(stock_nothing, 0.5), percentile(stock_field, 0.5)
    report.notes.append(
        f"Stock was measured on {sample} sites: no-op {none:.2f} s a site, field {one:.2f} s; "
        f"for {count} that would be {none * count:.0f} s and {one * count:.0f} s."
    )
    report.details |= {"noop_seconds": nothing, "stock_noop": stock_nothing, "stock_field": stock_field, "field": outcome.as_json()}


def _against(what: str, ours: Sequence[float], stock: Sequence[float], count: int, goal: Goal | None) -> Figure:
    whole = [each * count for each in stock]
    return Figure(what, "s", summary(ours), summary(whole), 1 / ratio(ours, whole), goal)


def _migrated() -> FleetOutcome:
    connection.close()  # as a command that has just been started
    return migrating.migrate(FleetOptions())


def _stock(slug: str) -> float:
    schema = Tenant.objects.get(slug=slug).schema_name
    return _timed(lambda: call_command("migrate_schemas", schema_name=schema, verbosity=0, interactive=False))


@contextmanager
def _release() -> Iterator[None]:
    """Let the code have one more migration, which adds a field."""
    folder = engines.HOME / f"release-{os.getpid()}"
    folder.mkdir()
    before = settings.MIGRATION_MODULES
    sys.path.insert(0, str(folder))
    try:
        Release(folder).add("source", ADD_FIELD)
        yield
    finally:
        settings.MIGRATION_MODULES = before
        sys.path.remove(str(folder))
        for path in sorted(folder.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        folder.rmdir()


def _dropping(report: Report, slugs: Sequence[str]) -> None:
    def drop(schema: str) -> None:
        with in_public(), connection.cursor() as cursor:
            cursor.execute(f'DROP SCHEMA "{schema}" CASCADE')

    schemas = [Tenant.objects.get(slug=slug).schema_name for slug in slugs]
    seconds = [_timed(lambda schema=schema: drop(schema)) for schema in schemas]  # type: ignore[misc] # a default keeps each its own
    report.figures.append(Figure("drop a site's schema", "s", summary(seconds)))


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


@contextmanager
def _worker() -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-m", "tests.benchmarks.worker"]
    with subprocess.Popen(command, cwd=engines.ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.terminate()


def _asked(process: "subprocess.Popen[str]", slug: str, times: int) -> list[float]:
    if process.stdin is None or process.stdout is None:
        raise AssertionError
    process.stdin.write(json.dumps({"host": f"{slug}.localhost", "address": "/", "times": times}) + "\n")
    process.stdin.flush()
    answer: dict[str, Any] = json.loads(process.stdout.readline())
    return list(answer["wall"])


def _memory(pid: int) -> tuple[float, float]:
    """Return private megabytes of the worker and of its PostgreSQL server process: the one connection that is not ours."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND backend_type = 'client backend'"
        )
        backends = [row[0] for row in cursor.fetchall()]
    return _private_dirty(pid), max((_private_dirty(each) for each in backends), default=0.0)


def _private_dirty(pid: int) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Private_Dirty:")) / 1024
