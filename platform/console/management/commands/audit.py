"""`manage.py audit list|export|anchor|verify`: the audit trail, read and checked."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, time
from pathlib import Path

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from typing_extensions import override

from console.composing import Form, lines
from console.contract import TrailFilter
from console.selectors import trail
from observability import chain
from observability.terminal import CommandFailure, ExitCode, Terminal, Verb, VerbCommand, argument
from registry.schemas import in_public
from registry.selectors import directory

_SINCE = argument("--since", metavar="DATE", help="Only from this day or moment on: 2026-11-01 or 2026-11-01T08:00.")
_FILTERS = [
    argument("--actor", default="", metavar="NAME", help="Only what this person did."),
    argument("--action", default="", metavar="NAME", help="Only this action, or all that begin so: membership."),
    argument("--site", metavar="SLUG", help="Only what concerns this site."),
    argument("--subject", default="", metavar="TEXT", help="Only what was done to this, or to what contains it."),
    _SINCE,
    argument("--until", metavar="DATE", help="Only before this day or moment."),
]
_LIMIT = argument("--limit", type=int, default=50, metavar="N", help="At most this many, the newest; 50 unless given.")
_FILE = argument("file", type=Path, metavar="FILE", help="Where to write; the ending .jsonl or .csv chooses the form.")
_ANCHOR = argument("--anchor", action="append", default=[], metavar="ANCHOR", help="An anchor kept elsewhere; can be repeated.")


class Command(VerbCommand):
    help = "Read the audit trail, and check that nobody touched it."

    @override
    def verbs(self) -> Sequence[Verb]:
        return [
            Verb("list", "Show entries, newest first.", self.list, [*_FILTERS, _LIMIT]),
            Verb("export", "Write entries to a file, oldest first.", self.export, [_FILE, *_FILTERS]),
            Verb("anchor", "Print the chain's end; keep it where nobody here can change it.", self.anchor, []),
            Verb("verify", "Check the chain; names the first entry that is wrong.", self.verify, [_SINCE, _ANCHOR]),
        ]

    def list(self, terminal: Terminal) -> None:
        """Show a page of entries."""
        rows = trail.newest(_filter(terminal), limit=max(1, terminal.options["limit"]))
        terminal.table(
            "",
            ["no.", "when", "who", "what", "whom or what", "site", "from"],
            [
                [row.number, f"{timezone.localtime(row.at):%Y-%m-%d %H:%M:%S}", row.actor, row.action, row.subject, row.site, row.address]
                for row in rows
            ],
        )
        terminal.result({"entries": [asdict(row) for row in rows]}, text="" if rows else "No such entries.")

    def export(self, terminal: Terminal) -> None:
        """Write a file, whole or not at all."""
        file: Path = terminal.options["file"]
        try:
            form = Form(file.suffix.removeprefix("."))
        except ValueError:
            raise CommandFailure(f"{file} ends in neither .jsonl nor .csv: choose one.", code=ExitCode.WRONG_USAGE) from None
        written = _write(file, form, _filter(terminal))
        terminal.result({"file": str(file), "entries": written}, text=f"{written} entries are in {file}.")

    def anchor(self, terminal: Terminal) -> None:
        """Print the chain's end."""
        end = chain.anchor()
        if not end.number:
            terminal.result({"anchor": None}, text="There are no entries yet, so there is nothing to anchor.")
            return
        terminal.result({"anchor": str(end), "number": end.number, "at": timezone.now().isoformat()}, text=str(end))

    def verify(self, terminal: Terminal) -> None:
        """Walk the chain; a fault is a failure."""
        try:
            anchors = [chain.Anchor.parse(text) for text in terminal.options["anchor"]]
        except chain.AnchorError as error:
            raise CommandFailure(str(error), code=ExitCode.WRONG_USAGE) from None
        found = chain.verify(since=_moment(terminal, "since"), anchors=anchors)
        document = {
            "sound": found.is_sound,
            "entries": found.entries,
            "anchor": str(found.anchor) if found.anchor.number else None,
            "fault": asdict(found.finding) if found.finding else None,
        }
        if found.finding is None:
            terminal.result(document, text=f"Sound: {found.entries} entries are as they were written.")
            return
        terminal.result(document)
        raise CommandFailure(f"{found.finding.message} {found.entries} entries before it are sound.")


def _filter(terminal: Terminal) -> TrailFilter:
    options, slug = terminal.options, terminal.options["site"]
    site = directory().by_slug.get(slug) if slug else None
    if slug and site is None:
        raise CommandFailure(f"There is no site named {slug}. `manage.py site list` shows them.", code=ExitCode.WRONG_USAGE)
    return TrailFilter(
        actor=options["actor"],
        action=options["action"],
        subject=options["subject"],
        site=site.uuid if site else None,
        since=_moment(terminal, "since"),
        until=_moment(terminal, "until"),
    )


def _moment(terminal: Terminal, name: str) -> datetime | None:
    """Return the moment an option names, in the platform's time zone."""
    text = terminal.options.get(name)
    if not text:
        return None
    try:
        day = parse_date(text)
        moment = datetime.combine(day, time.min) if day else parse_datetime(text)
    except ValueError:
        moment = None
    if moment is None:
        raise CommandFailure(f"--{name} {text} is no day or moment: write 2026-11-01 or 2026-11-01T08:00.", code=ExitCode.WRONG_USAGE)
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)


def _write(file: Path, form: Form, wanted: TrailFilter) -> int:
    partial = file.with_name(f"{file.name}.partial")
    written = 0
    try:
        partial.unlink(missing_ok=True)
        partial.touch(mode=0o600)  # nobody else may read it
        with in_public(), partial.open("w", encoding="utf-8", newline="") as stream:
            for written, line in enumerate(lines(trail.oldest_first(wanted), form=form), start=1):  # noqa: B007 - counted to the last
                stream.write(line)
        partial.replace(file)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise CommandFailure(f"{file} cannot be written: {error.strerror}.") from error
    return written - 1 if form is Form.CSV else written
