"""Room on the disk: asked for before, and said clearly when it ran out after all."""

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from provisioning.backups.contract import SpaceError

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
MARGIN = 16 << 20  # bytes kept free for everybody else


def free(folder: Path) -> int:
    """Return the free bytes where a folder lies or will lie."""
    existing = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    return shutil.disk_usage(existing).free


def check(folder: Path, needed: int) -> None:
    """Refuse to begin where there is too little room.

    Raises:
        SpaceError: says how much is needed and how much there is.

    """
    if (there := free(folder)) < needed + MARGIN:
        raise SpaceError(
            f"{folder} has {megabytes(there)} free, at most {megabytes(needed + MARGIN)} are needed. Free some, or give another folder."
        )


@contextmanager
def told_when_full(folder: Path, needed: int) -> Iterator[None]:
    """Turn the system's "no space left" into our own words.

    Raises:
        SpaceError: the disk or a quota became full inside the block.

    """
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise SpaceError(
            f"{folder} became full ({error.strerror}); nothing half was left. At most {megabytes(needed + MARGIN)} are needed: "
            "free some space, or give another folder, and run the command again.",
        ) from error


def megabytes(size: int) -> str:
    """Return a size as people read it."""
    return f"{size / (1 << 20):,.1f} MiB"
