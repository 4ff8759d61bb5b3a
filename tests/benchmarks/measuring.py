"""Numbers from samples: percentiles, ratios, a trend; and how much processor time something took, here and in PostgreSQL."""

import statistics
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from django.db import connection

SEED = 20261124


@dataclass(frozen=True, slots=True)
class Summary:
    """Samples in short, in their own unit."""

    count: int
    p50: float
    p95: float
    most: float


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds: by the clock, of this process, of its PostgreSQL server process (None where the system does not tell)."""

    wall: float
    cpu: float
    database_cpu: float | None


class Meter:
    """Measures from when it is made; `database=False` leaves PostgreSQL unasked."""

    def __init__(self, *, database: bool = True) -> None:
        self._stat = _database_stat() if database else None
        self._database = _nanoseconds(self._stat)
        self._cpu = time.process_time()
        self._wall = time.perf_counter()

    def seconds(self) -> float:
        """Return the seconds by the clock so far."""
        return time.perf_counter() - self._wall

    def spent(self) -> Spent:
        """Return what was spent so far."""
        wall, cpu = self.seconds(), time.process_time() - self._cpu
        now = _nanoseconds(self._stat)
        return Spent(wall, cpu, None if now is None or self._database is None else (now - self._database) / 1e9)


def summary(samples: Sequence[float]) -> Summary:
    """Return count, median, 95th percentile and maximum."""
    return Summary(len(samples), percentile(samples, 0.5), percentile(samples, 0.95), max(samples))


def percentile(samples: Sequence[float], share: float) -> float:
    """Return the value below which `share` of the samples lie, between two samples by proportion."""
    ordered = sorted(samples)
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def ratio(ours: Sequence[float], reference: Sequence[float]) -> float:
    """Return how many times ours the median of the reference goes into ours."""
    return percentile(ours, 0.5) / percentile(reference, 0.5)


def paired_ratio(ours: Sequence[float], reference: Sequence[float]) -> float:
    """Return the median of the ratios of samples taken next to each other: what slows both down for a while drops out."""
    return statistics.median(mine / other for mine, other in zip(ours, reference, strict=True))


def slope(samples: Sequence[float]) -> float:
    """Return the growth a sample, by the median of all pairs (Theil and Sen): a few slow ones do not bend it."""
    pairs = [(later - sooner) / (right - left) for left, sooner in enumerate(samples) for right, later in _after(samples, left)]
    return statistics.median(pairs)


def _after(samples: Sequence[float], left: int) -> list[tuple[int, float]]:
    return list(enumerate(samples))[left + 1 :]


def _database_stat() -> Path | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        row = cursor.fetchone()
    return Path(f"/proc/{row[0]}/schedstat") if row else None


def _nanoseconds(stat: Path | None) -> int | None:
    """Return the processor time of a process; Linux tells it without rounding."""
    if stat is not None:
        with suppress(OSError, ValueError, IndexError):
            return int(stat.read_text(encoding="ascii").split()[0])
    return None
