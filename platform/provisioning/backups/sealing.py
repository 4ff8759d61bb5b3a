"""The seal by which this installation knows its own archives, and encryption with age.

With recipients the archive is one age stream. A passphrase protects a fresh age key, and that key the archive: both lie in one plain tar
(`key.age`, `archive.age`), so that memory stays bounded however large a site is and the `age` program alone can open it.
"""

import hashlib
import hmac
import json
import os
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import pyrage  # type: ignore[import-untyped] # none published
from django.utils.crypto import salted_hmac

from provisioning.backups.contract import MANIFEST, SEAL, ArchiveError, Key, KeyNeededError, MemberError, Protection, UnknownSealError
from provisioning.contract import RefusedError

AGE_MAGIC = b"age-encryption.org/"
_KEY, _ARCHIVE = "key.age", "archive.age"


class RecipientError(RefusedError):
    """A recipient is no age public key."""


def seal(manifest: bytes) -> bytes:
    """Return the seal of a manifest: its hash, and a mark only this installation can make."""
    document = {"sha256": hashlib.sha256(manifest).hexdigest(), "installation": _installation(), "mark": _mark(manifest)}
    return (json.dumps(document, indent=1, sort_keys=True) + "\n").encode()


def check_seal(manifest: bytes, content: bytes, *, from_elsewhere: bool) -> None:
    """Refuse a manifest that was changed after it was sealed.

    Raises:
        MemberError: the seal or the manifest was changed.
        UnknownSealError: another installation sealed it, and the caller did not say that this is expected.

    """
    try:
        document = json.loads(content)
        digest, installation, mark = (str(document[name]) for name in ("sha256", "installation", "mark"))
    except (ValueError, KeyError, TypeError) as error:
        raise MemberError(SEAL, "it cannot be read") from error
    if digest != hashlib.sha256(manifest).hexdigest():
        raise MemberError(MANIFEST, "it was changed after the archive was sealed")
    if installation == _installation():
        if not hmac.compare_digest(mark, _mark(manifest)):
            raise MemberError(MANIFEST, "it was changed after the archive was sealed, and the seal with it")
    elif not from_elsewhere:
        raise UnknownSealError(
            "The archive was made by another installation (or SECRET_KEY was changed), so its seal cannot be checked here. "
            "If you know where it comes from, add --from-elsewhere.",
        )


def _installation() -> str:
    return salted_hmac("provisioning.backups.installation", "", algorithm="sha256").hexdigest()[:16]


def _mark(manifest: bytes) -> str:
    return salted_hmac("provisioning.backups.seal", hashlib.sha256(manifest).hexdigest(), algorithm="sha256").hexdigest()


def check_recipients(recipients: list[str]) -> None:
    """Refuse what is no age public key.

    Raises:
        RecipientError: names it.

    """
    for each in recipients:
        _recipient(each)


def _recipient(text: str) -> Any:
    try:
        return pyrage.x25519.Recipient.from_str(text)
    except Exception as error:
        raise RecipientError(f"{text!r} is no age public key. One begins with age1; `age-keygen` makes them.") from error


@contextmanager
def encrypting(target: IO[bytes], protection: Protection) -> Iterator[IO[bytes]]:
    """Give the block a writer whose bytes reach the target encrypted; a thread carries them, a pipe's worth at a time."""
    if protection.passphrase:
        identity = pyrage.x25519.Identity.generate()
        key = pyrage.passphrase.encrypt(str(identity).encode(), protection.passphrase)
        with _in_tar(target, key) as inside, _piped(inside, [identity.to_public()]) as writer:
            yield writer
    elif protection.recipients:
        with _piped(target, [_recipient(each) for each in protection.recipients]) as writer:
            yield writer
    else:
        yield target


@contextmanager
def _piped(target: IO[bytes], recipients: list[Any]) -> Iterator[IO[bytes]]:
    reading, writing = os.pipe()
    watched, failures = _Watched(target), list[BaseException]()

    def carry() -> None:
        source = os.fdopen(reading, "rb")
        try:
            pyrage.encrypt_io(source, watched, recipients)
        except BaseException as error:  # noqa: BLE001 - carried over to the thread that waits
            failures.append(watched.error or error)
        finally:
            source.close()

    carrier = threading.Thread(target=carry, name="backup-encryption")
    carrier.start()
    try:
        with os.fdopen(writing, "wb") as writer:
            yield writer
    except BrokenPipeError:
        carrier.join()
        if not failures:
            raise
    finally:
        carrier.join()
    if failures:
        raise failures[0]


class _Watched:
    """A writer that remembers why it failed: the encryption keeps only the words."""

    def __init__(self, target: IO[bytes]) -> None:
        self._target = target
        self.error: OSError | None = None

    def write(self, content: bytes) -> int:
        try:
            return self._target.write(content)
        except OSError as error:
            self.error = error
            raise

    def flush(self) -> None:
        self._target.flush()


