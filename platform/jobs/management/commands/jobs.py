"""`manage.py jobs run|list|retry`: works on background jobs, and shows how they stand."""

import signal
import threading
from collections.abc import Sequence
from dataclasses import asdict
from uuid import UUID

from django.utils import timezone
from typing_extensions import override

from jobs import selectors, services
from jobs.contract import JobState, NotFailedError, UnknownJobError
from jobs.worker import Worker
from observability.terminal import CommandFailure, ExitCode, Terminal, Verb, VerbCommand, argument

_ONCE = argument("--once", action="store_true", help="Work until nothing waits, then end.")
_STATE = argument("--state", choices=[state.value.lower() for state in JobState], help="Only jobs in this state.")
_LIMIT = argument("--limit", type=int, default=50, metavar="N", help="At most this many, the newest; 50 unless given.")
_JOB = argument("job", nargs="?", metavar="JOB", help="The job's id, as `list` shows it.")
_ALL = argument("--all", action="store_true", help="Every job that failed.")


class Command(VerbCommand):
    help = "Work on what the console was asked for in the background."

    @override
    def verbs(self) -> Sequence[Verb]:
        return [
            Verb("run", "Work until SIGTERM or Ctrl-C; any number may run at once.", self.run_worker, [_ONCE]),
            Verb("list", "Show jobs, newest first, and how many workers run.", self.list, [_STATE, _LIMIT]),
            Verb("retry", "Try failed jobs again; what they did before stays done.", self.retry, [_JOB, _ALL], changes=True),
        ]

    def run_worker(self, terminal: Terminal) -> None:
        """Run until told to stop, or until nothing waits."""
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        worker = Worker(report=terminal.say)
        if not terminal.options["once"]:
            terminal.say("Works on jobs. Ctrl-C ends it after the job in hand.")
        worker.run(should_stop=stop.is_set, wait=stop.wait, once=terminal.options["once"])
        terminal.result({"done": worker.done, "failed": worker.failed}, text=f"Done: {worker.done} jobs; {worker.failed} failed.")

    def list(self, terminal: Terminal) -> None:
        """Show jobs."""
        state = terminal.options["state"]
        rows = selectors.jobs(state=JobState(state.upper()) if state else None, limit=max(1, terminal.options["limit"]))
        workers = selectors.workers()
        terminal.table(
            "",
            ["job", "what", "site", "for", "state", "tries", "since", "why"],
            [
                [
                    row.id,
                    row.name,
                    row.subject,
                    row.actor,
                    row.state.lower(),
                    row.attempts,
                    _time(row.started_at or row.enqueued_at),
                    row.error,
                ]
                for row in rows
            ],
        )
        document = {"workers": workers, "jobs": [asdict(row) for row in rows]}
        terminal.result(document, text=f"{workers} workers run." if workers else "No worker runs: start one with `manage.py jobs run`.")

    def retry(self, terminal: Terminal) -> None:
        """Put failed jobs back into the queue."""
        wanted = self._wanted(terminal)
        if terminal.is_dry_run:
            terminal.result({"retried": [], "would_retry": wanted}, text=f"Would try {len(wanted)} jobs again.")
            return
        for job_id in wanted:
            try:
                services.retry(job_id, by="command line")
            except (UnknownJobError, NotFailedError) as error:
                raise CommandFailure(str(error), code=ExitCode.WRONG_USAGE) from None
        terminal.result({"retried": wanted}, text=f"{len(wanted)} jobs are tried again." if wanted else "Nothing to do: no job failed.")

    def _wanted(self, terminal: Terminal) -> Sequence[UUID]:
        given = terminal.options["job"]
        if terminal.options["all"] == bool(given):
            raise CommandFailure("Name one job, or say --all.", code=ExitCode.WRONG_USAGE)
        if not given:
            return [row.id for row in selectors.jobs(state=JobState.FAILED, limit=10_000)]
        try:
            return [UUID(given)]
        except ValueError:
            raise CommandFailure(f"{given} is no job's id. `manage.py jobs list` shows them.", code=ExitCode.WRONG_USAGE) from None


def _time(moment: object) -> str:
    return f"{timezone.localtime(moment):%m-%d %H:%M:%S}" if moment else ""  # type: ignore[arg-type] # a datetime
