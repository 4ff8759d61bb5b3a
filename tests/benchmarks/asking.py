"""Requests through the whole application, as gunicorn makes them, without a network and without a test client's own work."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from wsgiref.util import setup_testing_defaults

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()

HOST = "taiyuan.localhost"
OK = 200


class WrongAnswerError(Exception):
    """An answer that is none, or does not come from the engine: its speed means nothing."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    body: bytes


def ask(host: str, address: str) -> Answer:
    """Return the application's answer to a GET of a path, with its query, on a host."""
    parts = urlsplit(address)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": parts.path.encode().decode("latin-1"),
        "QUERY_STRING": parts.query,
        "HTTP_HOST": host,
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.input": io.BytesIO(),
    }
    setup_testing_defaults(environ)
    statuses: list[int] = []

    def start(status: str, _headers: object, _error: object = None, /) -> Callable[[bytes], object]:
        statuses.append(int(status[:3]))
        return len  # Django never writes this way

    response = application(environ, start)
    try:
        body = b"".join(response)
    finally:
        response.close()
    return Answer(statuses[0], body)
