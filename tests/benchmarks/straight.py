"""The very requests that a search sends, kept while it is asked once, and sent again straight to the engine by a plain client."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from elasticsearch import Elasticsearch

Wave = list[dict[str, Any]]  # lines of an `_msearch`: what the product sends at the same time


@contextmanager
def kept() -> Iterator[list[Wave]]:
    """Keep every search that leaves for the engine in the block, in the order of leaving."""
    sent: list[Wave] = []
    lock = threading.Lock()
    perform = Elasticsearch.perform_request

    def spy(self: Elasticsearch, method: str, path: str, **rest: Any) -> Any:
        with lock:
            if path.endswith("/_msearch"):
                sent.append(list(rest["body"]))
            elif path.endswith("/_search"):
                sent.append([{"index": path.split("/")[1]}, dict(rest["body"])])
        return perform(self, method, path, **rest)

    Elasticsearch.perform_request = spy  # type: ignore[method-assign,assignment] # only within the block
    try:
        yield sent
    finally:
        Elasticsearch.perform_request = perform  # type: ignore[method-assign] # as above


def waves(sent: Sequence[Wave]) -> list[Wave]:
    """Return what is sent at the same time together: numbers go beside the hits that left with them, all else follows one another."""
    found: list[Wave] = []
    waiting: Wave = []
    for lines in sent:
        if lines[1].get("size") == 0:
            if found and not waiting and not _has_numbers(found[-1]) and _has_hits(found[-1]):
                found[-1] += lines  # the helper left a moment later
            else:
                waiting = lines
            continue
        found.append(waiting + lines)
        waiting = []
    return found + ([waiting] if waiting else [])


def straight(client: Elasticsearch, ask: Callable[[], object]) -> Callable[[], None]:
    """Ask once, and return what sends the same requests again; their answers are read by nobody."""
    with kept() as sent:
        ask()
    requests = waves(sent)

    def send() -> None:
        for lines in requests:
            client.msearch(searches=lines)

    return send


def _has_numbers(wave: Wave) -> bool:
    return any(body.get("size") == 0 for body in wave[1::2])


def _has_hits(wave: Wave) -> bool:
    return any("collapse" in body for body in wave[1::2])
