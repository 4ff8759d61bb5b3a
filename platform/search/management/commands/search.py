"""`manage.py search rebuild|status|reconcile|semantic|evaluate`: looks after the index and measures the search."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from django.conf import settings
from typing_extensions import override

from observability.terminal import CommandFailure, ExitCode, Terminal, Verb, VerbCommand, argument
from search import evaluation, mapping, probing, selectors
from search.analytics import services as analytics
from search.client import EngineDownError
from search.indexing import indices, rebuilding, reconciling
from search.models import Projection
from search.semantic import fetching
from search.semantic import keeping as passages
from search.semantic.asking import Meaning
from search.semantic.model import ModelMissingError
from search.suggesting import keeping

_FILE = argument("file", type=Path, help="Labelled queries, one JSON object a line: qid, kind, query, grades.")
_STEP = argument(
    "step",
    choices=["purge", "learn", "tasks", "daily"],
    help="purge: delete what is too old; learn: suggest what many asked for; tasks: queries that find nothing; daily: all of them.",
)
_SEMANTIC_STEP = argument(
    "step",
    choices=["fetch", "build", "status"],
    help="fetch: the model's files; build: read what changed, the first time everything; status: how far behind it is.",
)
_JAR = argument("--jar", type=Path, help="fetch: the model's jar, where there is no network.")
_THREADS = argument("--threads", type=int, default=1, help="build: processors it may use (1).")
_SEMANTIC = argument("--semantic", action="store_true", help="By meaning too: shows what that changes, against figures of its own.")
_RECORD = argument("--record", action="store_true", help="Raise the figures recorded beside the file; none is lowered.")
_KIND = argument("--kind", help="Only the queries of this kind.")
_QUERIES = argument("--queries", type=Path, help="Labelled queries: the new index is refused when it answers a kind of them worse.")
_FORCE = argument("--force", action="store_true", help="Take the new index even if it finds worse or slower; never with other documents.")
_THOROUGH = argument("--thorough", action="store_true", help="Compare every field of every document, not its version and hash alone.")
SHOWN = 20  # differences


class Command(VerbCommand):
    help = "Look after the search index."

    @override
    def verbs(self) -> Sequence[Verb]:
        return [
            Verb(
                "rebuild",
                "Build a new index from the database, compare, and swap it in; readers notice nothing.",
                self.rebuild,
                [_QUERIES, _FORCE],
                changes=True,
            ),
            Verb("rollback", "Go back to the index that served before the last rebuild.", self.roll_back, changes=True),
            Verb("status", "Show the indices, and whether every site has in the index what it published.", self.show_status),
            Verb(
                "reconcile",
                "Compare every document with the database, mend differences, erase old tombstones.",
                self.reconcile,
                [_THOROUGH],
                changes=True,
            ),
            Verb("analytics", "Look after what was searched: run `daily` once a day.", self.look_after_analytics, [_STEP], changes=True),
            Verb(
                "semantic",
                "Understand questions by meaning: fetch the model, build the index of passages, see how far behind it is.",
                self.look_after_meaning,
                [_SEMANTIC_STEP, _JAR, _THREADS],
                changes=True,
            ),
            Verb("evaluate", "Measure the search with labelled queries, per kind.", self.evaluate, [_FILE, _KIND, _RECORD, _SEMANTIC]),
        ]

    def rebuild(self, terminal: Terminal) -> None:
        """Build a new index, or say what would be built."""
        total = Projection.objects.live().count()
        if terminal.is_dry_run:
            terminal.result({"documents": total, "index": None}, text=f"Would build a new index of {total} documents. Nothing was changed.")
            return
        queries = _load(terminal.options["queries"]) if terminal.options["queries"] else []
        scope, groups = selectors.scope_of_everything(), selectors.groups_by_source()
        with _failures(), terminal.progress(total, "Indexing") as progress:
            rebuilt = rebuilding.rebuild(
                now=dt.datetime.now(dt.UTC),
                report=progress.advance,
                probes=probing.probes(queries, scope=scope, groups=groups),
                is_forced=terminal.options["force"],
            )
        for gate in rebuilt.gates:
            terminal.say(f"  {gate.name}: {'passed' if gate.is_passed else 'FAILED, taken by --force'}: {gate.detail}.")
        dropped = f"; dropped {', '.join(rebuilt.dropped)}" if rebuilt.dropped else ""
        terminal.result(asdict(rebuilt), text=f"Done: {rebuilt.documents} documents in {rebuilt.index}, {rebuilt.seconds} s{dropped}.")

    def roll_back(self, terminal: Terminal) -> None:
        """Let readers use the previous index, or say which that would be."""
        with _failures():
            if terminal.is_dry_run:
                name = indices.aliased(mapping.previous_alias())
                terminal.result({"index": name}, text=f"Would go back to {name}." if name else "There is no earlier index. 0 changes.")
                return
            name = rebuilding.go_back()
        terminal.result({"index": name}, text=f"Done: readers use {name}. The same command goes forward again.")

    def show_status(self, terminal: Terminal) -> None:
        """Show indices and counts; fails while a site differs."""
        with _failures():
            status = rebuilding.status()
        terminal.table(
            "",
            ["index", "use", "documents", "mapping"],
            [
                [each.name, each.use, each.documents, "ok" if each.is_current else "failed (old: run `search rebuild`)"]
                for each in status.indices
            ],
        )
        terminal.table("Sites that differ", ["site", "indexed", "published"], status.differing) if status.differing else None
        terminal.result(
            asdict(status),
            text=f"{status.published} pages published, {status.waiting} changes on their way, {len(status.differing)} sites differ.",
        )
        if not status.is_healthy:
            raise CommandFailure(
                "The index is not what was published. Is a relay running? Else run `search reconcile` or `search rebuild`."
            )

    def reconcile(self, terminal: Terminal) -> None:
        """Mend differences; the relay carries the repairs out."""
        with _failures():
            done = reconciling.reconcile(
                now=dt.datetime.now(dt.UTC), is_dry_run=terminal.is_dry_run, is_thorough=terminal.options["thorough"]
            )
        if done.differences:
            shown = [[each.key, each.what, each.indexed, each.published] for each in done.differences[:SHOWN]]
            title = f"Differences (the first {SHOWN} of {len(done.differences)})" if len(done.differences) > SHOWN else "Differences"
            terminal.table(title, ["page", "what", "index has revision", "database has"], shown)
        verb = "to repair" if terminal.is_dry_run else "sent again"
        terminal.result(
            asdict(done),
            text=f"{done.compared} compared: {done.repaired} {verb}, {done.erased} {'to erase' if terminal.is_dry_run else 'erased'}.",
        )

    def look_after_analytics(self, terminal: Terminal) -> None:
        """Do one step, or all; each finds nothing left to do when it runs again."""
        step, now, is_dry_run = terminal.options["step"], dt.datetime.now(dt.UTC), terminal.is_dry_run
        done: dict[str, object] = {}
        if step in ("tasks", "daily"):
            done["tasks"] = analytics.open_tasks(now=now, is_dry_run=is_dry_run)
        if step in ("learn", "daily"):
            done["filled"] = keeping.fill(is_dry_run=is_dry_run)
            done["queries"] = keeping.learn_queries(now=now, is_dry_run=is_dry_run)
        if step in ("purge", "daily"):
            done |= asdict(analytics.purge(now=now, is_dry_run=is_dry_run))
        told = ", ".join(f"{name.replace('_', ' ')}: {count}" for name, count in done.items())
        terminal.result(done, text=f"{'Would be done' if is_dry_run else 'Done'}: {told}.")

    def look_after_meaning(self, terminal: Terminal) -> None:
        """Fetch the model, build the index of passages, or show how far behind it is."""
        {"fetch": self.fetch_model, "build": self.build_passages, "status": self.show_passages}[terminal.options["step"]](terminal)

    def fetch_model(self, terminal: Terminal) -> None:
        """Put the model's files where SEARCH_SEMANTIC_FOLDER says."""
        folder = settings.SEARCH_SEMANTIC_FOLDER
        if terminal.is_dry_run:
            wanted = fetching.missing(folder)
            terminal.result({"folder": folder, "written": wanted}, text=f"Would fetch {len(wanted)} files into {folder}.")
            return
        with _failures():
            done = fetching.fetch(folder, jar=terminal.options["jar"])
        text = f"Done: {', '.join(done.written)} in {folder}." if done.written else f"The model is in {folder}. 0 changes."
        terminal.result(asdict(done), text=text)

    def build_passages(self, terminal: Terminal) -> None:
        """Bring the passages in step with what is published."""
        with _failures():
            status = passages.status()
            total = status.behind + status.withdrawn
            if terminal.is_dry_run:
                text = f"Would read {status.behind} pages and remove {status.withdrawn}. Nothing was changed."
                terminal.result(asdict(status), text=text)
                return
            with terminal.progress(total, "Reading") as progress:
                done = passages.build(threads=terminal.options["threads"], report=progress.advance)
        counts = f"{done.pages} pages read, {done.removed} removed; {done.embedded} passages embedded, {done.reused} known"
        dropped = f"; dropped {', '.join(done.dropped)}" if done.dropped else ""
        is_changed = done.pages or done.removed or dropped or not status.is_read
        terminal.result(asdict(done), text=f"Done: {counts}{dropped}." if is_changed else "Every passage is in step. 0 changes.")

    def show_passages(self, terminal: Terminal) -> None:
        """Show how far the passages are behind; fails while questions are not answered by meaning as the settings say."""
        with _failures():
            status = passages.status()
        use = "on" if status.is_on else "off (SEARCH_SEMANTIC)"
        model = f"{len(status.missing_files)} files missing" if status.missing_files else "there"
        state = "in use" if status.is_read else "not whole yet"
        behind = f"{status.behind} of {status.published} pages to read, {status.withdrawn} to remove"
        terminal.result(asdict(status), text=f"Meaning: {use}. Model: {model}. Passages: {state}; {behind}.")
        if status.is_on and not status.is_in_step:
            raise CommandFailure("Not in step: run `search semantic fetch`, then `search semantic build`. Searches go on meanwhile.")

    def evaluate(self, terminal: Terminal) -> None:
        """Measure and show a row a kind."""
        queries = _load(terminal.options["file"], kind=terminal.options["kind"])
        if not queries:
            raise CommandFailure("No query of that kind in the file.", code=ExitCode.WRONG_USAGE)
        meaning = Meaning.MEASURED if terminal.options["semantic"] else Meaning.OFF
        path = evaluation.baseline_path(terminal.options["file"], meaning=meaning)
        with _failures():
            baseline = evaluation.read_baseline(path)
            scores = _scores(terminal, queries, meaning)
            by_words = {score.kind: score.ndcg for score in _scores(terminal, queries, Meaning.OFF)} if meaning is not Meaning.OFF else {}
            raised = evaluation.record(path, scores) if terminal.options["record"] else {}
        changes = {score.kind: round(score.ndcg - baseline[score.kind], 4) if score.kind in baseline else None for score in scores}
        terminal.table(
            "",
            ["kind", "queries", "nDCG@10", "MRR@10", "recall@10", "success@1", "change", *(["by words"] if by_words else [])],
            [[*asdict(score).values(), _signed(changes[score.kind]), *_of(by_words, score.kind)] for score in scores],
        )
        recorded = f"Recorded: {', '.join(raised) or 'nothing, no figure rose'}." if terminal.options["record"] else ""
        told = [asdict(score) | {"change": changes[score.kind]} for score in scores]
        terminal.result([each | {"by_words": by_words[each["kind"]]} for each in told] if by_words else told, text=recorded)
        if fallen := evaluation.fallen(scores, baseline=baseline):
            raise CommandFailure(f"Worse than recorded in {path.name}: {', '.join(fallen)}.")


