"""The example timers: each has its service, and each service runs a verb of ours with options it knows."""

import configparser
import shlex
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

UNITS = Path(__file__).resolve().parents[3] / "deploy" / "systemd"
TIMERS = sorted(UNITS.glob("*.timer"))


def unit(path: Path) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign] # systemd minds capitals
    parser.read_string(path.read_text(encoding="utf-8"))
    return parser


def test_every_timer_has_its_service_and_is_named_where_operators_look() -> None:
    told = (UNITS / "README.md").read_text(encoding="utf-8")

    assert {path.stem for path in TIMERS} == {path.stem for path in UNITS.glob("*.service")}
    assert all(f"`{path.stem}`" in told for path in TIMERS)
    for path in TIMERS:
        assert unit(path)["Install"]["WantedBy"] == "timers.target"
        assert {"OnCalendar", "OnUnitInactiveSec"} & set(unit(path)["Timer"])


@pytest.mark.elasticsearch
@pytest.mark.usefixtures("database", "search_index")
@pytest.mark.parametrize("timer", TIMERS, ids=lambda path: path.stem)
def test_what_a_timer_starts_is_a_command_of_ours_that_can_run_twice(timer: Path, capsys: Any) -> None:
    service = unit(timer.with_suffix(".service"))["Service"]
    python, manage, *words = shlex.split(service["ExecStart"])

    assert (python, manage, service["Type"]) == ("/srv/gov/.venv/bin/python", "manage.py", "oneshot")
    assert "--yes" in words  # nobody can be asked
    for _ in range(2):
        call_command(*words, "--dry-run")
    first, second = capsys.readouterr().out.strip().splitlines()[-2:]
    assert first == second
