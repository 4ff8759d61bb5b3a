"""What the command line asks for; read by the process that starts everything and by those it starts."""

import argparse
from dataclasses import dataclass

NAMES = ("opening", "rendering", "publishing", "search", "fuzz")
FLEET = "fleet"  # by its name alone: it opens 300 sites


@dataclass(frozen=True, slots=True)
class Options:
    """Which benchmarks, and how large; 0 means the benchmark's own size."""

    names: tuple[str, ...]
    is_quick: bool
    sites: int
    documents: tuple[int, ...]
    is_kept: bool = False
    is_built_only: bool = False


def read_options(arguments: list[str]) -> Options:
    """Return the options; a wrong one ends the process with code 2 and says what is possible."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks", description="Measures the product side by side with what it is compared to; see README.md here."
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(NAMES)}, {FLEET}; all but {FLEET} when none is named")
    parser.add_argument("--quick", action="store_true", help="a few rounds, to see that everything works; the figures mean little")
    parser.add_argument("--sites", type=_size, default=0, metavar="N", help="opening, fleet: how many sites to open (30, 300)")
    parser.add_argument("--documents", type=_sizes, default=(), metavar="N[,N…]", help="search: how many documents, one run each (3,655)")
    parser.add_argument("--keep", action="store_true", help="search: use what an earlier run has built, and leave it for the next")
    parser.add_argument("--build", action="store_true", help="search: build and keep, measure nothing")
    read = parser.parse_args(arguments)
    if unknown := [name for name in read.names if name not in (*NAMES, FLEET)]:
        parser.error(f"there is no benchmark {unknown[0]!r}; there are {', '.join((*NAMES, FLEET))}.")
    return Options(tuple(read.names) or NAMES, read.quick, read.sites, read.documents, read.keep or read.build, read.build)


def _sizes(text: str) -> tuple[int, ...]:
    return tuple(_size(part) for part in text.split(","))


def _size(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 1_000_000:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 to 1000000")
    return int(text)
