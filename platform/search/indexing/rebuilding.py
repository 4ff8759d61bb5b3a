"""A new index beside the one in use: filled from the projection while the relay feeds both, compared, swapped in."""

import datetime as dt
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from uuid import UUID

from django.db.models.functions import Now

import outbox.selectors
from outbox.models import Event
from registry.models import Tenant
from search import mapping
from search.contract import TOPIC
from search.indexing import counting, gates, indices
from search.indexing.gates import Gate, Probe
from search.indexing.writing import write
from search.models import Projection, ProjectionQuerySet, SearchIndex

ROWS_PER_READ = 500
CATCH_UP_SECONDS = 30.0  # how long changes made meanwhile may keep the counts apart
_LONGEST_TRANSACTION = dt.timedelta(minutes=1)  # a row's `changed_at` is older than its commit


class RebuildError(Exception):
    """The new index is not what the projection says, or finds worse or slower; the one in use stays."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild did."""

    index: str
    documents: int
    seconds: float
    dropped: tuple[str, ...]
    gates: tuple[Gate, ...] = ()


def rebuild(
    *, now: dt.datetime, report: Callable[[int], None] = lambda _: None, probes: Sequence[Probe] = (), is_forced: bool = False
) -> Rebuilt:
    """Build a new index from the projection and swap it in; a crash at any point leaves the one in use, and the next run clears the rest.

    `probes` compare how the two indices find, see `gates`; with `is_forced` what they say is reported and refuses nothing.

    Raises:
        BusyError: another process is building one.
        EngineDownError: the engine is away.
        RebuildError: documents were refused, the counts or samples differ, or a probe says that the new one is worse.

    """
    began = time.monotonic()
    with indices.locked():
        indices.note_reading()
        indices.drop(indices.leftovers())
        name = indices.new_name(now)
        try:
            count = _build(name, report)
            passed = (gates.same_documents(name), *_probed(name, probes))
            _refuse(gate for gate in passed if not gate.is_passed and not (is_forced and gate.can_be_forced))
        except BaseException:  # Ctrl-C too
            indices.drop([name])
            raise
        before = indices.swap(name)
        indices.drop(before)
    return Rebuilt(name, count, round(time.monotonic() - began, 1), tuple(before), passed)


def _refuse(failed: Iterable[Gate]) -> None:
    if reasons := " ".join(f"{gate.name}: {gate.detail}" for gate in failed):
        raise RebuildError(f"The new index was not taken; readers use the one before. {reasons}")


def _probed(name: str, probes: Sequence[Probe]) -> list[Gate]:
    """Ask both indices; a first one has nothing to be compared with."""
    reading = indices.aliased(mapping.read_alias())
    return [probe(name, reading) for probe in probes] if reading else []


def go_back() -> str:
    """Let readers use the index that served before, if it holds what is published; return its name.

    Raises:
        BusyError: another process is building one.
        EngineDownError: the engine is away.
        NoPreviousError: there is none.
        RebuildError: it was not kept in step.

    """
    with indices.locked():
        name = indices.aliased(mapping.previous_alias())
        on_their_way = Event.objects.of_topic(TOPIC).count()
        if name and (missing := counting.missing_in(name)) > on_their_way:
            raise RebuildError(f"{name} lacks {missing} published pages. Build a new one instead: manage.py search rebuild.")
        return indices.go_back()


def _build(name: str, report: Callable[[int], None]) -> int:
    """Create and fill the index; return how many documents were written."""
    indices.create(name, alias=mapping.next_alias(), refresh_interval="-1")
    entry = SearchIndex.objects.create(name=name, mapping_hash=mapping.mapping_hash())  # from here on the relay feeds it too
    began = entry.created_at
    written = _write_all(row for rows in _in_order(Projection.objects.live()) for row in rows)
    count = 0
    for done in written:
        count += done
        report(done)
    indices.settle(name)
    _compare(name, since=began)
    return count


