"""`python -m tests.benchmarks [NAME …] [--quick]`: starts the engines, gives each benchmark a process and a database of its own, cleans up.

Exit codes: 0 done, whatever the figures are, 1 failed, 2 wrong usage, 130 interrupted.
"""

import subprocess
import sys
from contextlib import ExitStack

from rich.console import Console

from deploy.embedded.contract import EmbeddedError
from deploy.embedded.services import Endpoints
from tests.benchmarks import engines
from tests.benchmarks.options import read_options

TAIL = 3000  # characters of a failed process's log
DONE, FAILED, INTERRUPTED = 0, 1, 130


class FailedError(Exception):
    """A benchmark's process ended with an error; the message holds its last words."""


def main(arguments: list[str]) -> int:
    """Run the benchmarks that were asked for and return the exit code."""
    options = read_options(arguments)
    console = Console()
    try:
        with engines.running() as endpoints, engines.database(endpoints, engines.BASE):
            console.print("[dim]migrating a database to copy…[/]")
            _run(endpoints, "base", arguments, database=engines.BASE)
            failed = [name for name in options.names if not _measured(endpoints, name, arguments)]
    except (EmbeddedError, engines.BusyError, FailedError) as error:
        _complain(error)
        return FAILED
    except KeyboardInterrupt:
        Console(stderr=True).print("interrupted; nothing is left behind.", style="yellow")
        return INTERRUPTED
    return FAILED if failed else DONE


def _complain(error: Exception) -> None:
    Console(stderr=True).print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)


def _measured(endpoints: Endpoints, name: str, arguments: list[str]) -> bool:
    """Run one benchmark; one that fails is reported and stops no other."""
    try:
        _measure(endpoints, name, arguments)
    except FailedError as error:
        _complain(error)
        return False
    return True


def _measure(endpoints: Endpoints, name: str, arguments: list[str]) -> None:
    if name == "search":
        _measure_search(endpoints, arguments)
        return
    with ExitStack() as databases:
        database = f"{engines.PREFIX}_{name}"
        databases.enter_context(engines.database(endpoints, database, template=engines.BASE))
        if name == "rendering":
            databases.enter_context(engines.database(endpoints, engines.PLAIN))
        _run(endpoints, name, arguments, database=database)


def _measure_search(endpoints: Endpoints, arguments: list[str]) -> None:
    """Measure one size after the other, each in a database of its own, the smallest first."""
    options = read_options(arguments)
    make = engines.kept_database if options.is_kept else engines.database
    prefix = engines.KEPT if options.is_kept else engines.PREFIX
    for size in sorted(options.documents) or (0,):
        database = f"{prefix}_{size}"
        with make(endpoints, database, template=engines.BASE):
            _run(endpoints, "search", [*arguments, "--documents", str(size)] if size else arguments, database=database)


def _run(endpoints: Endpoints, what: str, arguments: list[str], *, database: str) -> None:
    """Run one part in a process of its own: settings are read once, and no part sees another's warm memory."""
    log = engines.HOME / f"{what}.log"
    command = [sys.executable, "-m", "tests.benchmarks.process", what, *arguments]
    with (
        log.open("wb") as stream,
        subprocess.Popen(command, cwd=engines.ROOT, env=dict(engines.environment(endpoints, database)), stderr=stream) as process,
    ):
        try:
            code = process.wait()
        finally:
            process.terminate()
    if code:
        said = log.read_text(encoding="utf-8", errors="replace")[-TAIL:]
        raise FailedError(f"{said}\n{what} failed with code {code}; all it said is in {log.relative_to(engines.ROOT)}.")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