@contextmanager
def _in_tar(target: IO[bytes], key: bytes) -> Iterator[IO[bytes]]:
    """Put what the block writes into a tar's second member; its length is known, and written, at the end."""
    start = tarfile.TarInfo(_KEY)
    start.size = len(key)
    target.write(start.tobuf(tarfile.GNU_FORMAT) + key + b"\0" * (-len(key) % tarfile.BLOCKSIZE))
    place = target.tell()
    target.write(b"\0" * tarfile.BLOCKSIZE)
    yield target
    size = target.tell() - place - tarfile.BLOCKSIZE
    target.write(b"\0" * (-size % tarfile.BLOCKSIZE + 2 * tarfile.BLOCKSIZE))
    header = tarfile.TarInfo(_ARCHIVE)
    header.size = size
    target.seek(place)
    target.write(header.tobuf(tarfile.GNU_FORMAT))


def is_encrypted(path: Path) -> bool:
    """Whether a file is an encrypted archive of either kind."""
    return _kind(path) != "plain"


def _kind(path: Path) -> str:
    with path.open("rb") as stream:
        start = stream.read(512)
    if start.startswith(AGE_MAGIC):
        return "recipients"
    return "passphrase" if start.startswith(_KEY.encode() + b"\0") else "plain"


@contextmanager
def decrypted(path: Path, key: Key) -> Iterator[IO[bytes]]:
    """Give the block the archive's plain bytes; they pass through memory a pipe's worth at a time.

    Raises:
        KeyNeededError: it is encrypted and the key is missing or wrong.
        ArchiveError: it is damaged.

    """
    kind = _kind(path)
    with path.open("rb") as stream:
        if kind == "plain":
            yield stream
            return
        identity, size = (_identity(path, key), path.stat().st_size) if kind == "recipients" else _kept_identity(path, stream, key)
        with _unpiped(_Part(stream, size), identity) as plain:
            yield plain


class _Part:
    """Reads so many bytes and no more."""

    def __init__(self, stream: IO[bytes], size: int) -> None:
        self._stream, self._left = stream, size

    def read(self, size: int = -1) -> bytes:
        content = self._stream.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(content)
        return content


def _identity(path: Path, key: Key) -> Any:
    if not key.identity:
        raise KeyNeededError(f"{path.name} is encrypted to age recipients. Give the secret key: --identity FILE.")
    lines = [line for line in key.identity.splitlines() if line.startswith("AGE-SECRET-KEY-")]
    try:
        return pyrage.x25519.Identity.from_str(lines[0])
    except Exception as error:
        raise KeyNeededError("The identity file holds no age secret key (a line that begins with AGE-SECRET-KEY-1).") from error


def _kept_identity(path: Path, stream: IO[bytes], key: Key) -> tuple[Any, int]:
    if not key.passphrase:
        raise KeyNeededError(f"{path.name} is encrypted with a passphrase. Give it: --passphrase-stdin.")
    try:
        with tarfile.open(fileobj=stream, mode="r:") as outer:
            members = {member.name: member for member in outer.getmembers()}
            if list(members) != [_KEY, _ARCHIVE]:
                raise ArchiveError(f"{path.name} is damaged: it should hold {_KEY} and {_ARCHIVE}.")
            kept = outer.extractfile(members[_KEY])
            content = kept.read(1 << 16) if kept else b""
    except tarfile.TarError as error:
        raise ArchiveError(f"{path.name} is damaged: {error}.") from error
    try:
        opened = pyrage.passphrase.decrypt(content, key.passphrase)
    except pyrage.DecryptError as error:
        raise KeyNeededError(f"The passphrase does not open {path.name} ({error}).") from error
    stream.seek(members[_ARCHIVE].offset_data)
    return pyrage.x25519.Identity.from_str(opened.decode()), members[_ARCHIVE].size


@contextmanager
def _unpiped(stream: _Part, identity: Any) -> Iterator[IO[bytes]]:
    reading, writing = os.pipe()
    failures: list[Exception] = []

    def carry() -> None:
        target = os.fdopen(writing, "wb")
        try:
            pyrage.decrypt_io(stream, target, [identity])
        except Exception as error:  # noqa: BLE001 - carried over to the thread that waits
            failures.append(error)
        finally:
            _close(target)

    carrier = threading.Thread(target=carry, name="backup-decryption")
    carrier.start()
    plain = os.fdopen(reading, "rb")
    try:
        yield plain
    except ArchiveError as error:
        plain.close()
        carrier.join()
        raise _told(failures) or error from error
    finally:
        plain.close()
        carrier.join()
    if told := _told(failures):
        raise told


def _close(target: IO[bytes]) -> None:
    with suppress(BrokenPipeError):  # the reader has seen enough
        target.close()


def _told(failures: list[Exception]) -> Exception | None:
    if not failures or isinstance(failures[0], BrokenPipeError):
        return None
    if "No matching keys" in str(failures[0]):
        return KeyNeededError("The key does not open the archive: it was encrypted to somebody else.")
    return ArchiveError(
        f"The encrypted archive is damaged ({failures[0]}). Nothing was changed. Take another copy of it, or an older backup."
    )
