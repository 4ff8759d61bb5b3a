"""Writes an archive: a gzipped tar whose last two members are the manifest and its seal."""

import gzip
import io
import os
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from typing_extensions import override

from provisioning.backups import sealing
from provisioning.backups.contract import CHUNK, MANIFEST, SEAL, Manifest, Member, Protection
from provisioning.backups.tables import Counting

_LEVEL = 6  # of gzip: the last percent of size would double the time


class Packer:
    """Adds members one after the other and remembers what the manifest has to promise of each."""

    def __init__(self, tar: tarfile.TarFile, folder: Path, moment: float) -> None:
        self._tar, self._folder, self._moment = tar, folder, moment
        self.members: dict[str, Member] = {}

    def add_bytes(self, name: str, content: bytes) -> None:
        """Add a small member."""
        self._add(name, len(content), io.BytesIO(content))

    def add_file(self, name: str, path: Path) -> None:
        """Add a file as it is now."""
        with path.open("rb") as source:
            self._add(name, os.fstat(source.fileno()).st_size, source)

    def add_stream(self, name: str, stream: IO[bytes]) -> None:
        """Add all that was written to a file."""
        size = stream.seek(0, os.SEEK_END)
        stream.seek(0)
        self._add(name, size, stream)

    def add_written(self, name: str, write: Callable[[Counting], int]) -> int:
        """Add what a function writes, and return what it returns; until its length is known it waits in a file without a name."""
        with tempfile.TemporaryFile(dir=self._folder) as waiting:
            result = write(counting := Counting(waiting))
            waiting.seek(0)
            self._add(name, counting.size, waiting)
        return result

    def finish(self, manifest: Manifest) -> None:
        """Add the manifest and its seal."""
        content = manifest.as_bytes()
        for name, part in ((MANIFEST, content), (SEAL, sealing.seal(content))):
            self.add_bytes(name, part)

    def _add(self, name: str, size: int, source: IO[bytes]) -> None:
        counting = _Reading(source)
        self._tar.addfile(self._header(name, size), counting)
        self.members[name] = Member(size, counting.seen.sha256)

    def _header(self, name: str, size: int) -> tarfile.TarInfo:
        header = tarfile.TarInfo(name)
        header.size, header.mtime, header.mode = size, int(self._moment), 0o600
        return header


class _Reading(io.RawIOBase):
    """Hashes what the tar reads."""

    def __init__(self, source: IO[bytes]) -> None:
        super().__init__()
        self._source, self.seen = source, Counting()

    @override
    def read(self, size: int = -1) -> bytes:
        content = self._source.read(size)
        self.seen.write(content)
        return content


@contextmanager
def packing(path: Path, protection: Protection, *, moment: float) -> Iterator[Packer]:
    """Give the block a packer; the file gets its name only when all is on the disk, and nothing is left of one that failed."""
    partial = partial_of(path)
    partial.unlink(missing_ok=True)
    try:
        with open(os.open(partial, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "r+b", buffering=CHUNK) as target:  # noqa: PTH123 - a descriptor
            with (
                sealing.encrypting(target, protection) as plain,
                gzip.GzipFile(filename="", fileobj=plain, mode="wb", compresslevel=_LEVEL, mtime=0) as packed,
                tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT, bufsize=CHUNK) as tar,
            ):
                yield Packer(tar, path.parent, moment)
            target.flush()
            os.fsync(target.fileno())
        partial.replace(path)
        sync_folder(path.parent)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def partial_of(path: Path) -> Path:
    """Return the name an archive has until it is whole."""
    return path.with_name(f".{path.name}.partial")


def sync_folder(folder: Path) -> None:
    """Let the folder's own entry reach the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
