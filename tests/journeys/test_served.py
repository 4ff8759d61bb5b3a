"""The product as a reader's browser meets it: served by gunicorn, indexed by a relay, on the hosts of the registry."""

import json
import time
from contextlib import closing
from http.client import HTTPConnection
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from registry.schemas import in_schema_of
from tests.factories.pages import publish_article
from tests.factories.sites import open_sites
from tests.plugins.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.elasticsearch]
FINDABLE_SECONDS = 10.0


def test_a_published_text_is_read_and_found_in_a_browser(page: Page, server: Server) -> None:
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    _, county = open_sites("taiyuan", "xiaodian")
    with in_schema_of(county):
        publish_article("冬季供暖安排的通知", "<p>供暖自十一月一日开始。</p>", parent="tzgg")

    page.goto(server.url("xiaodian.localhost"))
    page.get_by_role("link", name="冬季供暖安排的通知").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("冬季供暖安排的通知")

    assert _found(page, server.url("taiyuan.localhost", "/search/?q=冬季供暖&scope=city"), "冬季供暖安排的通知")
    assert faults == []
    assert "Traceback" not in server.said()


def test_a_query_of_ten_thousand_characters_is_cut_and_answered(server: Server) -> None:
    open_sites("taiyuan")

    status, answer = _get(server, "taiyuan.localhost", f"/api/search/?q={quote('税' * 10_000)}")

    assert (status, answer["query"]) == (200, "税" * 200)


def test_the_platform_says_that_it_is_ready(server: Server) -> None:
    status, answer = _get(server, "platform.localhost", "/-/ready")

    assert status == 200
    assert answer["probes"]["database"] == "ok"
    assert set(answer["probes"]) == {"database", "fleet", "search"}


def _get(server: Server, host: str, path: str) -> tuple[int, Any]:
    with closing(HTTPConnection("127.0.0.1", server.port, timeout=20)) as connection:
        connection.request("GET", path, headers={"Host": host})
        response = connection.getresponse()
        return response.status, json.loads(response.read())


def _found(page: Page, address: str, title: str) -> bool:
    """Whether the search shows the title soon; the relay needs a moment."""
    deadline = time.monotonic() + FINDABLE_SECONDS
    while time.monotonic() < deadline:
        page.goto(address)
        if page.get_by_role("main").get_by_role("link", name=title).count():
            return True
        time.sleep(0.2)
    return False
