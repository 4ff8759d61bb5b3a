"""The doctor finds what is wrong and says how to mend it."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from observability import doctor
from observability.doctor import Finding, Level
from observability.terminal import CommandFailure


def broken() -> Finding:
    """Fail to look."""
    raise RuntimeError("wires crossed\nat length")


def test_a_check_that_breaks_is_a_failed_finding() -> None:
    found = doctor.examine_all({"a": lambda: Finding.ok("fine"), "b": broken})

    assert found["a"] == Finding(Level.OK, "fine")
    assert (found["b"].level, found["b"].what) == (Level.FAILED, "RuntimeError: wires crossed")
    assert found["b"].mend != ""


def test_a_directory_that_is_missing_is_found(settings: Any, tmp_path: Path) -> None:
    settings.VAR_DIR = str(tmp_path / "none")

    assert doctor.check_var_dir().level is Level.FAILED
    assert doctor.check_disk().level is not Level.FAILED


def test_a_directory_that_is_there_is_ok(settings: Any, tmp_path: Path) -> None:
    settings.VAR_DIR = str(tmp_path)

    assert doctor.check_var_dir() == Finding.ok(str(tmp_path))


def test_little_space_is_a_warning(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.VAR_DIR = str(tmp_path)
    monkeypatch.setattr(doctor, "MIN_FREE_GIB", 10**9)

    assert doctor.check_disk().level is Level.WARNING


def test_an_old_python_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "MIN_PYTHON", (99, 0))

    assert doctor.check_python().level is Level.FAILED


def test_the_command_answers_as_json(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("observability.management.commands.doctor.examine_all", lambda: {"disk": Finding.warning("1 GiB", "Free some.")})

    call_command("doctor", "--json")

    assert json.loads(capsys.readouterr().out) == {"disk": {"level": "warning", "what": "1 GiB", "mend": "Free some."}}


def test_the_command_fails_when_a_check_did(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(
        "observability.management.commands.doctor.examine_all",
        lambda: {"a": Finding.ok("x"), "database": Finding.failed("gone", "Start it.")},
    )

    with pytest.raises(CommandFailure, match=r"^1 of 2 checks failed: database\.$"):
        call_command("doctor")

    assert "Start it." in capsys.readouterr().out
