"""One part in a Django process of its own, started by `__main__` with the environment it needs: the base database, or one benchmark."""

import sys
from collections.abc import Callable
from dataclasses import asdict

import django

django.setup()

# Models can be imported only after setup().
from django.core.management import call_command  # noqa: E402
from rich.console import Console  # noqa: E402

from provisioning import cloning  # noqa: E402
from registry import services  # noqa: E402
from tests.benchmarks import engines, fleet, fuzzing, opening, publishing, rendering, searching  # noqa: E402
from tests.benchmarks.options import Options, read_options  # noqa: E402
from tests.benchmarks.reporting import Machine, Report  # noqa: E402
from tests.factories.texts import DATA, lines  # noqa: E402

BENCHMARKS: dict[str, Callable[[Options], Report]] = {
    "opening": opening.run,
    "rendering": rendering.run,
    "publishing": publishing.run,
    "search": searching.run,
    "fuzz": fuzzing.run,
    "fleet": fleet.run,
}

WIDTH = 150  # of a table that goes into a file


def main(what: str, arguments: list[str]) -> None:
    """Make the base database, or measure, print and write."""
    if what == "base":
        _make_base()
        return
    options = read_options(arguments)
    machine = Machine()
    report = BENCHMARKS[what](options)
    path = engines.HOME / f"{report.name}.json"
    report.write(path, machine=machine.facts(), options=asdict(options) | {"names": [what]})
    console = Console() if sys.stdout.isatty() else Console(width=WIDTH)
    report.show(console)
    console.print(f"[dim]  {path.relative_to(engines.ROOT)}[/]\n")


def _make_base() -> None:
    call_command("migrate_schemas", shared=True, verbosity=0, interactive=False)
    services.import_regions(services.read_divisions(lines(DATA / "divisions-shanxi.csv.gz")))
    cloning.ensure_template()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
