"""Reads an archive and believes nothing: every member is checked before anything is done with any of them."""

import gzip
import hashlib
import os
import shutil
import tarfile
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from provisioning.backups import sealing, space
from provisioning.backups.contract import (
    CHUNK,
    FILES,
    MANIFEST,
    READ_ME,
    SEAL,
    TABLES,
    ArchiveError,
    Key,
    Manifest,
    Member,
    MemberError,
    Unpacked,
)
from provisioning.backups.files import is_plain
from provisioning.backups.tables import Counting

_A_DAY = 86_400
_MOST_SMALL = 64 << 20  # bytes of a manifest: some 300,000 files


@contextmanager
def unpacked(path: Path, *, key: Key, folder: Path, from_elsewhere: bool = False) -> Iterator[Unpacked]:
    """Lay an archive out in a folder of its own below `folder` for the block, after checking every byte of it.

    Raises:
        ArchiveError: it is damaged, was changed, or is no archive of ours; the member is named.
        KeyNeededError: it is encrypted and the key is missing or wrong.
        SpaceError: it does not fit on the disk.

    """
    if not path.is_file():
        raise ArchiveError(f"There is no file {path}. See `manage.py backup list`.")
    folder.mkdir(parents=True, exist_ok=True)
    _clear_old(folder)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".unpacked-") as made:
        with space.told_when_full(folder, path.stat().st_size):
            found = extract(path, key, Path(made), is_known=_belongs)
        yield Unpacked(_checked(found, Path(made), from_elsewhere=from_elsewhere), Path(made), sha256_of(path))


def _clear_old(folder: Path) -> None:
    """Remove what killed processes left a day ago or earlier."""
    for left in folder.glob(".unpacked-*"):
        if time.time() - left.stat().st_mtime > _A_DAY:
            shutil.rmtree(left, ignore_errors=True)


def sha256_of(path: Path) -> str:
    """Return the hash of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def extract(path: Path, key: Key, folder: Path, *, is_known: Callable[[str], bool]) -> dict[str, Member]:
    """Write every member of a gzipped tar to a folder and return what each truly is.

    Raises:
        ArchiveError: it is damaged, or a member is no plain file or has a name that is not known.

    """
    found: dict[str, Member] = {}
    with sealing.decrypted(path, key) as plain:
        try:
            with gzip.GzipFile(fileobj=plain) as packed, tarfile.open(fileobj=packed, mode="r|", bufsize=CHUNK) as tar:
                for header in tar:
                    _refuse_strange(header, found, is_known)
                    found[header.name] = Member(0, "")
                    found[header.name] = _write(tar, header, folder / header.name)
                _refuse_more(packed)
        except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile, ValueError) as error:
            last = next(reversed(found), "the beginning")
            raise MemberError(last, f"the archive is damaged here or right after ({error})") from error
    return found


def _refuse_more(packed: gzip.GzipFile) -> None:
    """Read to the end, where gzip's own checksum is, and refuse anything but the padding of a tar."""
    while rest := packed.read(CHUNK):
        if rest.strip(b"\0"):
            raise ArchiveError("There are bytes after the end of the archive. It is refused and nothing was changed.")


def _belongs(name: str) -> bool:
    return name in (MANIFEST, SEAL, READ_ME) or name.startswith((TABLES, FILES))


def _refuse_strange(header: tarfile.TarInfo, found: dict[str, Member], is_known: Callable[[str], bool]) -> None:
    name = header.name
    if not header.isreg():
        raise MemberError(name, "only plain files belong into an archive, not links, folders or devices")
    if not (is_plain(name) and is_known(name)):
        raise MemberError(name, "such a member does not belong into an archive")
    if name in found:
        raise MemberError(name, "it is there twice")
    if name in (MANIFEST, SEAL) and header.size > _MOST_SMALL:
        raise MemberError(name, f"it has {header.size} bytes")


def _write(tar: tarfile.TarFile, header: tarfile.TarInfo, target: Path) -> Member:
    source = tar.extractfile(header)
    if source is None:
        raise MemberError(header.name, "it has no content")
    space.check(target.parent if target.parent.exists() else target.parents[1], header.size)
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("xb") as stream:
        counting = Counting(stream)
        shutil.copyfileobj(source, counting, CHUNK)
    if counting.size != header.size:
        raise MemberError(header.name, f"it ends after {counting.size} of {header.size} bytes")
    os.chmod(target, 0o600)  # noqa: PTH101 - as written
    return Member(counting.size, counting.sha256)


def _checked(found: dict[str, Member], folder: Path, *, from_elsewhere: bool) -> Manifest:
    for name in (MANIFEST, SEAL):
        if name not in found:
            raise MemberError(name, "it is missing")
    content = (folder / MANIFEST).read_bytes()
    sealing.check_seal(content, (folder / SEAL).read_bytes(), from_elsewhere=from_elsewhere)
    manifest = Manifest.from_bytes(content)
    there = {name: member for name, member in found.items() if name not in (MANIFEST, SEAL)}
    for name in sorted({*there, *manifest.members}):
        if name not in manifest.members:
            raise MemberError(name, "the manifest does not know it")
        if name not in there:
            raise MemberError(name, "it is missing")
        if there[name] != manifest.members[name]:
            raise MemberError(name, "its content is not what the manifest promises")
    for table in manifest.tables:
        if f"{TABLES}{table}.csv" not in there:
            raise MemberError(f"{TABLES}{table}.csv", "it is missing")
    return manifest
