"""Structured logs: one line an event, through the standard `logging`, with the site and the request id of whoever caused it.

Code logs with `logging.getLogger(__name__)` and `extra={…}`; a job outside requests wraps its work in `log_context(tenant=…)`.
"""

import json
import re
import sys
import unicodedata
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import structlog
from django.http import HttpRequest

MASK = "***"
MAX_TEXT = 4_000
MAX_EXCEPTION = 20_000

_SECRET_KEY = re.compile(r"passw|secret|token|ticket|cookie|authoriz|session|csrf|api_?key|credential", re.IGNORECASE)
_SECRET_IN_TEXT = re.compile(r"(?i)\b([\w-]*(?:password|passwd|secret|token|ticket|session|csrf)[\w-]*)([=:]\s*)([^\s&'\",;]+)")
_ADDRESS_WITH_PASSWORD = re.compile(r"(\w+://)[^/\s@]*:[^/\s@]*@")
_DROPPED = frozenset({"request", "server_time", "_record", "_from_structlog", "taskName"})

_request: ContextVar[HttpRequest | None] = ContextVar("request", default=None)
_values: ContextVar[Mapping[str, object]] = ContextVar("values", default={})  # noqa: B039 - never mutated, only replaced


@contextmanager
def log_context(**values: object) -> Iterator[None]:
    """Add values, such as `tenant="taiyuan"`, to every line logged inside the block."""
    token = _values.set({**_values.get(), **values})
    try:
        yield
    finally:
        _values.reset(token)


@contextmanager
def request_log_context(request: HttpRequest, *, request_id: str) -> Iterator[None]:
    """Add the request id, and the site as soon as the request has one, to every line logged inside the block."""
    token = _request.set(request)
    try:
        with log_context(request_id=request_id):
            yield
    finally:
        _request.reset(token)


def logging_config(*, level: str, style: str) -> dict[str, Any]:
    """Return Django's LOGGING: everything to standard error as JSON (`json`) or for people (`console`).

    Raises:
        ValueError: the level or the style is none of the known ones.

    """
    if level not in ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"):
        raise ValueError(f"LOG_LEVEL={level!r}: use DEBUG, INFO, WARNING, ERROR or CRITICAL.")
    if style not in ("json", "console"):
        raise ValueError(f"LOG_FORMAT={style!r}: use json or console.")
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "lines": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": _FACTS,
                "processors": [_add_context, _plain, *(_JSON if style == "json" else _console())],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": level, "propagate": True},
            "django.server": {"handlers": [], "level": "WARNING", "propagate": True},  # our own line per request says more
            "django.db.backends": {"handlers": [], "level": "WARNING", "propagate": True},
            "elastic_transport": {"handlers": [], "level": "WARNING", "propagate": True},
            "PIL": {"handlers": [], "level": "WARNING", "propagate": True},
        },
    }


def _add_context(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Add what the running request or job is known by; what the line itself says wins."""
    given = event.get("request")
    request = given if isinstance(given, HttpRequest) else _request.get()  # Django logs some lines after the request's context
    facts = {"tenant": getattr(getattr(request, "tenant", None), "slug", None), "request_id": getattr(request, "request_id", None)}
    context = {**{key: value for key, value in facts.items() if value}, **_values.get()}
    for key, value in context.items():
        event.setdefault(key, value)
    return event


def _plain(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Mask secrets and make every value text or number on one line."""
    return {key: _exception(value) if key == "exception" else _value(key, value) for key, value in event.items() if key not in _DROPPED}


def _value(key: str, value: object) -> Any:
    if _SECRET_KEY.search(key) and not isinstance(value, bool | int | None):
        return MASK
    match value:
        case None | bool() | int() | float():
            return value
        case Mapping():
            return {str(name): _value(str(name), item) for name, item in value.items()}
        case str():
            return _text(value)
        case Sequence() | set() | frozenset() if not isinstance(value, bytes | bytearray | memoryview):
            return [_value(key, item) for item in value]
        case _:
            return _text(str(value))


def _text(value: str) -> str:
    masked = _ADDRESS_WITH_PASSWORD.sub(rf"\1{MASK}@", _SECRET_IN_TEXT.sub(rf"\1\2{MASK}", value[:MAX_TEXT]))
    return "".join(_escaped(char) for char in masked) + ("…" if len(value) > MAX_TEXT else "")


def _exception(value: object) -> str:
    """Return a stack trace whose every line is indented, so that none of them can pass for a line of the log."""
    lines = str(value)[-MAX_EXCEPTION:].splitlines()
    return "\n".join("    " + _text(line) for line in lines)


def _escaped(char: str) -> str:
    return char.encode("unicode_escape").decode() if unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp", "Cf") else char


def _dumps(event: Mapping[str, Any], **_: Any) -> str:
    first = {key: event[key] for key in ("time", "level", "logger", "event") if key in event}
    return json.dumps({**first, **event}, ensure_ascii=False, default=str)


def _console() -> list[Any]:
    return [
        structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), timestamp_key="time", pad_event_to=30, exception_formatter=structlog.dev.plain_traceback
        )
    ]


_FACTS: list[Any] = [
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
    structlog.processors.format_exc_info,
]
_JSON: list[Any] = [structlog.processors.JSONRenderer(serializer=_dumps)]
