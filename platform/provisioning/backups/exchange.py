"""The open archive: JSON Lines and files in a gzipped tar, for any other system; see EXPORT-FORMAT.md."""

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from provisioning.backups import space
from provisioning.backups.contract import FILES, ArchiveError, Key, MemberError, Protection
from provisioning.backups.files import Held
from provisioning.backups.packing import packing
from provisioning.backups.unpacking import extract, sha256_of
from provisioning.contract import RefusedError

FORMAT, FORMAT_VERSION = "site-export", 1
HEAD, READ_ME = "export.json", "README.txt"
LISTS = ("media", "columns", "pages", "redirects", "records")
_TEXT = """This archive holds one government site for any system to read. Format "site-export", version 1; UTF-8.

export.json                   the site, counts, size and SHA-256 of every member
columns.jsonl, pages.jsonl    the pages, one a line, parents first
media.jsonl, media/           pictures and files
redirects.jsonl               old addresses
records.jsonl                 what is no page: posts of new media, what fulfils an entry of a catalogue …
"""


class LinesError(RefusedError):
    """Lines of an open archive that cannot become a site; nothing was imported."""


@dataclass(frozen=True, slots=True)
class Opened:
    """An open archive laid out in a folder."""

    site: Mapping[str, Any]
    rows: Mapping[str, Sequence[Mapping[str, Any]]]
    folder: Path
    sha256: str
    files: Sequence[str]


def write(
    path: Path, rows: Iterator[tuple[str, dict[str, Any]]], head: Mapping[str, Any], *, held: Held, now: datetime
) -> tuple[dict[str, int], list[str]]:
    """Write an open archive and return how many rows each list has, and which files are missing."""
    counts, missing = dict.fromkeys(LISTS, 0), list[str]()
    with space.told_when_full(path.parent, 0), packing(path, Protection(), moment=now.timestamp()) as packer, ExitStack() as stack:
        waiting: dict[str, IO[bytes]] = {name: stack.enter_context(tempfile.TemporaryFile(dir=path.parent)) for name in LISTS}
        names = []
        for name, row in rows:
            waiting[name].write(json.dumps(row, ensure_ascii=False).encode() + b"\n")
            counts[name] += 1
            if name == "media":
                names.append(str(row["file"]).removeprefix(FILES))
        packer.add_bytes(READ_ME, _TEXT.encode())
        for name, stream in waiting.items():
            packer.add_stream(f"{name}.jsonl", stream)
        for name in sorted(names):
            if held.hold(name):
                packer.add_file(f"{FILES}{name}", held.path(name))
            else:
                missing.append(name)
        document = {"format": FORMAT, "format_version": FORMAT_VERSION, **head, "counts": counts, "missing_files": missing}
        members = {name: {"size": member.size, "sha256": member.sha256} for name, member in packer.members.items()}
        packer.add_bytes(HEAD, (json.dumps(document | {"members": members}, ensure_ascii=False, indent=1) + "\n").encode())
    return counts, missing


@contextmanager
def opened(path: Path, *, folder: Path) -> Iterator[Opened]:
    """Lay an open archive out for the block, after checking it.

    Raises:
        ArchiveError: it is no open archive, was damaged, or is of another version; the member is named.
        LinesError: a line is no JSON object; it is named.

    """
    if not path.is_file():
        raise ArchiveError(f"There is no file {path}.")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".unpacked-") as made:
        with space.told_when_full(folder, path.stat().st_size):
            found = extract(path, Key(), Path(made), is_known=_belongs)
        head = _head(Path(made))
        for name, promised in head.get("members", {}).items():
            there = found.get(name)
            if there is None or promised != {"size": there.size, "sha256": there.sha256}:
                raise MemberError(name, "it is missing" if there is None else "its content is not what export.json promises")
        rows = {name: _lines(Path(made) / f"{name}.jsonl") for name in LISTS}
        files = [name for name in found if name.startswith(FILES)]
        yield Opened(head["site"], rows, Path(made), sha256_of(path), files)


def _belongs(name: str) -> bool:
    return name in (HEAD, READ_ME, *(f"{each}.jsonl" for each in LISTS)) or name.startswith(FILES)


def _head(folder: Path) -> dict[str, Any]:
    if not (folder / HEAD).is_file():
        raise MemberError(HEAD, "it is missing")
    try:
        head: dict[str, Any] = json.loads((folder / HEAD).read_bytes())
        if head["format"] != FORMAT or head["format_version"] != FORMAT_VERSION:
            raise MemberError(HEAD, f"this version reads {FORMAT} {FORMAT_VERSION}, not {head['format']} {head['format_version']}")
        if not isinstance(head["site"], dict) or not isinstance(head.get("members", {}), dict):
            raise MemberError(HEAD, "site and members must be objects")
    except (ValueError, KeyError, TypeError) as error:
        raise MemberError(HEAD, f"it cannot be read ({type(error).__name__}: {error})") from error
    return head


def _lines(path: Path) -> list[dict[str, Any]]:
    rows, errors = [], []
    if not path.is_file():
        return []
    for number, line in enumerate(path.read_bytes().removesuffix(b"\n").split(b"\n"), start=1):
        if not line:
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            errors.append(f"{path.name} line {number}: this is no JSON ({error})")
            continue
        if isinstance(row, dict):
            rows.append(row)
        else:
            errors.append(f"{path.name} line {number}: this is no JSON object")
    if errors:
        raise LinesError("\n".join(errors[:20]))
    return rows
