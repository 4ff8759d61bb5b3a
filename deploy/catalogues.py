"""Translation catalogues: read `.po`, compile `.mo`, in Python alone, for machines without gettext.

`python -m deploy.catalogues` compiles what lies below platform/config/locale and says what it wrote; a second run writes nothing.
"""

import ast
import struct
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

LOCALE = Path(__file__).resolve().parents[1] / "platform" / "config" / "locale"
MAGIC = 0x950412DE
_WORDS = ("msgctxt", "msgid_plural", "msgid", "msgstr")


class CatalogueError(ValueError):
    """A `.po` file is not what this reader understands; the message names file and line."""


@dataclass(frozen=True, slots=True)
class Message:
    """One entry: its text, the plural's text where it has one, and what stands for it, a form each; empty where nothing does."""

    text: str
    context: str = ""
    plural: str = ""
    forms: tuple[str, ...] = ()
    is_fuzzy: bool = False

    @property
    def key(self) -> str:
        """What a `.mo` file knows the message by."""
        name = f"{self.context}\x04{self.text}" if self.context else self.text
        return f"{name}\x00{self.plural}" if self.plural else name


def read_messages(path: Path) -> list[Message]:
    """Return the entries of a `.po` file in its order, its header (the entry with empty text) among them; obsolete ones are left out.

    Raises:
        CatalogueError: a line is not understood, or a text is entered twice.

    """
    messages = list(_messages(path))
    seen: set[str] = set()
    for message in messages:
        if message.key in seen:
            raise CatalogueError(f"{path.name}: {message.text!r} is entered twice.")
        seen.add(message.key)
    return messages


def _messages(path: Path) -> Iterator[Message]:
    fields: dict[str, str] = {}
    field, is_fuzzy = "", False
    for number, line in enumerate([*path.read_text(encoding="utf-8").splitlines(), ""], start=1):
        if line.startswith("#"):
            is_fuzzy = is_fuzzy or (line.startswith("#,") and "fuzzy" in line)
            continue
        if not line.strip():
            if fields:
                yield _message(fields, is_fuzzy=is_fuzzy)
            fields, field, is_fuzzy = {}, "", False
            continue
        word, quote, rest = line.partition('"')
        field = word.strip() or field
        if not quote or not field.startswith(_WORDS):
            raise CatalogueError(f"{path.name}, line {number}: expected a comment, a quoted text, or one of {', '.join(_WORDS)}.")
        try:
            fields[field] = fields.get(field, "") + ast.literal_eval(quote + rest)
        except (SyntaxError, ValueError) as error:
            raise CatalogueError(f"{path.name}, line {number}: the quoted text is broken.") from error


def _message(fields: Mapping[str, str], *, is_fuzzy: bool) -> Message:
    forms = tuple(text for name, text in sorted(fields.items()) if name.startswith("msgstr"))
    return Message(fields.get("msgid", ""), fields.get("msgctxt", ""), fields.get("msgid_plural", ""), forms, is_fuzzy)


def compiled(messages: list[Message]) -> bytes:
    """Return the `.mo` file of the entries that are translated and not fuzzy; the same for the same entries, byte by byte."""
    rows = sorted(
        (message.key.encode(), "\x00".join(message.forms).encode())
        for message in messages
        if message.forms and all(message.forms) and not message.is_fuzzy
    )
    head = struct.calcsize("<7I")
    start = head + 2 * 8 * len(rows)
    tables: list[list[tuple[int, int]]] = [[], []]
    texts = b""
    for column, table in enumerate(tables):
        for row in rows:
            table.append((len(row[column]), start + len(texts)))
            texts += row[column] + b"\x00"
    places = b"".join(struct.pack("<2I", *place) for table in tables for place in table)
    return struct.pack("<7I", MAGIC, 0, len(rows), head, head + 8 * len(rows), 0, start) + places + texts


def sources(locale: Path = LOCALE) -> list[Path]:
    """Return the `.po` files below a folder."""
    return sorted(locale.glob("*/LC_MESSAGES/*.po"))


def main() -> int:
    """Compile what changed; return the exit code."""
    try:
        for source in sources():
            content = compiled(read_messages(source))
            target = source.with_suffix(".mo")
            is_same = target.exists() and target.read_bytes() == content
            if not is_same:
                target.write_bytes(content)
            print(f"{target.name}: {'up to date' if is_same else 'written'}, {len(content):,} bytes")  # noqa: T201 - a command's answer
    except CatalogueError as error:
        print(error, file=sys.stderr)  # noqa: T201 - as above
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
