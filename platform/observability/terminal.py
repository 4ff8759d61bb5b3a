"""What every management command is made of: verbs, options, exit codes, tables, progress; one look and one behaviour.

A command is a noun with verbs (`site open`), or one verb named "" (`doctor`)::

    class Command(VerbCommand):
        help = "Opens and looks after sites."

        def verbs(self) -> list[Verb]:
            return [Verb("open", "Open a site.", self.open_site, [argument("slug", help="Name of the site.")], changes=True)]

        def open_site(self, terminal: Terminal) -> None:
            with terminal.progress(7, "Opening") as progress:
                for step in services.open_site(terminal.options["slug"], dry_run=terminal.is_dry_run):
                    progress.advance(note=step)
            terminal.result({"slug": "taiyuan"}, text="Open: taiyuan")

Every verb has `--json`; one that changes something has `--dry-run` and `--yes` too. A verb ends well by returning and
in any other way by raising `CommandFailure`.
"""

import getpass
import json
import sys
import time
import unicodedata
from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, NoReturn, Protocol, TextIO

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, ProgressColumn, SpinnerColumn, Task, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Progress as RichProgress
from rich.table import Table
from rich.text import Text
from typing_extensions import override

WIDTH = 100
SECONDS_BETWEEN_LINES = 2.0


class ExitCode(IntEnum):
    """How a command ended."""

    DONE = 0
    FAILED = 1
    WRONG_USAGE = 2
    PARTLY_DONE = 3


class CommandFailure(CommandError):  # noqa: N818 - reads as what happened to the command
    """An expected end that is not success: one line on standard error, no stack trace."""

    def __init__(self, message: str, *, code: ExitCode = ExitCode.FAILED) -> None:
        super().__init__(message, returncode=int(code))


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a verb, as argparse takes it."""

    names: tuple[str, ...]
    options: Mapping[str, Any]


def argument(*names: str, **options: Any) -> Argument:
    """Return an argument; takes what `ArgumentParser.add_argument` takes."""
    return Argument(names, options)


@dataclass(frozen=True, slots=True)
class Verb:
    """One thing a command can do; `changes` gives it `--dry-run` and `--yes`."""

    name: str
    help: str
    run: "Callable[[Terminal], None]"
    arguments: Sequence[Argument] = field(default_factory=tuple)
    changes: bool = False


class Progress(Protocol):
    """How far a long action is."""

    def advance(self, steps: int = 1, *, note: str = "") -> None:
        """Count steps as done; `note` says which one."""


class Terminal:
    """The caller of a verb: its options and the ways to answer."""

    def __init__(self, options: Mapping[str, Any], *, out: TextIO, err: TextIO) -> None:
        self.options = options
        self.has_result = False
        self._out, self._err = out, err
        self._console = _console(out, has_colour=not options.get("no_color"))

    @property
    def is_json(self) -> bool:
        """Whether the answer is one JSON document on standard output and nothing else."""
        return bool(self.options.get("json"))

    @property
    def is_dry_run(self) -> bool:
        """Whether the verb must only say what it would do."""
        return bool(self.options.get("dry_run"))

    @property
    def is_quiet(self) -> bool:
        """Whether only the result is wanted (`--verbosity 0`)."""
        return self.options.get("verbosity") == 0

    def say(self, text: str) -> None:
        """Print a line for people: on standard output, or nowhere with `--json`."""
        if not self.is_json and not self.is_quiet:
            self._console.print(Text(printable(text)), soft_wrap=True)

    def warn(self, text: str) -> None:
        """Print a line on standard error, with `--json` too."""
        self._err.write(printable(text) + "\n")

    def table(self, title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Print a table for people; nothing with `--json`. A cell that begins with ok, warning or failed is coloured."""
        if self.is_json:
            return
        table = Table(title=printable(title) or None, title_justify="left", width=None, header_style="bold")
        for column in columns:
            table.add_column(printable(column), overflow="fold")
        for row in rows:
            table.add_row(*(Text(text := printable(str(cell)).replace("\n", " "), style=_cell_style(text)) for cell in row))
        self._console.print(table)

    def result(self, document: object, *, text: str = "") -> None:
        """Give the answer: `document` as JSON with `--json`, else `text` when there is one.

        Call it once, at the end; with `--json` it is all that reaches standard output.
        """
        self.has_result = True
        if self.is_json:
            self._out.write(printable(json.dumps(document, ensure_ascii=False, indent=2, default=str)) + "\n")
        elif text:
            self._console.print(Text(printable(text)), soft_wrap=True)

    def confirm(self, question: str) -> None:
        """Ask before something that cannot be undone; `--yes` answers, `--dry-run` needs no answer.

        Raises:
            CommandFailure: the answer was not yes, or nobody can be asked.

        """
        if self.options.get("yes") or self.is_dry_run:
            return
        if not sys.stdin.isatty():
            raise CommandFailure(f"{question} Nobody can be asked here: add --yes to go on.", code=ExitCode.WRONG_USAGE)
        self._err.write(f"{printable(question)} [y/N] ")
        self._err.flush()
        if sys.stdin.readline().strip().lower() not in ("y", "yes"):
            raise CommandFailure("Stopped: nothing was changed.")

    def read_secret(self, prompt: str) -> str:
        """Ask for a password without showing it; it never comes from the command line's arguments.

        Raises:
            CommandFailure: nobody can be asked.

        """
        if not sys.stdin.isatty():
            raise CommandFailure("Nobody can be asked for a password here: add --password-stdin and pipe it in.", code=ExitCode.WRONG_USAGE)
        return getpass.getpass(prompt, stream=self._err)

    @contextmanager
    def progress(self, total: int | None, description: str) -> Iterator[Progress]:
        """Show how far a long action is, on standard error: a bar on a terminal, else a line every two seconds at most."""
        if self.is_quiet:
            yield _NoProgress()
        elif self._err.isatty():
            with _bar(self._err, has_colour=not self.options.get("no_color")) as bar:
                yield _BarProgress(bar, bar.add_task(printable(description), total=total, note=""))
        else:
            lines = _LineProgress(self._err, description, total)
            yield lines
            lines.finish()


