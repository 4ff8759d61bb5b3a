"""The embedded Elasticsearch seen from outside: start it in the background, know whether it lives, stop it."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped] # its types are a package of their own, not worth one more pin

from deploy.embedded import jars
from deploy.embedded.contract import NODE_LOCKED, EmbeddedError, Progress, node_lock, node_log, silent
from deploy.embedded.locking import is_held

ROOT = Path(__file__).resolve().parents[2]
MODULE = "deploy.embedded.node"
READY_SECONDS = 90
RED_SECONDS = 20
STOP_SECONDS = 20
LOG_LIMIT = 10_000_000
# Java reads these by itself; a stray one would change our heap or class path.
JAVA_VARIABLES = ("JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "JDK_JAVA_OPTIONS", "CLASSPATH")


class ElasticsearchError(EmbeddedError):
    """The embedded Elasticsearch could not be started or stopped."""


class PortTakenError(ElasticsearchError):
    """The port that was asked for belongs to another program."""


def start(home: Path, *, progress: Progress = silent, heap: str = "1g") -> str:
    """Bring up the node of this home and return its address once it answers; one that runs already is left as it is.

    Raises JarError, PortTakenError or ElasticsearchError.
    """
    home = home.resolve()
    living = _living(home)
    # One that was just killed may hold its lock for a moment more; it then ends while we wait, and a new one is started.
    if living is not None and _await_ready(home, living, progress):
        _check_asked_port(living[1])
        return address(living[1])
    _check_owner(home)
    progress("starting Elasticsearch…")
    where = jars.ensure(progress=progress)
    said_before = _rotate(node_log(home))
    _launch(home, port=_choose_port(home, progress), where=where, heap=heap)
    living = _living(home)
    if living is None or not _await_ready(home, living, progress):
        raise _start_error(home, said_before)
    progress("Elasticsearch is ready.")
    return address(living[1])


def stop(home: Path, *, progress: Progress = silent) -> bool:
    """End the node of this home, waiting for it; False when none was running. Raises ElasticsearchError when it will not end.

    Only a process that holds this home's lock and is a node by its command line is ever signalled.
    """
    home = home.resolve()
    living = _living(home)
    if living is None:
        return False
    pid = living[0]
    if not _is_node(pid):
        raise ElasticsearchError(f"process {pid} holds {node_lock(home)} but is no Elasticsearch node of ours: end it yourself.")
    progress("stopping Elasticsearch…")
    for signal_number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.kill(pid, signal_number)
        if _await_end(home):
            return True
    raise ElasticsearchError(f"Elasticsearch (process {pid}) does not end: end it yourself, then try again.")


def running(home: Path) -> tuple[int, str] | None:
    """Pid and address of this home's living node, or None."""
    living = _living(home.resolve())
    return None if living is None else (living[0], address(living[1]))


def address(port: int) -> str:
    """The value for ELASTICSEARCH_URL."""
    return f"http://127.0.0.1:{port}"


def _check_owner(home: Path) -> None:
    """Refuse another user's home: root could write there, and its owner could not start it afterwards."""
    if home.exists() and home.stat().st_uid != os.geteuid():
        raise ElasticsearchError(f"{home} belongs to another user: start as that user, or choose another VAR_DIR.")


def _living(home: Path) -> tuple[int, int] | None:
    """Pid and port of the node that holds the lock. What a dead node left in the file counts for nothing."""
    path = node_lock(home)
    for _ in range(40):
        if not is_held(path):
            return None
        with suppress(ValueError, KeyError, TypeError):
            facts = json.loads(path.read_text())
            return int(facts["pid"]), int(facts["port"])
        time.sleep(0.05)
    raise ElasticsearchError(f"{path} is locked by a process that does not say its pid: find it with `fuser {path}`, end it, try again.")


def _is_node(pid: int) -> bool:
    try:
        return MODULE in psutil.Process(pid).cmdline()
    except psutil.Error:
        return False


