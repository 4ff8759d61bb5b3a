"""How much one file may cost, and what a child process says of it."""

import resource
from dataclasses import dataclass

FILE_BYTES = 50 * 1024 * 1024
TEXT_LENGTH = 200_000  # characters
PAGES = 2_000
MEMORY_BYTES = 512 * 1024 * 1024
CPU_SECONDS = 20
READING_SECONDS = 15.0  # of the processor; then what was read so far is handed over
WALL_SECONDS = 60.0  # a busy machine gives a child less than a whole processor
OPEN_FILES = 64
MEMBERS = 10_000  # of a ZIP
MEMBER_BYTES = 100 * 1024 * 1024  # unpacked
ALL_MEMBERS_BYTES = 200 * 1024 * 1024
RATIO = 200  # unpacked to packed, of members that are large unpacked
LARGE_BYTES = 1024 * 1024


class UnreadableError(Exception):
    """The file's words cannot be had; the message tells an editor why."""


@dataclass(frozen=True, slots=True)
class Extracted:
    """What was read of a file; `reason` says why not all of it, or nothing."""

    text: str
    reason: str = ""


def restrain() -> None:
    """Take away from this process what a hostile file could use: memory, time, files to write, further processes."""
    for kind, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
    ):
        resource.setrlimit(kind, (most, most))
