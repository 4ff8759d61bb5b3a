"""Log lines: their form, whose they are, and that nothing in them can lie or leak."""

import io
import json
import logging
import logging.config
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any, cast

import pytest
from django.http import HttpRequest

from observability.logs import log_context, logging_config, request_log_context

Write = Callable[..., list[str]]


@pytest.fixture
def write() -> Iterator[Write]:
    """Return a function that logs one event in a style and gives back the lines it became."""
    logger = logging.Logger("test.logs", level=logging.DEBUG)  # noqa: LOG001 - apart from the run's own loggers

    def write_(style: str, event: str, *arguments: object, **options: Any) -> list[str]:
        config = logging_config(level="INFO", style=style)["formatters"]["lines"]
        factory = config.pop("()")
        stream = io.StringIO()
        handler = logging.StreamHandler(stream)
        handler.setFormatter(factory(**config))
        logger.handlers = [handler]
        logger.log(options.pop("level", logging.INFO), event, *arguments, **options)
        return stream.getvalue().splitlines()

    yield write_
    logger.handlers = []


def one(lines: list[str]) -> dict[str, Any]:
    assert len(lines) == 1
    loaded: dict[str, Any] = json.loads(lines[0])
    return loaded


def test_a_line_says_when_how_bad_who_and_what(write: Write) -> None:
    line = one(write("json", "page %s", "published", extra={"page": 7}))

    assert list(line) == ["time", "level", "logger", "event", "page"]
    assert line["time"].endswith("Z")
    assert (line["level"], line["logger"], line["event"], line["page"]) == ("info", "test.logs", "page published", 7)


def test_a_line_inside_a_request_carries_its_id_and_its_site(write: Write) -> None:
    request = cast("HttpRequest", SimpleNamespace(tenant=SimpleNamespace(slug="taiyuan")))

    with request_log_context(request, request_id="abc"):
        line = one(write("json", "inside"))
    after = one(write("json", "after"))

    assert (line["tenant"], line["request_id"]) == ("taiyuan", "abc")
    assert {"tenant", "request_id"} & set(after) == set()


def test_a_job_names_its_site(write: Write) -> None:
    with log_context(tenant="xiaodian", batch=3):
        line = one(write("json", "indexed"))

    assert (line["tenant"], line["batch"]) == ("xiaodian", 3)


@pytest.mark.parametrize("style", ["json", "console"])
@pytest.mark.parametrize("breaker", ["\n", "\r\n", "\r", "\u2028", "\x85", "\x0b", "\x0c", "\x1b[1A"])
def test_no_value_can_begin_a_line_of_its_own(write: Write, style: str, breaker: str) -> None:
    forged = f"x{breaker}2026-11-24 info forged"

    lines = write(style, forged, extra={"host": forged, "list": [forged]})

    assert len(lines) == 1
    assert "\x1b" not in lines[0]


@pytest.mark.parametrize("style", ["json", "console"])
def test_a_trace_is_kept_and_its_lines_are_indented(write: Write, style: str) -> None:
    try:
        int("bad\n2026-11-24 info forged")
    except ValueError:
        lines = write(style, "failed", exc_info=True, level=logging.ERROR)

    text = "\n".join(one(lines)["exception"].splitlines() if style == "json" else lines[1:])
    assert "ValueError: invalid literal" in text
    assert [line for line in text.splitlines() if line.startswith("2026")] == []


@pytest.mark.parametrize(
    "key", ["password", "new_password1", "SECRET_KEY", "ticket", "Cookie", "authorization", "sessionid", "csrfmiddlewaretoken"]
)
def test_secret_values_are_masked_by_their_name(write: Write, key: str) -> None:
    line = one(write("json", "seen", extra={key: "hunter2", "nested": {key: ["hunter2"]}}))

    assert line[key] == "***"
    assert line["nested"] == {key: "***"}


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("GET /enter/?ticket=abc-DEF_1&next=/admin/", "GET /enter/?ticket=***&next=/admin/"),
        ("postgres://city:pa55@db:5432/x refused", "postgres://***@db:5432/x refused"),
        ("password: pa55", "password: ***"),
    ],
)
def test_secrets_inside_a_text_are_masked(write: Write, text: str, masked: str) -> None:
    assert one(write("json", text))["event"] == masked


def test_django_requests_are_left_out(write: Write) -> None:
    line = one(write("json", "Not Found: %s", "/x/", extra={"request": HttpRequest(), "status_code": 404}))

    assert (line["event"], line["status_code"]) == ("Not Found: /x/", 404)
    assert "request" not in line


def test_a_line_about_a_request_that_is_over_still_says_which(write: Write) -> None:
    request = HttpRequest()
    request.request_id = "abc"  # type: ignore[attr-defined] # ours

    assert one(write("json", "Service Unavailable: /", extra={"request": request}))["request_id"] == "abc"


def test_lone_surrogates_and_long_values_are_written(write: Write) -> None:
    line = one(write("json", "a\udc80b", extra={"long": "x" * 5_000}))

    assert line["event"] == "a\\udc80b"
    assert line["long"] == "x" * 4_000 + "…"


def test_chinese_stays_readable(write: Write) -> None:
    assert "太原市" in write("json", "太原市")[0]


def test_the_configuration_is_accepted_by_logging() -> None:
    logging.config.dictConfigClass(logging_config(level="INFO", style="json"))


@pytest.mark.parametrize(("level", "style", "name"), [("LOUD", "json", "LOG_LEVEL"), ("INFO", "xml", "LOG_FORMAT")])
def test_a_wrong_setting_is_named(level: str, style: str, name: str) -> None:
    with pytest.raises(ValueError, match=name):
        logging_config(level=level, style=style)
