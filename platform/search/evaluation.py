"""How good the search is, per kind of query, measured through the real search function."""

import gzip
import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from search import selectors
from search.contract import Found, Question, Scope
from search.curation.rules import NO_RULES, Rules
from search.semantic.asking import Meaning

DEPTH = 10
TOLERANCE = 0.01  # how far a kind may be below the recorded figure


class QueryFileError(Exception):
    """A file of labelled queries that cannot be read."""


class BaselineError(Exception):
    """A file of recorded figures that cannot be read."""


class DegradedError(Exception):
    """The engine does not answer, so there is nothing to measure."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A query and how well each text answers it (1 or 2), by the text's source id."""

    qid: str
    kind: str
    query: str
    grades: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Score:
    """One kind's figures, each from 0 to 1."""

    kind: str
    queries: int
    ndcg: float
    mrr: float
    recall: float
    success: float


def load(path: Path, *, kind: str | None = None) -> list[Labelled]:
    """Return the queries of a JSON-lines file (plain or `.gz`) with `qid`, `kind`, `query` and `grades`.

    Raises:
        QueryFileError: names the file and the line.

    """
    queries = []
    try:
        with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as stream:
            lines = list(stream)
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise QueryFileError(f"{path} cannot be read: {error}.") from error
    for number, line in enumerate(lines, 1):
        try:
            row = json.loads(line)
            queries.append(Labelled(row["qid"], row["kind"], row["query"], {key: int(grade) for key, grade in row["grades"].items()}))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise QueryFileError(f"{path}, line {number}: not a labelled query ({error!r}).") from error
    return [query for query in queries if kind in (None, query.kind)]


def evaluate(
    queries: Sequence[Labelled],
    *,
    scope: Scope,
    groups: Mapping[str, str],
    rules: Rules = NO_RULES,
    report: Callable[[], None] = lambda: None,
    aim: selectors.Aim | None = None,
    meaning: Meaning = Meaning.OFF,
) -> list[Score]:
    """Return the figures per kind, then those of all.

    `groups` tells which source ids are copies or versions of one text: the search shows one of them, so one of their labels counts.
    Questions are answered by their words alone unless the meaning is to be MEASURED.

    Raises:
        DegradedError: the engine is away.
        EngineDownError: the meaning cannot be measured.

    """
    figures: dict[str, list[tuple[float, float, float, float]]] = {}
    for query in queries:
        found = selectors.find(Question(text=query.query, size=DEPTH), scope=scope, rules=rules, aim=aim, meaning=meaning)
        if found.is_degraded:
            raise DegradedError(
                "Elasticsearch does not answer: what PostgreSQL finds is not worth measuring. Check ELASTICSEARCH_URL and `search status`."
            )
        figures.setdefault(query.kind, []).append(_figures(query, ranking(found), groups))
        report()
    everything = [each for kind in figures.values() for each in kind]
    return [_score(kind, figures[kind]) for kind in sorted(figures)] + ([_score("all", everything)] if len(figures) > 1 else [])


def gain_of(query: Labelled, ranked: Sequence[str], groups: Mapping[str, str]) -> float:
    """Return the nDCG@10 of one query's results."""
    return _figures(query, ranked, groups)[0]


def ranking(found: Found) -> list[str]:
    """Return the source ids in the order readers see them, promoted ones first."""
    return [*(each.source_id for each in found.promoted), *(hit.source_id for hit in found.hits)][:DEPTH]


def baseline_path(queries: Path, *, meaning: Meaning = Meaning.OFF) -> Path:
    """Return where the figures reached with a file of queries are recorded: beside it, as `NAME.reached.json`; by meaning in another."""
    ending = ".reached.json" if meaning is Meaning.OFF else ".reached-semantic.json"
    return queries.with_name(queries.name.split(".", 1)[0] + ending)


def read_baseline(path: Path) -> dict[str, float]:
    """Return the recorded nDCG@10 of each kind; nothing where nothing was recorded.

    Raises:
        BaselineError: names the file.

    """
    if not path.exists():
        return {}
    try:
        return {str(kind): float(figure) for kind, figure in json.loads(path.read_text(encoding="utf-8")).items()}
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise BaselineError(f"{path} is no table of figures: {error}. Restore it, or remove it and record anew.") from error


def record(path: Path, scores: Sequence[Score]) -> dict[str, float]:
    """Raise the recorded figures to what was reached and return those that rose; none is ever lowered.

    Raises:
        BaselineError: the file there is cannot be read.

    """
    known = read_baseline(path)
    raised = {score.kind: score.ndcg for score in scores if score.ndcg > known.get(score.kind, -1.0)}
    if raised:
        path.write_text(json.dumps(known | raised, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return raised


def fallen(scores: Sequence[Score], *, baseline: Mapping[str, float]) -> dict[str, tuple[float, float]]:
    """Return the kinds that are more than TOLERANCE below the recorded figure: what was reached now, and then."""
    return {
        score.kind: (score.ndcg, baseline[score.kind])
        for score in scores
        if score.kind in baseline and score.ndcg < baseline[score.kind] - TOLERANCE
    }


def _figures(query: Labelled, ranked: Sequence[str], groups: Mapping[str, str]) -> tuple[float, float, float, float]:
    best: dict[str, int] = {}
    for key, grade in query.grades.items():
        group = groups.get(key, key)
        best[group] = max(best.get(group, 0), grade)
    grades = [query.grades.get(key, 0) for key in ranked]
    wanted = {groups.get(key, key) for key, grade in query.grades.items() if grade > 1}
    places = [place for place, grade in enumerate(grades, 1) if grade > 1]
    ndcg = _gain(grades) / _gain(sorted(best.values(), reverse=True)[:DEPTH])
    return min(ndcg, 1.0), 1 / places[0] if places else 0.0, len(places) / len(wanted), float(bool(places) and places[0] == 1)


def _gain(grades: Iterable[int]) -> float:
    return sum((2.0**grade - 1) / math.log2(place + 1) for place, grade in enumerate(grades, 1))


def _score(kind: str, figures: Sequence[tuple[float, float, float, float]]) -> Score:
    means = [round(sum(column) / len(figures), 4) for column in zip(*figures, strict=True)]
    return Score(kind, len(figures), *means)
