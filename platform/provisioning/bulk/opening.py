"""Checks all rows of a table against the platform, then opens them with as many processes as the machine has cores."""

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing import get_context
from typing import Any

from django.db import connection, transaction

from provisioning import blueprints, cloning, services
from provisioning.bulk import workers as processes
from provisioning.bulk.tables import Row, RowProblem, Table
from provisioning.contract import ProvisioningError, RefusedError, SiteSpec
from provisioning.verbs import opening
from registry.models import City, Region, Tenant
from registry.schemas import in_public
from registry.services import import_regions, read_division_rows

FEWEST = 3  # rows for which more than one process is worth its start
TRIES = 3  # pools; one that a process took down with it is replaced


@dataclass(frozen=True, slots=True)
class Opened:
    """What became of a row: opened now, open before, or failed with a reason."""

    row: Row
    is_new: bool
    seconds: float
    error: str = ""


def known_cities() -> dict[str, str]:
    """Return the slugs of the cities there are, by region code."""
    with in_public():
        return dict(City.objects.values_list("region_id", "slug"))


def known_counties() -> dict[str, str]:
    """Return the slugs of the county sites there are, by region code."""
    with in_public():
        return dict(Tenant.objects.filter(kind="county").values_list("region_id", "slug"))


def completed(table: Table, *, officer: str, reason: str) -> Table:
    """Return the table with who answers for missing papers, and the theme of each site's blueprint where none is given.

    A row that cannot be completed becomes a problem.
    """
    rows, problems = [], []
    for row in table.rows:
        try:
            theme = row.spec.theme or blueprints.of_spec(row.spec).theme
            rows.append(replace(row, spec=replace(row.spec, theme=theme, override_officer=officer, override_reason=reason)))
        except RefusedError as error:
            problems.append(RowProblem(row.line, str(error)))
    return replace(table, rows=tuple(rows), problems=(*table.problems, *problems))


def check(table: Table) -> list[RowProblem]:
    """Return everything for which a row would be refused, by line; nothing is changed.

    Cities and divisions the table brings along are made first and taken back with everything else.
    """
    with in_public(), _rehearsal():
        problems = [*table.problems, *_make_cities(table)]
        for row in table.rows:
            try:
                opening.check_opening(row.spec)
            except RefusedError as error:
                problems.append(RowProblem(row.line, str(error)))
    return sorted(problems, key=lambda problem: problem.line)


@contextmanager
def _rehearsal() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _make_cities(table: Table) -> list[RowProblem]:
    """Make the divisions and cities a table needs; return why one cannot be."""
    known = set(Region.objects.values_list("pk", flat=True))
    import_regions([region for region in read_division_rows(list(table.divisions)) if region.code not in known])
    problems = []
    for slug, code in table.cities.items():
        line = next((row.line for row in table.rows if row.spec.city_slug == slug), 1)
        try:
            opening.check_slug_form(slug)
            region = opening.region_of(code)
        except RefusedError as error:
            problems.append(RowProblem(line, str(error)))
            continue
        holder = City.objects.filter(region=region).exclude(slug=slug).first()
        city = City.objects.filter(slug=slug).first()
        if city is not None and city.region_id != code:
            problems.append(RowProblem(line, f"City {slug!r} exists with region {city.region_id}, not {code}. Choose another slug."))
        elif holder is not None:
            problems.append(RowProblem(line, f"The region {code} is that of city {holder.slug!r}. Write {holder.slug!r} as the city."))
        elif city is None:
            City.objects.create(slug=slug, name=region.name, region=region)
    return problems


def prepare(table: Table) -> None:
    """Make the template, the divisions and the cities that the rows need; a second run changes nothing."""
    with in_public():
        cloning.ensure_template()
        with transaction.atomic():
            _make_cities(table)


def cores() -> int:
    """Return how many processes the machine runs at once for us."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def open_rows(rows: Sequence[Row], *, by: str, workers: int, on_row: Callable[[Opened], None]) -> list[Opened]:
    """Open the sites of checked rows and return what became of each; one that fails stops no other.

    A site whose process was killed is gone on with by another process; after three such pools the rest is reported as failed.
    """
    if workers <= 1 or len(rows) < FEWEST:
        return [_told(Opened(row, *_open(row.spec.as_json(), by)), on_row) for row in rows]
    done: dict[str, Opened] = {}
    connection.close()  # processes make their own
    for _ in range(TRIES):
        left = [row for row in rows if row.spec.slug not in done]
        for result in _in_processes(left, by=by, workers=workers):
            done[result.row.spec.slug] = _told(result, on_row)
        if len(done) == len(rows):
            break
    for row in rows:
        if row.spec.slug not in done:
            killed = Opened(row, is_new=False, seconds=0.0, error="Its process was killed. Run the same command again.")
            done[row.spec.slug] = _told(killed, on_row)
    return [done[row.spec.slug] for row in rows]


def _told(result: Opened, on_row: Callable[[Opened], None]) -> Opened:
    on_row(result)
    return result


def _in_processes(rows: Iterable[Row], *, by: str, workers: int) -> Iterator[Opened]:
    """Give results as they come; ends early when a process was killed, which takes its pool down."""
    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=processes.begin)
    try:
        futures: Mapping[Future[Any], Row] = {pool.submit(_open, row.spec.as_json(), by): row for row in rows}
        for future in as_completed(futures):
            yield Opened(futures[future], *future.result())
    except BrokenProcessPool:
        return
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _open(spec: Mapping[str, Any], by: str) -> tuple[bool, float, str]:
    """Open one site; runs in a process of its own. Returns whether it is new, the seconds it took, and why it failed."""
    began = time.monotonic()
    try:
        is_new, error = services.open_site(SiteSpec.from_json(dict(spec)), by=by).changed, ""
    except ProvisioningError as failure:
        is_new, error = False, str(failure)
    connection.close()  # it keeps the plans of this site's foreign keys, and looks through all it keeps at each table it makes for the next
    return is_new, time.monotonic() - began, error