class VerbCommand(BaseCommand):
    """A management command made of verbs."""

    _called_from_command_line: bool  # Django's own

    @abstractmethod
    def verbs(self) -> Sequence[Verb]:
        """Return what the command can do."""

    @override
    def add_arguments(self, parser: CommandParser) -> None:
        """Give each verb its own arguments and the common ones."""
        verbs = self.verbs()
        if [verb.name for verb in verbs] == [""]:
            _fill(parser, verbs[0])
            return
        commands = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
        for verb in verbs:
            _fill(commands.add_parser(verb.name, help=verb.help, description=verb.help), verb)

    @override
    def execute(self, *args: Any, **options: Any) -> str | None:
        """Run it; from the command line an expected failure ends in one line and its exit code."""
        try:
            return super().execute(*args, **options)
        except CommandFailure as failure:
            self._end(failure, options)
        except OperationalError as error:
            first_line = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
            self._end(
                CommandFailure(f"The database does not answer ({first_line}). Check DATABASE_URL; `manage.py doctor` says more."), options
            )
        except KeyboardInterrupt:
            self._end(CommandFailure("Stopped by Ctrl-C. Run the same command again to go on."), options)

    @override
    def handle(self, *args: Any, **options: Any) -> None:
        """Find the verb and run it."""
        del args
        terminal = self._terminal = Terminal(options, out=options.get("stdout") or sys.stdout, err=options.get("stderr") or sys.stderr)
        name = options.get("verb") or ""
        next(verb for verb in self.verbs() if verb.name == name).run(terminal)

    def _end(self, failure: CommandFailure, options: Mapping[str, Any]) -> NoReturn:
        """Raise for callers in Python; write and leave for those at a shell."""
        if not self._called_from_command_line or options.get("traceback"):
            raise failure
        terminal: Terminal | None = getattr(self, "_terminal", None)
        if options.get("json") and not (terminal and terminal.has_result):
            sys.stdout.write(json.dumps({"error": str(failure), "exit_code": failure.returncode}, ensure_ascii=False) + "\n")
        sys.stderr.write(printable(str(failure)) + "\n")
        sys.exit(failure.returncode)


