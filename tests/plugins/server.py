"""The product as processes: gunicorn on a free port and a relay, over this worker's database and index, for one module of tests."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.storage import storages

from tests.factories.indices import SearchIndex

ROOT = Path(__file__).resolve().parents[2]
READY_SECONDS = 30.0
STOP_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Server:
    """A running installation."""

    port: int
    logs: Path

    def url(self, host: str, path: str = "/") -> str:
        """Return the address of a path on one of its hosts."""
        return f"http://{host}:{self.port}{path}"

    def said(self) -> str:
        """Return all that its processes logged."""
        return "\n".join(path.read_text(encoding="utf-8", errors="replace") for path in sorted(self.logs.glob("*.log")))


@pytest.fixture(scope="module")
def server(module_index: SearchIndex, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Return the product serving this worker's database; sites are opened by the test, with tests/factories/sites.py.

    The index is there before: a relay that finds none makes one, and nobody else can at the same time.
    """
    port = _free_port()
    logs = tmp_path_factory.mktemp("server")
    before, settings.PUBLIC_PORT = settings.PUBLIC_PORT, port  # sites the test opens must name the same port
    # django-tenants' storage remembers the folder of whichever test looked first, also a temporary one; the server has the settings' own.
    storages["default"].__dict__.pop("relative_media_root", None)
    relay = _start([sys.executable, "manage.py", "relay", "run"], logs / "relay.log", port)
    try:
        web = _start([*_GUNICORN, f"--bind=127.0.0.1:{port}"], logs / "gunicorn.log", port)
        running = Server(port, logs)
        try:
            _await_answer(running, web)
            yield running
        finally:
            _stop(web, signal.SIGQUIT)  # at once: a browser keeps connections open that gunicorn would wait for
    finally:
        _stop(relay)
        settings.PUBLIC_PORT = before


_GUNICORN = [
    *(sys.executable, "-m", "gunicorn", "tests.plugins.application:application"),
    *("--worker-class=gthread", "--workers=1", "--threads=4", "--graceful-timeout=3", "--no-control-socket", "--limit-request-line=0"),
]


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _start(command: list[str], log: Path, port: int) -> subprocess.Popen[bytes]:
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings.test", "SERVER_PORT": str(port)}
    with log.open("wb") as stream:
        return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=stream, stderr=stream)


def _stop(process: subprocess.Popen[bytes], how: signal.Signals = signal.SIGTERM) -> None:
    process.send_signal(how)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _await_answer(server: Server, web: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not _answers(server.port):
        if web.poll() is not None or time.monotonic() > deadline:
            pytest.fail(f"The server did not come up:\n{server.said()[-3000:]}", pytrace=False)
        time.sleep(0.1)


def _answers(port: int) -> bool:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=2)) as connection:
        try:
            connection.request("GET", "/-/live", headers={"Host": settings.PLATFORM_HOST})
            return connection.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
