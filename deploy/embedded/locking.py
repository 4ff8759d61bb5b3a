"""Locks that the operating system frees when their holder dies, however it dies."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from deploy.embedded.contract import EmbeddedError, Progress, silent


class LockTimeoutError(EmbeddedError):
    """Another process has held the lock for longer than the caller would wait."""


def claim(path: Path, *, patience: float = 1.0) -> int | None:
    """Take the lock file for this process and return its descriptor, or None when another holds it after `patience` seconds.

    Closing the descriptor, or the death of every process that has it, frees the lock.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    deadline = time.monotonic() + patience
    while True:
        with suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return descriptor
        if time.monotonic() >= deadline:
            os.close(descriptor)
            return None
        time.sleep(0.05)


def is_held(path: Path) -> bool:
    """Whether a living process holds the lock file."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except (FileNotFoundError, NotADirectoryError):
        return False
    try:
        # Shared, so that two who ask at once do not take each other for the holder.
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


@contextmanager
def held(path: Path, *, what: str, progress: Progress = silent, timeout: float = 300.0) -> Iterator[None]:
    """Hold the lock file inside the block, waiting up to `timeout` seconds for whoever has it.

    Raises LockTimeoutError, naming the file and `what` the other is doing.
    """
    descriptor = claim(path, patience=0.2)
    if descriptor is None:
        progress(f"waiting for another process that is {what}…")
        descriptor = claim(path, patience=timeout)
    if descriptor is None:
        raise LockTimeoutError(f"another process has been {what} for more than {timeout:.0f} s: end it, then try again (lock file {path}).")
    try:
        yield
    finally:
        os.close(descriptor)
