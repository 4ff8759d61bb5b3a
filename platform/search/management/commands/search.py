"""`manage.py search rebuild|status|reconcile|evaluate`: looks after the index and measures the search."""

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from typing_extensions import override

from observability.terminal import CommandFailure, ExitCode, Terminal, Verb, VerbCommand, argument
from search import evaluation, selectors
from search.client import EngineDownError
from search.indexing import indices, rebuilding, reconciling
from search.models import Projection

_FILE = argument("file", type=Path, help="Labelled queries, one JSON object a line: qid, kind, query, grades.")
_KIND = argument("--kind", help="Only the queries of this kind.")


class Command(VerbCommand):
    help = "Look after the search index."

    @override
    def verbs(self) -> Sequence[Verb]:
        return [
            Verb("rebuild", "Build a new index from the database and swap it in; readers notice nothing.", self.rebuild, changes=True),
            Verb("status", "Show the indices, and whether every site has in the index what it published.", self.show_status),
            Verb(
                "reconcile",
                "Compare every document with the database, mend differences, erase old tombstones.",
                self.reconcile,
                changes=True,
            ),
            Verb("evaluate", "Measure the search with labelled queries, per kind.", self.evaluate, [_FILE, _KIND]),
        ]

    def rebuild(self, terminal: Terminal) -> None:
        """Build a new index, or say what would be built."""
        total = Projection.objects.live().count()
        if terminal.is_dry_run:
            terminal.result({"documents": total, "index": None}, text=f"Would build a new index of {total} documents. Nothing was changed.")
            return
        with _failures(), terminal.progress(total, "Indexing") as progress:
            rebuilt = rebuilding.rebuild(now=dt.datetime.now(dt.UTC), report=progress.advance)
        dropped = f"; dropped {', '.join(rebuilt.dropped)}" if rebuilt.dropped else ""
        terminal.result(asdict(rebuilt), text=f"Done: {rebuilt.documents} documents in {rebuilt.index}, {rebuilt.seconds} s{dropped}.")

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
            done = reconciling.reconcile(now=dt.datetime.now(dt.UTC), is_dry_run=terminal.is_dry_run)
        verb = "to repair" if terminal.is_dry_run else "sent again"
        terminal.result(
            asdict(done),
            text=f"{done.compared} compared: {done.repaired} {verb}, {done.erased} {'to erase' if terminal.is_dry_run else 'erased'}.",
        )

    def evaluate(self, terminal: Terminal) -> None:
        """Measure and show a row a kind."""
        try:
            queries = evaluation.load(terminal.options["file"], kind=terminal.options["kind"])
        except evaluation.QueryFileError as error:
            raise CommandFailure(str(error), code=ExitCode.WRONG_USAGE) from error
        if not queries:
            raise CommandFailure("No query of that kind in the file.", code=ExitCode.WRONG_USAGE)
        with _failures(), terminal.progress(len(queries), "Asking") as progress:
            scores = evaluation.evaluate(
                queries, scope=selectors.scope_of_everything(), groups=selectors.groups_by_source(), report=progress.advance
            )
        terminal.table(
            "", ["kind", "queries", "nDCG@10", "MRR@10", "recall@10", "success@1"], [list(asdict(score).values()) for score in scores]
        )
        terminal.result([asdict(score) for score in scores])


@contextmanager
def _failures() -> Iterator[None]:
    """Say what to do about what can go wrong."""
    try:
        yield
    except EngineDownError as error:
        raise CommandFailure(f"{error}. Check ELASTICSEARCH_URL and that the engine runs; nothing was changed.") from error
    except (indices.BusyError, rebuilding.RebuildError, evaluation.DegradedError) as error:
        raise CommandFailure(str(error)) from error
    except selectors.SearchDownError as error:
        raise CommandFailure("Neither Elasticsearch nor PostgreSQL answers a search in time.") from error
