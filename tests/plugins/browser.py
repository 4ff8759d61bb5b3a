"""A real Chromium for tests marked `browser`: one a worker, a fresh profile a test; where there is none, that is said at the end.

Locally such tests are then reported as not run; with `CI=true` each is a failure. `CHROMIUM` names the program where the path does not.
"""

import os
import shutil
from collections.abc import Iterator

import pytest
from django.db import connections
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MISSING = "There is no Chromium here. Install it (Debian: apt-get install chromium), or set CHROMIUM to its path."


def chromium() -> str | None:
    """Return the path of the installed Chromium, if there is one."""
    return shutil.which(os.environ.get("CHROMIUM") or "") or next(filter(None, map(shutil.which, PROGRAMS)), None)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Keep a browser test from running without a browser."""
    if item.get_closest_marker("browser") is None or chromium() is not None:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(MISSING, pytrace=False)
    pytest.skip(MISSING)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in the last lines what did not run, and which checks before the tests failed."""
    left_out = sum("browser" in report.keywords for report in terminalreporter.stats.get("skipped", []))
    if left_out:
        terminalreporter.section("not run", yellow=True)
        terminalreporter.line(f"{left_out} browser tests were not run. {MISSING}")
    if failed := os.environ.get("FAILED_BEFORE"):
        terminalreporter.section("failed before the tests", red=True)
        terminalreporter.line(f"{failed}: see above, or run `make check`.")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Return this worker's browser."""
    # Playwright runs an event loop below the test's own thread; Django would take every query after it for one from a coroutine.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    connections.close_all()  # above a loop Django keeps other connections; those from before would stay open, unseen, until the run ends
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium(), args=_arguments())
        yield launched
        launched.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


def _arguments() -> list[str]:
    # Chromium's own sandbox refuses root, and containers often lack what it needs.
    return ["--disable-gpu", "--disable-dev-shm-usage", *(["--no-sandbox"] if os.geteuid() == 0 else [])]


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """Return a profile of its own: no cookies, nothing remembered."""
    made = browser.new_context(viewport={"width": 1280, "height": 900}, locale="zh-CN", timezone_id="Asia/Shanghai")
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """Return an empty tab."""
    return context.new_page()