def printable(text: str) -> str:
    """Return the text without what could steer a terminal or break its encoding; line ends and tabs stay."""
    clean = "".join(
        char if char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cs") else "\N{REPLACEMENT CHARACTER}" for char in text
    )
    return clean.replace("\u2028", " ").replace("\u2029", " ")


def _fill(parser: Any, verb: Verb) -> None:
    for each in verb.arguments:
        parser.add_argument(*each.names, **each.options)
    parser.add_argument("--json", action="store_true", help="Answer with one JSON document on standard output.")
    if verb.changes:
        parser.add_argument("--dry-run", action="store_true", help="Say what would be done and change nothing.")
        parser.add_argument("--yes", action="store_true", help="Do not ask before it is done.")


def _cell_style(text: str) -> str:
    return {"ok": "green", "warning": "yellow", "failed": "bold red"}.get(text.split(" ", 1)[0], "")


def _console(stream: TextIO, *, has_colour: bool) -> Console:
    is_terminal = stream.isatty()
    console = Console(file=stream, force_terminal=is_terminal, no_color=not has_colour, highlight=False, emoji=False, markup=False)
    console.width = min(WIDTH, console.width) if is_terminal else WIDTH
    return console


def _rate(done: float, seconds: float) -> str:
    return f"{done / seconds:,.1f}/s" if seconds > 0 else "-/s"


class _RateColumn(ProgressColumn):
    """Steps a second."""

    @override
    def render(self, task: Task) -> Text:
        return Text(_rate(task.completed, task.finished_time or task.elapsed or 0.0))


def _bar(stream: TextIO, *, has_colour: bool) -> RichProgress:
    return RichProgress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        _RateColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}", markup=False),
        console=_console(stream, has_colour=has_colour),
    )


class _NoProgress:
    """Shows nothing."""

    def advance(self, steps: int = 1, *, note: str = "") -> None:
        """Do nothing."""


class _BarProgress:
    """Moves a bar on a terminal."""

    def __init__(self, bar: RichProgress, task: TaskID) -> None:
        self._bar, self._task = bar, task

    def advance(self, steps: int = 1, *, note: str = "") -> None:
        """Move the bar."""
        self._bar.update(self._task, advance=steps, note=printable(note)[:40])


class _LineProgress:
    """Writes plain lines, never two within two seconds; the last one says how long it took."""

    def __init__(self, stream: TextIO, description: str, total: int | None, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream, self._description, self._total, self._clock = stream, printable(description), total, clock
        self._done = 0
        self._started = self._written = clock()

    def advance(self, steps: int = 1, *, note: str = "") -> None:
        """Count, and write a line when the last one is old enough."""
        self._done += steps
        now = self._clock()
        if now - self._written >= SECONDS_BETWEEN_LINES:
            self._written = now
            self._write(now, note)

    def finish(self) -> None:
        """Write the closing line."""
        seconds = self._clock() - self._started
        self._stream.write(f"{self._description}: {self._count()} in {seconds:.1f} s ({_rate(self._done, seconds)})\n")

    def _write(self, now: float, note: str) -> None:
        seconds = now - self._started
        left = f", {(self._total - self._done) * seconds / self._done:.0f} s left" if self._total and self._done else ""
        suffix = f" - {printable(note)}" if note else ""
        self._stream.write(f"{self._description}: {self._count()} ({_rate(self._done, seconds)}{left}){suffix}\n")
        self._stream.flush()

    def _count(self) -> str:
        return f"{self._done}/{self._total}" if self._total is not None else str(self._done)
