"""A proxy before the search engine that misbehaves as networks and busy engines do: refuses, loses, repeats, brings old ones late."""

import http.client
import json
import random
import threading
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from typing_extensions import override

BUSY = json.dumps({"error": {"type": "es_rejected_execution_exception", "reason": "queue is full"}, "status": 429}).encode()
DECK = ["honest"] * 5 + ["refused", "answer lost", "twice", "an old one again", "some items refused"]  # what befalls ten requests
KEPT = 60  # old requests, to be brought once more


@dataclass
class Mischief:
    """What the proxy does, and did; `is_on` can be turned while it runs."""

    upstream: str
    dice: random.Random
    is_on: bool = True
    deck: list[str] = field(default_factory=list)
    did: Counter[str] = field(default_factory=Counter)
    kept: list[tuple[str, bytes, dict[str, str]]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def choose(self) -> str:
        """Return what happens to the next bulk request."""
        with self.lock:
            if not self.deck:
                self.deck = self.dice.sample(DECK, len(DECK))
            choice = self.deck.pop() if self.is_on else "honest"
            self.did[choice] += 1
            return choice

    def keep(self, path: str, body: bytes, headers: dict[str, str]) -> None:
        """Remember a request for later."""
        with self.lock:
            self.kept.append((path, body, headers))
            if len(self.kept) > KEPT:
                self.kept.pop(self.dice.randrange(KEPT))

    def old(self) -> tuple[str, bytes, dict[str, str]]:
        """Return one that was sent before."""
        with self.lock:
            return self.dice.choice(self.kept)

    def send(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes, str]:
        """Ask the engine; one that is away is a 503."""
        target = urlsplit(self.upstream)
        connection = http.client.HTTPConnection(target.hostname or "", target.port, timeout=30)
        try:
            connection.request(method, path, body or None, headers)
            answer = connection.getresponse()
            return answer.status, answer.read(), answer.headers.get("Content-Type", "application/json")
        except OSError:
            return 503, b"{}", "application/json"
        finally:
            connection.close()

    def replay(self) -> int:
        """Bring all that is remembered once more, in any order; return how many."""
        with self.lock:
            late = self.dice.sample(self.kept, len(self.kept))
        for path, body, headers in late:
            self.send("POST", path, body, headers)
        return len(late)


def start(mischief: Mischief) -> ThreadingHTTPServer:
    """Serve on a free port of the loopback interface until `shutdown`."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _relay(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name: value for name, value in self.headers.items() if name.lower() in ("content-type", "accept")}
            status, content, kind = _answer(mischief, self.command, self.path, body, headers)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("X-Elastic-Product", "Elasticsearch")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command != "HEAD":
                with suppress(BrokenPipeError):  # whoever asked was killed
                    self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _relay  # noqa: N815 - the standard library's names

        @override
        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def _answer(mischief: Mischief, method: str, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes, str]:
    if "_bulk" not in path:
        return mischief.send(method, path, body, headers)
    choice = mischief.choose()
    if choice == "refused":
        return 429, BUSY, "application/json"
    if choice == "an old one again" and mischief.kept:
        mischief.send("POST", *mischief.old())
    mischief.keep(path, body, headers)
    status, content, kind = mischief.send(method, path, body, headers)
    if choice == "twice":
        status, content, kind = mischief.send(method, path, body, headers)
    if choice == "answer lost":
        return 429, BUSY, "application/json"
    if choice == "some items refused" and status == http.client.OK:
        return status, _with_refusals(content, mischief.dice), kind
    return status, content, kind


def _with_refusals(content: bytes, dice: random.Random) -> bytes:
    answer = json.loads(content)
    for item in answer["items"]:
        if dice.random() < 0.3:
            next(iter(item.values())).update(status=429, error={"type": "es_rejected_execution_exception", "reason": "queue is full"})
    return json.dumps(answer).encode()
