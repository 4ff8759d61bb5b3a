"""Records searches and clicks after the answer has gone out: a short queue in memory, written in bulk, lost when a process is killed.

Nothing here may slow or fail a search: the queue is bounded, writing has a short time limit, what fails is logged and dropped.
"""

import atexit
import datetime as dt
import hashlib
import logging
import re
import secrets
import threading
import time
import uuid
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.core.signals import request_finished
from django.db import Error, connection, transaction

from registry.schemas import in_public
from search.analysis.folding import fold
from search.analytics.masking import mask
from search.models import ClickRecord, SearchRecord, SessionSalt

logger = logging.getLogger(__name__)

MOST_WAITING = 2000
BATCH = 200  # this many are written at once
PAUSE_SECONDS = 2.0  # or after so long, with the next request's end
TIMEOUT_MILLISECONDS = 1000
DEEPEST_RANK = 1000
_BOTS = re.compile(
    r"bot|spider|crawl|slurp|curl|wget|python-requests|python-urllib|httpx|aiohttp|go-http|java/|okhttp|headlesschrome|lighthouse|"
    r"monitor|health|probe|zabbix|nagios|prometheus|uptime|scan|nuclei|sqlmap|phantomjs|libwww|feedfetcher|preview",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Visitor:
    """What a session is made of; stays in memory for a moment and is never written."""

    address: str
    agent: str
    is_prefetch: bool = False

    @property
    def is_counted(self) -> bool:
        """Whether it looks like a person: browsers name themselves, and programs say what they are."""
        return bool(self.agent) and not self.is_prefetch and not _BOTS.search(self.agent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One search as it is to be recorded."""

    id: UUID
    at: dt.datetime
    city_id: int | None
    tenant_id: int | None
    channel: str
    reach: str
    text: str
    is_filtered: bool
    page: int
    total: int
    took_ms: int
    is_degraded: bool


@dataclass(frozen=True, slots=True)
class Clicked:
    """One opened result as it is to be recorded."""

    search: UUID
    at: dt.datetime
    rank: int
    document: str


_waiting: deque[tuple[Visitor, Asked | Clicked]] = deque(maxlen=MOST_WAITING)  # where the database is away, the oldest go first
_writing = threading.Lock()
_written_at = 0.0


def new_id() -> UUID:
    """Return the number of a search, by which its clicks are known."""
    return uuid.uuid4()


def note(visitor: Visitor, what: Asked | Clicked) -> None:
    """Remember a search or a click until it is written; those of programs are not counted."""
    if visitor.is_counted:
        _waiting.append((visitor, what))


def flush() -> int:
    """Write what waits and return how much there was; a failure is logged and what it concerned is dropped."""
    global _written_at  # noqa: PLW0603 - one clock a process
    if not _waiting or not _writing.acquire(blocking=False):
        return 0
    try:
        _written_at = time.monotonic()
        taken = [_waiting.popleft() for _ in range(min(len(_waiting), MOST_WAITING))]
        _write(taken)
    except Error as error:
        logger.warning("searches not recorded", extra={"reason": str(error), "lost": len(taken)})
        return 0
    finally:
        _writing.release()
    return len(taken)


def flush_when_due(**_signal: object) -> None:
    """Write if enough waits or the last time is long enough ago; called when a response has been sent."""
    if _waiting and (len(_waiting) >= BATCH or time.monotonic() - _written_at >= PAUSE_SECONDS):
        flush()


def connect() -> None:
    """Write after responses and when the process ends in order."""
    request_finished.connect(flush_when_due, dispatch_uid="search-recording")
    atexit.register(flush)


def _write(taken: Sequence[tuple[Visitor, Asked | Clicked]]) -> None:
    """Write in one transaction: searches, then the clicks that belong to a search of the same session."""
    with in_public(), transaction.atomic():
        _limit()
        salt = _salt(dt.datetime.now(dt.UTC).date())
        searches = [_search_row(visitor, what, salt) for visitor, what in taken if isinstance(what, Asked)]
        SearchRecord.objects.bulk_create(searches, ignore_conflicts=True)
        clicks = [(_session(visitor, salt), what) for visitor, what in taken if isinstance(what, Clicked)]
        if clicks:
            _write_clicks(clicks)


def _search_row(visitor: Visitor, asked: Asked, salt: bytes) -> SearchRecord:
    text = mask(asked.text)[:200]
    return SearchRecord(
        id=asked.id,
        at=asked.at,
        city_id=asked.city_id,
        tenant_id=asked.tenant_id,
        session=_session(visitor, salt),
        channel=asked.channel,
        reach=asked.reach,
        text=text,
        normal=normal_form(text),
        is_filtered=asked.is_filtered,
        page=min(asked.page, 32_000),
        total=asked.total,
        took_ms=asked.took_ms,
        is_degraded=asked.is_degraded,
    )


def normal_form(text: str) -> str:
    """Return what makes two queries the same to the reports."""
    return " ".join(fold(text).split())[:200]


def _write_clicks(clicks: Sequence[tuple[str, Clicked]]) -> None:
    sessions = dict(SearchRecord.objects.filter(pk__in=[click.search for _, click in clicks]).values_list("pk", "session"))
    rows = [
        ClickRecord(search_id=click.search, at=click.at, rank=click.rank, document=click.document)
        for session, click in clicks
        if sessions.get(click.search) == session  # who did not search did not click
    ]
    ClickRecord.objects.bulk_create(rows, ignore_conflicts=True)


def _session(visitor: Visitor, salt: bytes) -> str:
    return hashlib.blake2b(f"{visitor.address}\n{visitor.agent}".encode("utf-8", "replace"), key=salt, digest_size=12).hexdigest()


def _salt(day: dt.date) -> bytes:
    """Return the day's salt; the first who asks makes it and destroys those of the days before."""
    kept = SessionSalt.objects.filter(day=day).values_list("salt", flat=True).first()
    if kept is None:
        SessionSalt.objects.bulk_create([SessionSalt(day=day, salt=secrets.token_bytes(32))], ignore_conflicts=True)
        SessionSalt.objects.filter(day__lt=day).delete()
        kept = SessionSalt.objects.values_list("salt", flat=True).get(day=day)
    return bytes(kept)


def _limit() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = %s", [TIMEOUT_MILLISECONDS])
        cursor.execute("SET LOCAL lock_timeout = %s", [TIMEOUT_MILLISECONDS])
