"""The demo's processes: they end with it, and what a killed demo left is found and ended."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil  # type: ignore[import-untyped] # as in the code under test
import pytest

from deploy.demo.contract import ChildError, Options
from deploy.demo.processes import Family, undisturbed

SLEEP = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]
WITH_CHILD = "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); time.sleep(60)"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"


@pytest.fixture
def options(tmp_path: Path) -> Options:
    """A demo of this test's own."""
    return Options(port=1, var_dir=tmp_path, texts=1)


def wait_for(path: Path, text: str) -> None:
    deadline = time.monotonic() + 10
    while text not in (path.read_text() if path.exists() else ""):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def group(pid: int) -> list[int]:
    return [process.pid for process in psutil.process_iter() if _group_of(process.pid) == pid and process.status() != psutil.STATUS_ZOMBIE]


def _group_of(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return None


def test_stopping_ends_a_process_and_all_it_started(options: Options) -> None:
    family = Family(options, os.environ)
    child = family.start("parent", [sys.executable, "-c", WITH_CHILD])
    deadline = time.monotonic() + 10
    while len(group(child.process.pid)) < 2 and time.monotonic() < deadline:
        time.sleep(0.02)

    family.stop()

    assert group(child.process.pid) == []
    assert json.loads(family.note.read_text()) == {"engines": False, "processes": []}


def test_who_does_not_go_is_killed(options: Options, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deploy.demo.processes.STOP_SECONDS", 0.2)
    family = Family(options, os.environ)
    child = family.start("stubborn", [sys.executable, "-c", STUBBORN])
    wait_for(child.log, "up")

    family.stop()

    assert child.process.returncode == -signal.SIGKILL


def test_a_process_that_ends_by_itself_is_told_with_the_end_of_its_log(options: Options) -> None:
    family = Family(options, os.environ)
    child = family.start("short", [sys.executable, "-c", "import sys; print('the reason'); sys.exit(7)"])
    child.process.wait()

    with pytest.raises(ChildError) as told:
        family.check()

    assert str(told.value) == f"short ended with code 7. Its log {options.logs / 'short.log'} ends:\nthe reason"
    family.stop()


def test_what_a_killed_supervisor_left_is_ended_by_the_next(options: Options) -> None:
    first = Family(options, os.environ)
    first.own_engines()
    left = first.start("left", SLEEP)
    wait_for(left.log, "up")

    second = Family(options, os.environ)

    assert second.end_leftovers() == 1
    assert left.process.wait(5) == -signal.SIGTERM
    assert second.owns_engines


def test_a_note_that_names_another_process_by_now_harms_nobody(options: Options) -> None:
    with subprocess.Popen(SLEEP, stdout=subprocess.DEVNULL) as stranger:
        family = Family(options, os.environ)
        entry = {"name": "left", "pid": stranger.pid, "started": psutil.Process(stranger.pid).create_time() - 100}
        family.note.write_text(json.dumps({"engines": False, "processes": [entry]}))

        assert family.end_leftovers() == 0
        assert stranger.poll() is None
        stranger.kill()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"engines": true}', '{"engines": true, "processes": [{"pid": "x"}]}'])
def test_a_note_cut_off_by_a_crash_is_none(options: Options, text: str) -> None:
    family = Family(options, os.environ)
    family.note.write_text(text)

    assert family.end_leftovers() == 0


def test_a_request_to_stop_waits_until_a_new_process_is_known() -> None:
    heard: list[str] = []
    before = signal.signal(signal.SIGTERM, lambda *_: heard.append("stop"))
    try:
        with undisturbed():
            signal.raise_signal(signal.SIGTERM)
            heard.append("known")
        assert heard == ["known", "stop"]
    finally:
        signal.signal(signal.SIGTERM, before)