def _choose_port(home: Path, progress: Progress) -> int:
    """The port asked for, else the one of last time, else a free one; remembered beside the data."""
    if (asked := _asked_port()) is not None:
        if not _is_free(asked):
            raise PortTakenError(f"port {asked} (ELASTICSEARCH_PORT) is taken by another program: stop that one, or set another port.")
        return asked
    state = home / "port"
    with suppress(FileNotFoundError, ValueError):
        before = int(state.read_text())
        if _is_free(before):
            return before
        progress(f"port {before} is taken by another program: Elasticsearch gets another one.")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    home.mkdir(parents=True, exist_ok=True)
    state.write_text(f"{port}\n")
    return port


def _asked_port() -> int | None:
    text = os.environ.get("ELASTICSEARCH_PORT", "")
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 2**16:
        raise ElasticsearchError(f"ELASTICSEARCH_PORT is {text!r}: set it to a number from 1 to 65535, or unset it.")
    return int(text)


def _check_asked_port(port: int) -> None:
    asked = _asked_port()
    if asked not in (None, port):
        raise ElasticsearchError(f"Elasticsearch runs on port {port}, but ELASTICSEARCH_PORT is {asked}: stop it first, or unset that.")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the node does: closed connections linger
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _launch(home: Path, *, port: int, where: Path, heap: str) -> None:
    """Start the node as its own session; returns once it holds its lock."""
    environment = {name: value for name, value in os.environ.items() if name not in JAVA_VARIABLES}
    command = [sys.executable, "-m", MODULE, "--home", str(home), "--port", str(port), "--jars", str(where), "--heap", heap, "--detach"]
    with node_log(home).open("ab") as log:
        result = subprocess.run(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=False)
    if result.returncode == NODE_LOCKED:
        raise ElasticsearchError(f"another Elasticsearch node has just started on {home}: try again.")


def _rotate(path: Path) -> int:
    """Put a long log aside; returns where this start's lines will begin."""
    path.parent.mkdir(parents=True, exist_ok=True)
    size = path.stat().st_size if path.exists() else 0
    if size <= LOG_LIMIT:
        return size
    path.replace(path.with_suffix(".1.log"))
    return 0


def _await_ready(home: Path, living: tuple[int, int], progress: Progress) -> bool:
    """Wait until the node itself, not another program on its port, answers and has its indices open; False when it ends first.

    Raises ElasticsearchError when it lives but does not answer.
    """
    pid, port = living
    began = time.monotonic()
    told = 0.0
    while (waited := time.monotonic() - began) < READY_SECONDS:
        status = _health(port, pid)
        if status in ("green", "yellow"):
            return True
        if status == "red" and waited > RED_SECONDS:
            progress("Elasticsearch runs, but some index is damaged (status red): rebuild the search index.")
            return True
        if not is_held(node_lock(home)):
            return False
        if waited - told >= 5:  # noqa: PLR2004 (seconds between two signs of life)
            told = waited
            progress(f"Elasticsearch is still starting ({waited:.0f} s)…")
        time.sleep(0.1)
    raise ElasticsearchError(
        f"Elasticsearch (process {pid}) does not answer after {READY_SECONDS} s: see {node_log(home)}, stop it, try again."
    )


def _health(port: int, pid: int) -> str | None:
    """The cluster's colour, or None while our node does not answer. `GET /` does not exist on a node without modules."""
    try:
        nodes = _get(port, "/_nodes/_local/process?filter_path=nodes.*.process.id")["nodes"].values()
        if [entry["process"]["id"] for entry in nodes] != [pid]:
            return None
        return str(_get(port, "/_cluster/health")["status"])
    except (OSError, http.client.HTTPException, ValueError, KeyError):
        return None


def _get(port: int, path: str) -> Any:
    """Ask without any proxy the environment may name."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return json.load(connection.getresponse())
    finally:
        connection.close()


def _await_end(home: Path) -> bool:
    deadline = time.monotonic() + STOP_SECONDS
    while time.monotonic() < deadline:
        if not is_held(node_lock(home)):
            return True
        time.sleep(0.05)
    return False


def _start_error(home: Path, said_before: int) -> ElasticsearchError:
    """The error with what the node said since it was started."""
    path = node_log(home)
    with path.open("rb") as log:
        log.seek(said_before)
        said = log.read().decode(errors="replace").strip().splitlines()
    reasons = [line for line in said if line.startswith("Elasticsearch could not start")] or said[-5:]
    return ElasticsearchError("Elasticsearch ended while starting (log: {}):\n{}".format(path, "\n".join(reasons)))
