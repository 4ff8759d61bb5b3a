"""Whether the audit trail is as it was written: walks the chain of hashes and names the first row that is not."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from django.db import connection, transaction
from typing_extensions import override

ROWS_AT_ONCE = 2000
TRIGGERS = 9  # of migrations 0002 and 0003
_ANCHOR = re.compile(r"(\d{1,18}):([0-9a-f]{64})")
_COLUMNS = """
  e.id, (extract(epoch FROM e.at) * 1000000)::bigint, e.actor, e.action, e.subject, e.tenant_uuid::text, e.detail::text, host(e.address)
"""


class AnchorError(ValueError):
    """A text that is no anchor."""

    def __init__(self, text: str) -> None:
        super().__init__(f"{text!r} is no anchor. `manage.py audit anchor` prints one: a number, a colon and 64 hexadecimal digits.")


@dataclass(frozen=True, slots=True)
class Anchor:
    """The chain's end at one moment: how many entries there were and their digest. Kept elsewhere, it proves what came before it."""

    number: int
    digest: str

    @override
    def __str__(self) -> str:
        return f"{self.number}:{self.digest}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the anchor a text writes out.

        Raises:
            AnchorError: it is none.

        """
        match = _ANCHOR.fullmatch(text.strip())
        if match is None:
            raise AnchorError(text)
        return cls(int(match[1]), match[2])


class Fault(StrEnum):
    """In which way a row is not as it was written."""

    CHANGED = "changed"
    MISSING = "missing"
    ADDED = "added"
    CUT = "cut"
    REWRITTEN = "rewritten"
    UNGUARDED = "unguarded"


@dataclass(frozen=True, slots=True)
class Finding:
    """The first row that is wrong: its number in the chain, or 0 for an entry that has none."""

    fault: Fault
    number: int
    message: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What a walk of the chain found: how many entries are sound, where it ended, and what stopped it."""

    entries: int
    anchor: Anchor
    finding: Finding | None

    @property
    def is_sound(self) -> bool:
        """Whether all is as it was written."""
        return self.finding is None


def anchor() -> Anchor:
    """Return the chain's end as it stands."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT number, digest FROM public.observability_audithead WHERE id = 1")
        row = cursor.fetchone()
    return Anchor(*row) if row else Anchor(0, "")


def verify(*, since: datetime | None = None, anchors: Sequence[Anchor] = ()) -> Verification:
    """Walk the chain, of the entries since a moment or of all, and compare it with its head and with anchors kept elsewhere."""
    with transaction.atomic():
        start = _before(since)
        last, finding = _walk(start)
        finding = finding or _wrong_anchor(anchors) or _unchained() or _unguarded()
    return Verification(last.number - start.number, last, finding)


def text_of(previous: str, number: int, row: Sequence[Any]) -> str:
    """Return what an entry's digest is made of; the trigger says the same in SQL."""
    parts = [previous, number, *row]
    return "".join("-," if part is None else f"{len(str(part).encode())}:{part}," for part in parts)


def _before(since: datetime | None) -> Anchor:
    """Return the link before the first entry since a moment, or the chain's beginning."""
    if since is None:
        return Anchor(0, "")
    query = """
      SELECT number, digest FROM public.observability_auditlink WHERE number < coalesce(
        (SELECT min(l.number) FROM public.observability_auditlink l JOIN public.observability_auditentry e ON e.id = l.entry_id
         WHERE e.at >= %s), 9223372036854775807) ORDER BY number DESC LIMIT 1
    """
    with connection.cursor() as cursor:
        cursor.execute(query, [since])
        row = cursor.fetchone()
    return Anchor(*row) if row else Anchor(0, "")


def _walk(start: Anchor) -> tuple[Anchor, Finding | None]:
    """Recompute every digest after `start`; return the last link that is right and what is wrong with the next."""
    last, head = start, Anchor(0, "")
    for head, link, row in _links(start.number):  # noqa: B007 - the head is compared after the walk
        if link is None:
            break
        if link.number != last.number + 1 or row[0] is None:
            return last, Finding(Fault.MISSING, last.number + 1, f"Entry {last.number + 1} is missing.")
        if link.digest != hashlib.sha256(text_of(last.digest, link.number, row).encode()).hexdigest():
            return last, Finding(Fault.CHANGED, link.number, f"Entry {link.number} (row {row[0]}) is not what was written.")
        last = link
    return last, _wrong_end(last, head)


def _links(after: int) -> Iterator[tuple[Anchor, Anchor | None, Sequence[Any]]]:
    """Yield the head with each link and its entry, all as of one moment."""
    query = f"""
      SELECT h.number, h.digest, l.number, l.digest, {_COLUMNS}
      FROM (SELECT 1) one LEFT JOIN public.observability_audithead h ON h.id = 1
      LEFT JOIN public.observability_auditlink l ON l.number > %s LEFT JOIN public.observability_auditentry e ON e.id = l.entry_id
      ORDER BY l.number
    """  # noqa: S608 - the columns are a constant
    with connection.chunked_cursor() as cursor:
        cursor.execute(query, [after])
        while rows := cursor.fetchmany(ROWS_AT_ONCE):
            for head_number, head_digest, number, digest, *row in rows:
                head = Anchor(head_number or 0, head_digest or "")
                yield head, None if number is None else Anchor(number, digest), row


def _wrong_end(last: Anchor, head: Anchor) -> Finding | None:
    if head.number > last.number:
        return Finding(Fault.CUT, last.number + 1, f"The end is cut off: entries {last.number + 1} to {head.number} are missing.")
    if head.number < last.number:
        return Finding(Fault.ADDED, head.number + 1, f"Entry {head.number + 1} was added past the chain's head.")
    if head.digest != last.digest:
        return Finding(Fault.REWRITTEN, last.number, f"The chain's head does not agree with entry {last.number}.")
    return None


def _wrong_anchor(anchors: Sequence[Anchor]) -> Finding | None:
    """Return the first anchor that the chain does not go through."""
    for kept in sorted(anchors, key=lambda kept: kept.number):
        with connection.cursor() as cursor:
            cursor.execute("SELECT digest FROM public.observability_auditlink WHERE number = %s", [kept.number])
            row = cursor.fetchone()
        if row is None:
            end = anchor().number
            return Finding(Fault.CUT, end + 1, f"The end is cut off: entries {end + 1} to {kept.number} of the anchor are missing.")
        if row[0] != kept.digest:
            return Finding(Fault.REWRITTEN, kept.number, f"The chain was written anew somewhere up to entry {kept.number}.")
    return None


def _unchained() -> Finding | None:
    """Return the first entry that is in no link: added past the trigger."""
    query = """
      SELECT e.id FROM public.observability_auditentry e
      WHERE NOT EXISTS (SELECT 1 FROM public.observability_auditlink l WHERE l.entry_id = e.id) ORDER BY e.id LIMIT 1
    """
    with connection.cursor() as cursor:
        cursor.execute(query)
        row = cursor.fetchone()
    return Finding(Fault.ADDED, 0, f"Row {row[0]} is in no link of the chain: it was added past the trigger.") if row else None


def _unguarded() -> Finding | None:
    """Say when somebody switched the triggers off."""
    query = "SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'observability\\_%%' AND NOT tgisinternal AND tgenabled IN ('O', 'A')"
    with connection.cursor() as cursor:
        cursor.execute(query, [])
        row = cursor.fetchone()
    found = int(row[0]) if row else 0
    if found == TRIGGERS:
        return None
    return Finding(Fault.UNGUARDED, 0, f"{found} of {TRIGGERS} triggers guard the audit trail: somebody switched others off.")
