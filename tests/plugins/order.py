"""What takes long is begun first: modules marked `long` are handed to the workers before all others, so that they end together.

Handed out as they come, a few of them lie at the end on one worker while the others have nothing left to do. xdist's own order, the modules
with most tests first, puts just those last: a journey is long and a single test. Within both parts the order is random, as elsewhere.
"""

from collections import defaultdict

import pytest

LONG_SECONDS = 20.0


def pytest_configure(config: pytest.Config) -> None:
    """Let xdist hand modules out in the order of the tests."""
    config.option.loadscopereorder = False


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests of long modules first; pytest-randomly has mixed them before, in the same way on every worker."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name modules that took long and are not marked, so that the marks stay true."""
    took: dict[str, float] = defaultdict(float)
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport) and "long" not in report.keywords:
                took[report.nodeid.partition("::")[0]] += report.duration
    late = sorted((seconds, module) for module, seconds in took.items() if seconds > LONG_SECONDS)
    if late:
        terminalreporter.section("long and not marked `long`")
        for seconds, module in reversed(late):
            terminalreporter.line(f"{seconds:5.0f} s  {module}")
