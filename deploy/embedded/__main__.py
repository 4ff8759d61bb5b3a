"""`python -m deploy.embedded start|stop|status`: the embedded services from the command line.

Exit codes: 0 done (status: both run), 1 failed (status: one does not run), 2 wrong usage.
"""

import argparse
import json
import os
import sys
from pathlib import Path

from rich.console import Console

from deploy.embedded import services
from deploy.embedded.contract import EmbeddedError, Progress

DONE, FAILED = 0, 1
INTERRUPTED = 130


def main(arguments: list[str] | None = None) -> int:
    """Run one verb and return the exit code."""
    options = _parser().parse_args(arguments)
    # What is going on goes to standard error, so that --json and --env leave standard output to the machine.
    errors = Console(stderr=True, highlight=False, soft_wrap=True)

    def progress(message: str) -> None:
        errors.print(message, style="dim", markup=False)

    try:
        changed = _do(options, progress)
        now = services.status(options.var)
    except EmbeddedError as error:
        errors.print(str(error), style="red", markup=False)
        return FAILED
    except KeyboardInterrupt:
        errors.print("interrupted: what this run had started is stopped again.", style="yellow")
        return INTERRUPTED
    _show(now, options, changed=changed)
    return DONE if options.verb == "stop" or now.running else FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m deploy.embedded", description="The embedded PostgreSQL and Elasticsearch for the demo, tests and small trials."
    )
    parser.add_argument("verb", choices=("start", "stop", "status"), help="what to do; each can be repeated without harm")
    default = Path(os.environ.get("VAR_DIR") or "var")
    parser.add_argument(
        "--var", type=Path, default=default, metavar="DIR", help="where data, logs and settings live (default $VAR_DIR, else var)"
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print the state as JSON")
    form.add_argument("--env", action="store_true", help='print lines for a shell: eval "$(python -m deploy.embedded start --env)"')
    return parser


def _do(options: argparse.Namespace, progress: Progress) -> bool:
    """Carry out the verb; whether anything changed."""
    if options.verb == "start":
        before = services.status(options.var).running
        services.start(options.var, progress=progress)
        return not before
    return options.verb == "stop" and services.stop(options.var, progress=progress)


def _show(now: services.Status, options: argparse.Namespace, *, changed: bool) -> None:
    endpoints = now.endpoints()
    if options.json:
        sys.stdout.write(json.dumps({**now.as_dict(), "changed": changed}, indent=2) + "\n")
    elif options.env:
        sys.stdout.write(endpoints.exports() if endpoints else "")
    else:
        console = Console(highlight=False, soft_wrap=True)
        for service in (now.postgres, now.elasticsearch):
            console.print(_line(service))
        if options.verb != "status" and not changed:
            console.print("nothing to do: both ran already." if options.verb == "start" else "nothing to do: none was running.")


def _line(service: services.Service) -> str:
    """One line, never folded: an address broken in two cannot be copied."""
    if not service.running:
        return f"{service.name:<14}[yellow]stopped[/]"
    return f"{service.name:<14}[green]running[/]  process {service.pid:<8}{service.address}"


if __name__ == "__main__":
    sys.exit(main())
