"""An engine and a relay of a test's own, to be killed."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil  # type: ignore[import-untyped] # none published
import pytest
from django.conf import settings

from deploy.embedded import elasticsearch as engine

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def own_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> "Iterator[Engine]":
    """An Elasticsearch of this test's own: it will be killed, and the other tests need theirs."""
    node = Engine(tmp_path / "engine")
    monkeypatch.setattr(settings, "ELASTICSEARCH_URL", node.start())
    monkeypatch.setenv("ELASTICSEARCH_URL", settings.ELASTICSEARCH_URL)
    yield node
    node.stop()


class Engine:
    """Starts, kills and stops a node."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)

    def start(self) -> str:
        return engine.start(self.folder)

    def stop(self) -> None:
        engine.stop(self.folder)

    def kill(self) -> None:
        alive = engine.running(self.folder)
        assert alive is not None
        psutil.Process(alive[0]).kill()


class Relay:
    """A relay as a process of its own."""

    def __init__(self) -> None:
        self.process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        environment = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings.test"}
        command = [sys.executable, "manage.py", "relay", "run"]
        return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def kill_and_restart(self) -> None:
        self.process.kill()
        self.process.wait()
        self.process = self._start()

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(timeout=20) == 0