def _in_order(projections: ProjectionQuerySet) -> Iterator[list[Projection]]:
    """Yield projections in the order of their ids, without holding a transaction open."""
    last = ""
    ordered = projections.defer("title_terms", "body_terms").order_by("pk")
    while rows := list(ordered.filter(pk__gt=last)[:ROWS_PER_READ]):
        yield rows
        last = rows[-1].pk


def _write_all(rows: Iterable[Projection]) -> Iterator[int]:
    """Write rows and yield how many have been written since the last time.

    Raises:
        RebuildError: the engine refused some.

    """
    answers = write(rows, alias=mapping.next_alias())
    while part := list(islice(answers, ROWS_PER_READ)):
        if refused := [answer for answer in part if not answer.is_settled]:
            raise RebuildError(f"{len(refused)} documents were refused, first {refused[0].key}: {refused[0].reason}")
        yield len(part)


def _compare(name: str, *, since: dt.datetime) -> None:
    """Wait until every site has as many documents in the index as in the projection; what changed meanwhile is written again.

    Raises:
        RebuildError: they differ after CATCH_UP_SECONDS.

    """
    deadline = time.monotonic() + CATCH_UP_SECONDS
    while True:
        checked_at = _database_time()
        changed = _in_order(Projection.objects.filter(changed_at__gte=since - _LONGEST_TRANSACTION))
        deque(_write_all(row for rows in changed for row in rows), maxlen=0)
        there, wanted = counting.counts_in(name), counting.counts_in_projection()
        if there == wanted:
            return
        if time.monotonic() > deadline:
            differing = sorted(site for site in there | wanted if there[site] != wanted[site])
            raise RebuildError(
                f"{len(differing)} sites differ, first {differing[0]}: {there[differing[0]]} indexed, {wanted[differing[0]]} published."
            )
        since = checked_at
        time.sleep(0.2)


def _database_time() -> dt.datetime:
    moment: dt.datetime = SearchIndex.objects.annotate(now=Now()).values_list("now", flat=True)[:1].get()
    return moment


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """One of our indices."""

    name: str
    use: str
    documents: int
    is_current: bool


@dataclass(frozen=True, slots=True)
class Status:
    """How the index stands to what is published."""

    indices: tuple[IndexStatus, ...]
    published: int
    waiting: int
    differing: tuple[tuple[str, int, int], ...]

    @property
    def is_healthy(self) -> bool:
        """Whether readers find exactly what is published, by a mapping that is ours."""
        return not self.differing and any(each.use == "in use" and each.is_current for each in self.indices)


def status() -> Status:
    """Return the indices and the sites whose counts differ.

    Raises:
        EngineDownError: the engine is away.

    """
    reading = indices.aliased(mapping.read_alias())
    uses = {
        indices.aliased(mapping.previous_alias()): "previous",
        indices.aliased(mapping.next_alias()): "being built",
        indices.aliased(mapping.write_alias()): "being filled",
        reading: "in use",
    }
    names = sorted({name for name in uses if name} | set(indices.leftovers()))
    shown = tuple(_described(name, uses) for name in names)
    there, wanted = counting.counts_in(reading) if reading else Counter[str](), counting.counts_in_projection()
    slugs = dict(Tenant.objects.values_list("uuid", "slug"))
    differing = tuple(
        (slugs.get(UUID(site), site), there[site], wanted[site]) for site in sorted(there | wanted) if there[site] != wanted[site]
    )
    waiting = sum(backlog.pending for backlog in outbox.selectors.backlog() if backlog.topic == TOPIC)
    return Status(shown, sum(wanted.values()), waiting, differing)


def _described(name: str, uses: Mapping[str | None, str]) -> IndexStatus:
    is_current = indices.hash_of(name) == mapping.mapping_hash()
    return IndexStatus(name, uses.get(name, "left over"), counting.counts_in(name).total(), is_current)
