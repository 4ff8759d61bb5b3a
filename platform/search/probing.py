"""Compares how two indices find, before readers get the new one: known titles, labelled queries, time."""

import statistics
import time
from collections.abc import Sequence

from search import selectors
from search.contract import Question, Scope
from search.evaluation import Labelled, evaluate
from search.indexing.gates import Gate, Probe
from search.models import Projection
from search.selectors import Aim

TITLES = 100
WARMING = 10  # of these are not timed: a new index is cold
MAY_LOSE = 0.01  # of a figure from 0 to 1: less is noise
MAY_TAKE = 2.0  # times as long as the index in use …
ALIKE = 0.9  # of the titles found: below it, the time of the two says nothing
NOT_SLOW = 0.1  # … but nobody minds below this many seconds


def probes(queries: Sequence[Labelled], *, scope: Scope, groups: dict[str, str]) -> list[Probe]:
    """Return the comparisons for `rebuilding.rebuild`; without labelled queries the known titles alone are asked for."""
    found = [lambda new, old: compare_titles(new, old, scope=scope)]
    if queries:
        found.append(lambda new, old: compare_labelled(new, old, queries=queries, scope=scope, groups=groups))
    return found


def compare_titles(new: str, old: str, *, scope: Scope) -> Gate:
    """Ask both indices for titles of published pages: each must come first as often as before, and not take longer.

    Raises:
        EngineDownError: an index cannot answer.

    """
    rows = list(Projection.objects.live().exclude(title="").order_by("?").only("title", "group")[:TITLES])
    first: dict[str, int] = {new: 0, old: 0}
    seconds: dict[str, list[float]] = {new: [], old: []}
    for number, row in enumerate(rows):
        for index in (old, new):
            began = time.perf_counter()
            hits = selectors.find(Question(text=row.title, size=1), scope=scope, aim=Aim(index)).hits
            if number >= WARMING:
                seconds[index].append(time.perf_counter() - began)
            first[index] += bool(hits) and hits[0].title == row.title
    slow = {index: _p95(taken) for index, taken in seconds.items()}
    took = f"p95 {slow[new] * 1000:.0f} ms ({slow[old] * 1000:.0f} before)"
    detail = f"of {len(rows)} titles {first[new]} come first ({first[old]} before), {took}"
    is_worse = first[new] < first[old] - len(rows) * MAY_LOSE
    is_slower = slow[new] > max(NOT_SLOW, slow[old] * MAY_TAKE) and first[old] >= first[new] * ALIKE  # an emptier index is always faster
    return Gate("titles", not is_worse and not is_slower, detail)


def compare_labelled(new: str, old: str, *, queries: Sequence[Labelled], scope: Scope, groups: dict[str, str]) -> Gate:
    """Measure both indices with labelled queries: no kind may fall.

    Raises:
        EngineDownError: an index cannot answer.

    """
    figures = {index: evaluate(queries, scope=scope, groups=groups, aim=Aim(index)) for index in (old, new)}
    before = {score.kind: score.ndcg for score in figures[old]}
    worse = [score for score in figures[new] if score.ndcg < before[score.kind] - MAY_LOSE]
    fallen = ", ".join(f"{score.kind} {score.ndcg:.3f} ({before[score.kind]:.3f} before)" for score in worse)
    return Gate("labelled", not fallen, f"{len(queries)} queries; fallen: {fallen or 'none'}")


def _p95(seconds: Sequence[float]) -> float:
    return statistics.quantiles(seconds, n=20)[-1] if len(seconds) > 1 else max(seconds, default=0.0)
