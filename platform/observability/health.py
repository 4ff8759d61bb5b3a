"""Whether this process can do its work: named probes, which other apps add to in their `ready()`."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.db import connection

logger = logging.getLogger(__name__)


class Readiness(StrEnum):
    """What the probes add up to."""

    READY = "ready"
    DEGRADED = "degraded"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class Probe:
    """Something this process needs: `check` raises when it does not answer."""

    name: str
    check: Callable[[], None]
    required: bool


@dataclass(frozen=True, slots=True)
class Health:
    """How every probe ended: by name, whether it answered."""

    readiness: Readiness
    answered: Mapping[str, bool]


_probes: dict[str, Probe] = {}


def register_probe(name: str, check: Callable[[], None], *, required: bool) -> None:
    """Add a probe, or replace the one of this name.

    `check` raises any exception for "no" and limits its own time (two seconds are plenty); without a required one
    the process is unavailable, without another it is degraded.
    """
    _probes[name] = Probe(name, check, required)


def examine(probes: Mapping[str, Probe] = _probes) -> Health:
    """Run every probe and add them up."""
    answered = {name: _answers(probe) for name, probe in probes.items()}
    failed = [probes[name] for name, has_answered in answered.items() if not has_answered]
    if any(probe.required for probe in failed):
        return Health(Readiness.UNAVAILABLE, answered)
    return Health(Readiness.DEGRADED if failed else Readiness.READY, answered)


def _answers(probe: Probe) -> bool:
    try:
        probe.check()
    except Exception as error:  # noqa: BLE001 - a probe may fail in any way; why goes to the log, not to whoever asks
        logger.warning("probe failed", extra={"probe": probe.name, "error": f"{type(error).__name__}: {error}"})
        return False
    return True


def database_answers() -> None:
    """Ask the database for one row.

    Raises:
        django.db.Error: it does not answer.

    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
