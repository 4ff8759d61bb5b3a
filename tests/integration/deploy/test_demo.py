"""The demo end to end: it comes up, answers on its hosts, does nothing twice, survives a kill, and leaves no process."""

import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote

import environ
import psutil  # type: ignore[import-untyped] # as in the code under test
import psycopg2
import pytest

from deploy.demo.contract import NOTICE
from deploy.demo.samples import ARTICLES
from deploy.embedded import services

pytestmark = pytest.mark.long
ROOT = Path(__file__).resolve().parents[3]
COMMAND = [sys.executable, "-m", "deploy.demo"]
SITES = 13
HOLD_A_LOCK = """
import sys, pathlib
from deploy.embedded.locking import claim
claim(pathlib.Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""
COUNTS = {
    "sites": "SELECT count(*) FROM registry_tenant WHERE state = 'live'",
    "people": "SELECT count(*) FROM accounts_user",
    "memberships": "SELECT count(*) FROM memberships_membership",
    "found": "SELECT count(*) FROM search_projection WHERE state = 'live'",
    "revisions": "SELECT sum(revision) FROM search_projection",
    "portal pages": "SELECT count(*) FROM s_taiyuan.wagtailcore_page",
    "portal revisions": "SELECT count(*) FROM s_taiyuan.wagtailcore_revision",
    "waiting": "SELECT count(*) FROM outbox_event",
}


@pytest.fixture(scope="module")
def var_dir() -> Iterator[Path]:
    """A folder that PostgreSQL's own user can enter; nothing of it outlives the module."""
    folder = Path(tempfile.mkdtemp(prefix="demo-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    for demo in Demo.started:  # one that a failed test left
        demo.process.terminate()
        demo.process.wait(60)
    services.stop(folder)
    shutil.rmtree(folder)


class Demo:
    """A demo started as a person would start it."""

    started: ClassVar[list["Demo"]] = []

    def __init__(self, var_dir: Path, port: int, texts: str) -> None:
        self.var_dir, self.port = var_dir, port
        self.log = var_dir / f"said-{port}.log"
        self.began = time.monotonic()
        with self.log.open("w") as stream:
            self.process = subprocess.Popen(COMMAND, cwd=ROOT, env=environment(var_dir, port, texts), stdout=stream, stderr=stream)
        self.started.append(self)

    def await_ready(self) -> float:
        """Wait until the table of addresses is there; how long it took."""
        while "Ready after" not in self.said():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() - self.began < 240, self.said()
            time.sleep(0.1)
        return time.monotonic() - self.began

    def said(self) -> str:
        """All it has printed."""
        return self.log.read_text(encoding="utf-8")

    def get(self, host: str, path: str = "/") -> tuple[int, str]:
        """Ask one of its hosts."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)) as connection:
            connection.request("GET", path, headers={"Host": f"{host}:{self.port}"})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()

    def counts(self) -> dict[str, int]:
        """What its database holds."""
        found = services.status(self.var_dir).endpoints()
        assert found is not None
        config = environ.Env.db_url_config(found.database_url)
        connection = psycopg2.connect(dbname=config["NAME"], user=config["USER"], port=config["PORT"], **config["OPTIONS"])
        with closing(connection), connection.cursor() as cursor:
            return {name: _one(cursor, statement) for name, statement in COUNTS.items()}


def _one(cursor: Any, statement: str) -> int:
    cursor.execute(statement)
    return int(cursor.fetchone()[0])


def environment(var_dir: Path, port: int, texts: str) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "ELASTICSEARCH_URL", "PG_DUMP")}
    return inherited | {"VAR_DIR": str(var_dir), "DEMO_PORT": str(port), "DEMO_DOCS": texts}


def run(var_dir: Path, port: int, texts: str = "30") -> subprocess.CompletedProcess[str]:
    env = environment(var_dir, port, texts)
    return subprocess.run(COMMAND, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False)


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def processes_of(var_dir: Path) -> list[str]:
    """Command lines of living processes that have the folder in them or in their environment."""
    found = []
    for process in psutil.process_iter():
        try:
            command = " ".join(process.cmdline())
            if process.pid != os.getpid() and (str(var_dir) in command or process.environ().get("VAR_DIR") == str(var_dir)):
                found.append(command)
        except psutil.Error:
            continue
    return [command for command in found if command]


def remaining(var_dir: Path) -> list[str]:
    """What still lives a moment after the end; an engine that has let its lock go needs an instant to be gone."""
    deadline = time.monotonic() + 5
    while processes_of(var_dir) and time.monotonic() < deadline:
        time.sleep(0.05)
    return processes_of(var_dir)


def test_the_demo_comes_up_does_nothing_twice_and_leaves_nothing(var_dir: Path) -> None:
    demo = Demo(var_dir, free_port(), "30")
    demo.await_ready()
    before = demo.counts()
    _check_hosts(demo, texts=30)
    passwords = var_dir / "demo-passwords.json"
    said_passwords = json.loads(passwords.read_text())
    assert passwords.stat().st_mode & 0o777 == 0o600
    assert sorted(said_passwords) == ["admin", "audit", "auditor", "editor", "ops", "reviewer", "security"]
    assert all(password in demo.said() for password in said_passwords.values())
    assert (before["sites"], before["people"], before["memberships"], before["waiting"]) == (SITES, 7, 4 * SITES, 0)

    demo.process.terminate()

    assert demo.process.wait(30) == 0
    assert remaining(var_dir) == []

    again = Demo(var_dir, demo.port, "30")
    assert again.await_ready() < 30
    assert again.counts() == before
    assert json.loads(passwords.read_text()) == said_passwords
    assert "Official texts" not in again.said()

    again.process.kill()  # no time to stop anything
    again.process.wait()
    assert processes_of(var_dir) != []

    other = Demo(var_dir, free_port(), "30")
    other.await_ready()
    assert "processes of a demo that was killed are ended." in other.said()
    assert other.counts() == before
    _, home = other.get("taiyuan.localhost")
    assert f"http://xiaodian.localhost:{other.port}/" in home
    assert str(again.port) not in home
    os.kill(other.process.pid, signal.SIGINT)
    assert other.process.wait(30) == 0
    assert remaining(var_dir) == []


def _check_hosts(demo: Demo, *, texts: int) -> None:
    status, home = demo.get("taiyuan.localhost")
    assert (status, NOTICE in home) == (200, True)
    assert demo.get("xiaodian.localhost")[0] == 200
    assert demo.get("jyj.localhost", "/zwgk/flfg/")[0] == 200
    assert demo.get("platform.localhost", "/-/ready")[0] == 200
    assert demo.get("taiyuan.manage.localhost", "/admin/")[0] == 302
    assert demo.get("taiyuan.localhost", "/admin/")[0] == 404
    assert demo.get("unknown.localhost")[0] == 404
    stylesheet = re.search(r'href="(/static/[^"]+\.css)"', home)
    assert stylesheet
    assert demo.get("taiyuan.localhost", stylesheet[1])[0] == 200
    status, answer = demo.get("platform.localhost", f"/api/search/?q={quote('中华人民共和国宪法')}")
    assert (status, json.loads(answer)["degraded"], json.loads(answer)["hits"][0]["title"]) == (200, False, "中华人民共和国宪法")
    found = demo.counts()["found"]
    assert found >= texts + SITES * len(ARTICLES)


def test_a_port_in_use_is_said_before_anything_is_made(var_dir: Path) -> None:
    with closing(socket.socket()) as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = int(other.getsockname()[1])

        done = run(var_dir / "untouched", port)

    assert done.returncode == 1
    assert f"Port {port} is in use by another program" in done.stdout
    assert "DEMO_PORT=" in done.stdout
    assert not (var_dir / "untouched" / "postgres").exists()


def test_a_second_demo_on_the_same_folder_is_refused(var_dir: Path) -> None:
    folder = var_dir / "shared"
    folder.mkdir()
    holder = [sys.executable, "-c", HOLD_A_LOCK, str(folder / "demo.lock")]
    with subprocess.Popen(holder, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout
        assert first.stdout.readline() == "held\n"

        done = run(folder, free_port())

        first.kill()
    assert done.returncode == 1
    assert "A demo runs on" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_a_number_of_texts_that_is_none_is_refused(var_dir: Path) -> None:
    done = run(var_dir / "untouched", free_port(), "lots")

    assert done.returncode == 2
    assert "DEMO_DOCS is 'lots'" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_a_folder_that_cannot_be_used_is_refused(var_dir: Path) -> None:
    (var_dir / "file").touch()

    done = run(var_dir / "file", free_port())

    assert done.returncode == 1
    assert "cannot be used as VAR_DIR" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
