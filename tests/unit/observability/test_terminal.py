"""The command line's common behaviour: answers, exit codes, progress."""

import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from typing_extensions import override

from observability.terminal import (
    CommandFailure,
    ExitCode,
    Terminal,
    Verb,
    VerbCommand,
    _LineProgress,
    argument,
    printable,
)


class Sites(VerbCommand):
    """A command with two verbs."""

    requires_system_checks: Any = []
    raises: BaseException | None = None

    @override
    def verbs(self) -> list[Verb]:
        """Return them."""
        return [
            Verb("open", "Open a site.", self.open, [argument("slug"), argument("--theme", default="plain")], changes=True),
            Verb("list", "List sites.", self.list),
        ]

    def open(self, terminal: Terminal) -> None:
        """Say what was asked for."""
        if self.raises:
            raise self.raises
        with terminal.progress(2, "Opening") as progress:
            progress.advance(2, note="done")
        terminal.say(f"opening {terminal.options['slug']}")
        terminal.result({"slug": terminal.options["slug"], "dry": terminal.is_dry_run}, text="done")

    def list(self, terminal: Terminal) -> None:
        """Show a table."""
        terminal.table("站点", ["slug", "state"], [["taiyuan", "ok"], ["wide" * 60, "failed to open"]])
        terminal.result({"sites": ["taiyuan"]})


def run_shell(command: VerbCommand, *arguments: str) -> int:
    try:
        command.run_from_argv(["manage.py", "site", *arguments])
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def call(*arguments: str) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command(Sites(), *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_a_verb_gets_its_arguments_and_answers_people() -> None:
    out, err = call("open", "taiyuan", "--theme", "azure")

    assert out == "opening taiyuan\ndone\n"
    assert err.startswith("Opening: 2/2 in ")


def test_json_is_one_document_on_standard_output_and_progress_stays_on_standard_error() -> None:
    out, err = call("open", "太原", "--json", "--dry-run")

    assert json.loads(out) == {"slug": "太原", "dry": True}
    assert err.startswith("Opening: 2/2 in ")


def test_a_verb_that_changes_nothing_has_no_dry_run() -> None:
    with pytest.raises(CommandError, match="unrecognized arguments: --dry-run"):
        call("list", "--dry-run")


def test_tables_fit_a_hundred_columns_and_have_no_colours_in_a_file() -> None:
    out, _ = call("list")

    assert max(len(line) for line in out.splitlines()) == 100
    assert "\x1b" not in out
    assert "站点" in out


def test_tables_are_silent_with_json() -> None:
    out, _ = call("list", "--json")

    assert json.loads(out) == {"sites": ["taiyuan"]}


def test_quiet_leaves_only_the_result() -> None:
    out, err = io.StringIO(), io.StringIO()

    call_command(Sites(), "open", "a", verbosity=0, stdout=out, stderr=err)

    assert (out.getvalue(), err.getvalue()) == ("done\n", "")


def test_wrong_usage_ends_with_two(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_shell(Sites(), "open") == 2
    assert run_shell(Sites(), "close", "taiyuan") == 2
    assert run_shell(Sites()) == 2


@pytest.mark.parametrize(("code", "number"), [(ExitCode.FAILED, 1), (ExitCode.WRONG_USAGE, 2), (ExitCode.PARTLY_DONE, 3)])
def test_an_expected_failure_is_one_line_and_its_code(code: ExitCode, number: int, capsys: pytest.CaptureFixture[str]) -> None:
    command = Sites()
    command.raises = CommandFailure("3 of 12 sites failed.", code=code)

    assert run_shell(command, "open", "taiyuan") == number

    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "3 of 12 sites failed.\n"


def test_a_failure_with_json_is_a_document_too(capsys: pytest.CaptureFixture[str]) -> None:
    command = Sites()
    command.raises = CommandFailure("No such theme.", code=ExitCode.WRONG_USAGE)

    assert run_shell(command, "open", "taiyuan", "--json") == 2

    assert json.loads(capsys.readouterr().out) == {"error": "No such theme.", "exit_code": 2}


def test_a_database_that_does_not_answer_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    command = Sites()
    command.raises = OperationalError("connection refused\n\tIs the server running?")

    assert run_shell(command, "open", "taiyuan") == 1

    assert (
        capsys.readouterr().err == "The database does not answer (connection refused). Check DATABASE_URL; `manage.py doctor` says more.\n"
    )


def test_ctrl_c_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    command = Sites()
    command.raises = KeyboardInterrupt()

    assert run_shell(command, "open", "taiyuan") == 1

    assert capsys.readouterr().err == "Stopped by Ctrl-C. Run the same command again to go on.\n"


def test_an_unexpected_error_keeps_its_trace() -> None:
    command = Sites()
    command.raises = ZeroDivisionError()

    with pytest.raises(ZeroDivisionError):
        run_shell(command, "open", "taiyuan")


def test_callers_in_python_get_the_exception() -> None:
    command = Sites()
    command.raises = CommandFailure("no")

    with pytest.raises(CommandFailure, match="no"):
        call_command(command, "open", "taiyuan")


def test_confirming_needs_somebody_to_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    terminal = Terminal({}, out=io.StringIO(), err=io.StringIO())

    with pytest.raises(CommandFailure, match="add --yes") as failure:
        terminal.confirm("Drop it?")

    assert failure.value.returncode == 2


@pytest.mark.parametrize("option", ["yes", "dry_run"])
def test_confirming_is_skipped_when_it_is_answered(option: str) -> None:
    Terminal({option: True}, out=io.StringIO(), err=io.StringIO()).confirm("Drop it?")


class _Keyboard(io.StringIO):
    """Somebody at a terminal."""

    @override
    def isatty(self) -> bool:
        """Say so."""
        return True


def test_confirming_takes_only_yes(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal({}, out=io.StringIO(), err=io.StringIO())

    monkeypatch.setattr("sys.stdin", _Keyboard("yes\n"))
    terminal.confirm("Drop it?")
    monkeypatch.setattr("sys.stdin", _Keyboard("\n"))
    with pytest.raises(CommandFailure, match="nothing was changed"):
        terminal.confirm("Drop it?")


def test_plain_progress_writes_at_most_every_two_seconds() -> None:
    now = [100.0]
    stream = io.StringIO()
    progress = _LineProgress(stream, "Importing", 40, clock=lambda: now[0])

    for _ in range(40):
        now[0] += 0.25
        progress.advance()
    progress.finish()

    assert stream.getvalue().splitlines() == [
        "Importing: 8/40 (4.0/s, 8 s left)",
        "Importing: 16/40 (4.0/s, 6 s left)",
        "Importing: 24/40 (4.0/s, 4 s left)",
        "Importing: 32/40 (4.0/s, 2 s left)",
        "Importing: 40/40 (4.0/s, 0 s left)",
        "Importing: 40/40 in 10.0 s (4.0/s)",
    ]


def test_progress_without_a_total_counts() -> None:
    now = [0.0]
    stream = io.StringIO()
    progress = _LineProgress(stream, "Reading", None, clock=lambda: now[0])

    now[0] = 2.0
    progress.advance(10, note="line 10")

    assert stream.getvalue() == "Reading: 10 (5.0/s) - line 10\n"


def test_output_cannot_steer_the_terminal() -> None:
    assert (
        printable("a\x1b[2Jb\x07\udc80\u2028太\n\t")
        == "a\N{REPLACEMENT CHARACTER}[2Jb\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER} 太\n\t"
    )
