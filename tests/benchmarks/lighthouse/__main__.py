"""`python -m tests.benchmarks.lighthouse [--site URL] [--rounds N]`: pages of the running demo city as Lighthouse measures them on a phone.

Exit codes: 0 done, whatever the scores are, 1 failed, 2 wrong usage.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, quote, urlsplit

from rich.console import Console
from rich.progress import track

from tests.benchmarks.engines import HOME
from tests.benchmarks.measuring import summary
from tests.benchmarks.reporting import Figure, Goal, Machine, Report
from tests.plugins.browser import MISSING, chromium

SITE = "http://taiyuan.localhost:8000"
ROUNDS = 3
TOOL = HOME / "lighthouse"
MANIFEST = Path(__file__).with_name("package.json")
NPM = ("npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts", "--silent")
CATEGORIES = {"performance": 95, "accessibility": 100}  # and the score to reach
TIMES = {"largest-contentful-paint": "ms", "total-blocking-time": "ms", "cumulative-layout-shift": ""}
OK, PATIENCE_SECONDS = 200, 300
HOW = (
    "Lighthouse's own settings for a phone: 412 points wide, simulated slow 4G, a processor four times slower; Chromium without a window.",
    "Straight from gunicorn, without the nginx that compresses and keeps pages in production. Scores: median of the rounds.",
)
# The kinds that are measured: an address, or the column whose first text is meant.
PAGES: Mapping[str, tuple[str, bool]] = {
    "home": ("/", False),
    "column": ("/zwgk/zcwj/", False),
    "article": ("/zwdt/yaowen/", True),
    "document": ("/zwgk/zcwj/", True),
    "search": (f"/search/?q={quote('停车')}", False),
    "openness": ("/zfxxgk/", False),
}


class LighthouseError(Exception):
    """Nothing could be measured; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One look at a page: the scores of 100, and the times behind them."""

    scores: Mapping[str, float]
    times: Mapping[str, float]
    faults: tuple[str, ...]


def main(arguments: list[str]) -> int:
    """Measure and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.lighthouse", description="Scores of the demo's pages; see README.md.")
    parser.add_argument("--site", default=SITE, help=f"a site of a running demo ({SITE})")
    parser.add_argument("--rounds", type=int, default=ROUNDS, choices=range(1, 10), metavar="1-9", help=f"looks at each page ({ROUNDS})")
    options = parser.parse_args(arguments)
    try:
        report, machine = measure(urlsplit(options.site), rounds=options.rounds)
    except LighthouseError as error:
        Console(stderr=True).print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
        return 1
    report.show(Console())
    report.write(HOME / "lighthouse.json", machine=machine.facts(), options=vars(options))
    return 0


def measure(site: SplitResult, *, rounds: int) -> tuple[Report, Machine]:
    """Return the scores of all kinds of pages, by turns, so that a busy minute falls on all of them.

    Raises:
        LighthouseError: the demo, the browser or the tool is not there, or a page could not be measured.

    """
    addresses = {kind: _address(site, path, is_first_text=first) for kind, (path, first) in PAGES.items()}
    _install()
    machine, seen = Machine(), {kind: list[Seen]() for kind in addresses}
    turns = [kind for _ in range(rounds) for kind in addresses]
    for kind in track(turns, description="looking at pages", transient=True):
        seen[kind].append(_look(addresses[kind]))
    report = Report("lighthouse", f"Pages of {site.netloc} as Lighthouse sees them", HOW)
    for kind, looks in seen.items():
        for category, least in CATEGORIES.items():
            found = summary([look.scores[category] for look in looks])
            report.figures.append(Figure(f"{kind}: {category}", "", found, goal=Goal(f"≥ {least}", found.p50 >= least)))
        report.figures += [Figure(f"  {name}", unit, summary([look.times[name] for look in looks])) for name, unit in TIMES.items()]
    report.details = {kind: {"address": addresses[kind], "looks": [asdict(look) for look in looks]} for kind, looks in seen.items()}
    return report, machine


def _address(site: SplitResult, path: str, *, is_first_text: bool) -> str:
    """Return a page's address; asking for it also warms what the server keeps."""
    html = _page(site, path)
    if is_first_text:
        found = re.search(rf'href="({re.escape(path)}[^"/?#]+/)"', html)
        if found is None:
            raise LighthouseError(f"{path} lists no text; is this the demo city?")
        path = found[1]
        _page(site, path)
    return f"{site.scheme}://{site.netloc}{path}"


def _page(site: SplitResult, path: str) -> str:
    host = "127.0.0.1" if (site.hostname or "").endswith("localhost") else site.hostname or ""
    try:
        with closing(HTTPConnection(host, site.port or 80, timeout=30)) as connection:
            connection.request("GET", path, headers={"Host": site.netloc})
            answer = connection.getresponse()
            if answer.status == OK:
                return answer.read().decode()
            raise LighthouseError(f"{path} of {site.netloc} answered {answer.status}; is this the demo city?")
    except (OSError, HTTPException) as error:
        raise LighthouseError(f"{site.netloc} does not answer ({error}). Start it with `make demo`, or name it: --site URL.") from error


def _install() -> None:
    if chromium() is None:
        raise LighthouseError(MISSING)
    if shutil.which("npm") is None:
        raise LighthouseError("There is no npm here. Install Node 18 or newer (Debian: apt-get install npm).")
    TOOL.mkdir(parents=True, exist_ok=True)
    installed, wanted = TOOL / "node_modules" / "lighthouse" / "package.json", json.loads(MANIFEST.read_text(encoding="utf-8"))
    if installed.exists() and json.loads(installed.read_text(encoding="utf-8"))["version"] == wanted["dependencies"]["lighthouse"]:
        return
    shutil.copy(MANIFEST, TOOL)
    done = subprocess.run(NPM, cwd=TOOL, capture_output=True, text=True, check=False)
    if done.returncode:
        raise LighthouseError(f"npm could not install the tool:\n{done.stderr[-2000:]}")


def _look(address: str) -> Seen:
    command = [
        str(TOOL / "node_modules" / ".bin" / "lighthouse"),
        address,
        "--quiet",
        "--output=json",
        f"--only-categories={','.join(CATEGORIES)}",
        "--chrome-flags=--headless=new --no-sandbox --disable-gpu",
    ]
    environment = {"CHROME_PATH": chromium() or "", "PATH": _path(), "HOME": str(TOOL)}
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise LighthouseError(f"{address} was not measured within {PATIENCE_SECONDS} seconds.") from error
    if done.returncode:
        raise LighthouseError(f"{address} could not be measured:\n{done.stderr[-2000:]}")
    return _seen(json.loads(done.stdout))


def _path() -> str:
    return str(Path(shutil.which("node") or "/usr/bin/node").parent) + ":/usr/bin:/bin"


def _seen(found: Mapping[str, Any]) -> Seen:
    audits: Mapping[str, Any] = found["audits"]
    return Seen(
        scores={name: 100 * found["categories"][name]["score"] for name in CATEGORIES},
        times={name: audits[name]["numericValue"] for name in TIMES},
        faults=tuple(name for name, audit in audits.items() if audit["score"] is not None and audit["score"] < 1),
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