def _scores(terminal: Terminal, queries: Sequence[evaluation.Labelled], meaning: Meaning) -> list[evaluation.Score]:
    scope, groups = selectors.scope_of_everything(), selectors.groups_by_source()
    with terminal.progress(len(queries), "Asking") as progress:
        return evaluation.evaluate(queries, scope=scope, groups=groups, report=progress.advance, meaning=meaning)


def _of(figures: Mapping[str, float], kind: str) -> list[float]:
    return [figures[kind]] if kind in figures else []


def _signed(change: float | None) -> str:
    return "new" if change is None else f"{change:+.4f}" if change else "0"


def _load(path: Path, *, kind: str | None = None) -> list[evaluation.Labelled]:
    try:
        return evaluation.load(path, kind=kind)
    except evaluation.QueryFileError as error:
        raise CommandFailure(str(error), code=ExitCode.WRONG_USAGE) from error


@contextmanager
def _failures() -> Iterator[None]:
    """Say what to do about what can go wrong."""
    try:
        yield
    except EngineDownError as error:
        raise CommandFailure(f"{error}. Check ELASTICSEARCH_URL and that the engine runs; nothing was changed.") from error
    except (
        indices.BusyError,
        indices.NoPreviousError,
        rebuilding.RebuildError,
        evaluation.DegradedError,
        evaluation.BaselineError,
        fetching.FetchError,
        ModelMissingError,
        passages.RefusedError,
    ) as error:
        raise CommandFailure(str(error)) from error
    except selectors.SearchDownError as error:
        raise CommandFailure("Neither Elasticsearch nor PostgreSQL answers a search in time.") from error
