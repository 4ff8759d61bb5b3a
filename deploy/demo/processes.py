"""The demo's own processes: each in a session of its own with its own log, stopped in the opposite order, never left behind.

What runs is written down beside the data. A supervisor that was killed cannot stop its processes; the next one finds them there
and ends those that are still what the note says.
"""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import psutil  # type: ignore[import-untyped] # its types are a package of their own, not worth one more pin

from deploy.demo.contract import ChildError, Options

ROOT = Path(__file__).resolve().parents[2]
STOP_SECONDS = 8.0
KILL_SECONDS = 1.0  # until the killed are gone; where nobody buries them they stay listed
TAIL_LINES = 12
LOG_LIMIT = 5_000_000
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, slots=True)
class Child:
    """A process we started."""

    name: str
    process: subprocess.Popen[str]
    log: Path

    @property
    def has_ended(self) -> bool:
        """Whether it is gone."""
        return self.process.poll() is not None

    def error(self) -> ChildError:
        """Return what to tell when it ended by itself: its code and the end of its log."""
        said = self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-TAIL_LINES:] if self.log.exists() else []
        return ChildError("\n".join([f"{self.name} ended with code {self.process.returncode}. Its log {self.log} ends:", *said]))


class Family:
    """All processes of one demo."""

    def __init__(self, options: Options, environment: Mapping[str, str]) -> None:
        self._options = options
        self._environment = dict(environment)
        self._children: list[Child] = []
        self._owns_engines = False

    @property
    def note(self) -> Path:
        """The file that says what runs."""
        return self._options.var_dir / "demo-processes.json"

    def add_environment(self, more: Mapping[str, str]) -> None:
        """Give the processes started from now on these variables too."""
        self._environment |= more

    def own_engines(self) -> None:
        """Write down that the engines are ours to stop."""
        self._owns_engines = True
        self._write_note()

    @property
    def owns_engines(self) -> bool:
        """Whether the engines are ours to stop."""
        return self._owns_engines

    def start(self, name: str, command: Sequence[str], *, reads_output: bool = False) -> Child:
        """Start a process; what it says goes to its log, its standard output to us if asked."""
        log = self._options.logs / f"{name}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        if log.exists() and log.stat().st_size > LOG_LIMIT:
            log.replace(log.with_suffix(".1.log"))
        with undisturbed(), log.open("a", encoding="utf-8") as stream:
            process = subprocess.Popen(
                list(command),
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE if reads_output else stream,
                stderr=stream,
                text=True,
                encoding="utf-8",
                start_new_session=True,  # Ctrl-C at the terminal reaches the supervisor alone, which stops the others in order
            )
            child = Child(name, process, log)
            self._children.append(child)
            self._write_note()
        return child

    def check(self) -> None:
        """Raise ChildError when one of them ended by itself."""
        for child in self._children:
            if child.has_ended:
                raise child.error()

    def finish(self, child: Child) -> int:
        """Wait for a process that ends by itself; return its code."""
        code = child.process.wait()
        self._children.remove(child)
        self._write_note()
        return code

    def stop(self) -> None:
        """End all of them, the last one started first; who does not go is killed with all it started."""
        while self._children:
            child = self._children[-1]
            _end(child.process)
            self._children.pop()
        self._write_note()

    def end_leftovers(self) -> int:
        """End what a killed supervisor left running here; return how many processes that were. Take its engines over."""
        try:
            facts = json.loads(self.note.read_text(encoding="utf-8"))
            entries = [(int(entry["pid"]), float(entry["started"])) for entry in facts["processes"]]
            self._owns_engines = bool(facts["engines"])
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return 0
        groups = [pid for pid, started in entries if _is_same(pid, started)]
        for pid in groups:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while time.monotonic() < deadline and any(_group_lives(pid) for pid in groups):
            time.sleep(0.05)
        for pid in groups:
            with suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)
        return len(groups)

    def forget(self) -> None:
        """Remove the note: nothing of ours runs any more."""
        self.note.unlink(missing_ok=True)

    def _write_note(self) -> None:
        entries = []
        for child in self._children:
            with suppress(psutil.Error):
                entries.append(
                    {"name": child.name, "pid": child.process.pid, "started": psutil.Process(child.process.pid).create_time()},
                )
        partial = self.note.with_suffix(".partial")
        partial.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(json.dumps({"engines": self._owns_engines, "processes": entries}, indent=2) + "\n", encoding="utf-8")
        partial.replace(self.note)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Let a request to stop wait for the end of the block: between starting a process and knowing it, it would be lost."""
    arrived: list[int] = []

    def remember(number: int, _frame: FrameType | None) -> None:
        arrived.append(number)

    before = {name: signal.signal(name, remember) for name in STOP_SIGNALS}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)
    for number in arrived[:1]:
        signal.raise_signal(number)


def _end(process: subprocess.Popen[str]) -> None:
    """End a process and its whole session."""
    if process.poll() is None:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    deadline = time.monotonic() + KILL_SECONDS
    while _group_lives(process.pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    if process.stdout:
        process.stdout.close()


def _is_same(pid: int, started: float) -> bool:
    """Whether the process is the one that was written down; another may have its number by now."""
    try:
        found = psutil.Process(pid)
        return bool(abs(found.create_time() - started) < 1 and found.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


def _group_lives(pid: int) -> bool:
    try:
        os.killpg(pid, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True
