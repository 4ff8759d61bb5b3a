"""The connection to Elasticsearch: one for readers, who do not wait long, one for writers; the switch that spares readers the wait."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import elasticsearch
from django.conf import settings

WRITER_TIMEOUT_SECONDS = 60.0
BUSY = frozenset({429, 502, 503, 504})
BLOCKED = "cluster_block_exception"  # what the engine calls an index that is read-only, or a disk that is full


class EngineDownError(Exception):
    """Elasticsearch is away, too slow, overloaded, or has no index yet."""


@cache
def _connect(url: str, timeout: float) -> elasticsearch.Elasticsearch:
    return elasticsearch.Elasticsearch(url, request_timeout=timeout, max_retries=0, retry_on_timeout=False)


def reader() -> elasticsearch.Elasticsearch:
    """Return the connection of searches: fails after ELASTICSEARCH_TIMEOUT_SECONDS, never tries twice."""
    return _connect(settings.ELASTICSEARCH_URL, settings.ELASTICSEARCH_TIMEOUT_SECONDS)


def reader_of_passages() -> elasticsearch.Elasticsearch:
    """Return the connection that looks for passages: one of its own, so that a slow answer makes nobody believe the engine away."""
    return _connect(settings.ELASTICSEARCH_URL, settings.SEARCH_SEMANTIC_SECONDS)


def writer() -> elasticsearch.Elasticsearch:
    """Return the connection of the relay and of maintenance."""
    return _connect(settings.ELASTICSEARCH_URL, WRITER_TIMEOUT_SECONDS)


@contextmanager
def guarded() -> Iterator[None]:
    """Turn every way in which the engine can be away into one.

    Raises:
        EngineDownError: with the reason, for logs and never for readers.

    """
    try:
        yield
    except elasticsearch.ApiError as error:
        if error.status_code in BUSY or error.status_code >= 500 or error.status_code == 404 or error.error == BLOCKED:  # noqa: PLR2004 - http's classes
            raise EngineDownError(f"Elasticsearch answered {error.status_code}: {error.error}") from error
        raise
    except elasticsearch.TransportError as error:
        raise EngineDownError(f"Elasticsearch does not answer: {error.message}") from error


class Breaker:
    """Remembers that the engine is away, so that only one reader in `pause` seconds waits to see whether it is back."""

    def __init__(self, *, pause: float = 5.0) -> None:
        self._pause, self._lock, self._next_try = pause, threading.Lock(), 0.0

    def allows(self) -> bool:
        """Whether this request may try; where the engine was away, at most one request in each pause."""
        with self._lock:
            now = time.monotonic()
            if not self._next_try:
                return True
            if now < self._next_try:
                return False
            self._next_try = now + self._pause
            return True

    def close(self) -> None:
        """Remember that the engine answers."""
        self._next_try = 0.0

    def open(self) -> None:
        """Remember that it does not."""
        with self._lock:
            self._next_try = time.monotonic() + self._pause
