"""`manage.py relay run|status|retry`: carries events out, and shows those that wait."""

import signal
import threading
from collections.abc import Sequence
from dataclasses import asdict

from typing_extensions import override

from observability.terminal import CommandFailure, Terminal, Verb, VerbCommand, argument
from outbox import relay, selectors, services
from outbox.contract import TransportDownError

_ONCE = argument("--once", action="store_true", help="Carry out what is due now, then end.")
_PARKED = argument("--parked", action="store_true", help="The parked events too.")


class Command(VerbCommand):
    help = "Carry recorded changes to the search index and to whatever else listens."

    @override
    def verbs(self) -> Sequence[Verb]:
        return [
            Verb("run", "Carry events out until SIGTERM or Ctrl-C; any number may run at once.", self.run_relay, [_ONCE]),
            Verb("status", "Show how many events wait, failed or are parked, and why.", self.show_status),
            Verb("retry", "Try events that failed again now.", self.retry, [_PARKED]),
        ]

    def run_relay(self, terminal: Terminal) -> None:
        """Run until told to stop, or once."""
        total = self._run_once() if terminal.options["once"] else self._run_on(terminal)
        terminal.result(
            {"done": total.done, "delayed": total.delayed, "parked": total.parked},
            text=f"Done: {total.done} events; {total.delayed} to be tried again, {total.parked} parked.",
        )

    def show_status(self, terminal: Terminal) -> None:
        """Show each topic's backlog and the parked events."""
        backlogs, parked = selectors.backlog(), selectors.parked()
        terminal.table(
            "",
            ["topic", "pending", "of these failed", "parked", "oldest pending (s)"],
            [[b.topic, b.pending, b.delayed, b.parked, b.oldest_seconds] for b in backlogs],
        )
        if parked:
            terminal.table(
                "Parked", ["event", "key", "since", "why"], [[e.pk, e.key, f"{e.parked_at:%Y-%m-%d %H:%M:%S}", e.error] for e in parked]
            )
        document = {
            "topics": [asdict(each) for each in backlogs],
            "parked": [{"id": e.pk, "topic": e.topic, "key": e.key, "parked_at": e.parked_at, "error": e.error} for e in parked],
        }
        terminal.result(document, text="" if backlogs else "Nothing waits.")

    def retry(self, terminal: Terminal) -> None:
        """Make failed events due."""
        count = services.retry(parked=terminal.options["parked"])
        terminal.result({"due": count}, text=f"{count} events are due now." if count else "Nothing to try again: 0 changes.")

    def _run_once(self) -> relay.Batch:
        try:
            relay.prepare()
            return relay.drain()
        except TransportDownError as error:
            raise CommandFailure(f"The far side is away: {error} The events stay; run this again when it is back.") from error

    def _run_on(self, terminal: Terminal) -> relay.Batch:
        stop, batches = threading.Event(), [relay.Batch()]
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())

        def report(batch: relay.Batch) -> None:
            batches[0] += batch
            terminal.say(f"{batch.done} done, {batch.delayed} delayed, {batch.parked} parked")

        terminal.say(f"Relay runs for: {', '.join(relay.topics())}. Ctrl-C ends it between batches.")
        relay.run(should_stop=stop.is_set, wait=stop.wait, report=report)
        return batches[0]
