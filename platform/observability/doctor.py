"""What `manage.py doctor` looks at: checks that say what is wrong and how to mend it; other apps add theirs in `ready()`."""

import os
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader

MIN_PYTHON = (3, 11)
MIN_POSTGRESQL = 15
MIN_FREE_GIB = 2


class Level(StrEnum):
    """How bad a finding is."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found, and what to do about it unless it is ok."""

    level: Level
    what: str
    mend: str = ""

    @classmethod
    def ok(cls, what: str) -> "Finding":
        """Return a finding that needs nothing."""
        return cls(Level.OK, what)

    @classmethod
    def warning(cls, what: str, mend: str) -> "Finding":
        """Return a finding that should be mended."""
        return cls(Level.WARNING, what, mend)

    @classmethod
    def failed(cls, what: str, mend: str) -> "Finding":
        """Return a finding that must be mended before anything works."""
        return cls(Level.FAILED, what, mend)


Check = Callable[[], Finding]

_checks: dict[str, Check] = {}


def register_check(name: str, check: Check) -> None:
    """Add a check, or replace the one of this name; it limits its own time, and an exception counts as failed."""
    _checks[name] = check


def examine_all(checks: Mapping[str, Check] = _checks) -> dict[str, Finding]:
    """Run every check in the order they were added and return their findings by name."""
    return {name: _examine(check) for name, check in checks.items()}


def _examine(check: Check) -> Finding:
    try:
        return check()
    except Exception as error:  # noqa: BLE001 - a check that cannot be made is a finding too
        first_line = (str(error).strip().splitlines() or [""])[0]
        return Finding.failed(
            f"{type(error).__name__}: {first_line}", "This check could not be made; mend what the lines above name, then ask again."
        )


def check_python() -> Finding:
    """Look at the version of Python."""
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info >= MIN_PYTHON:
        return Finding.ok(version)
    return Finding.failed(version, "Install Python 3.11 or newer and run `make install` with it.")


def check_var_dir() -> Finding:
    """Look whether files can be kept."""
    directory = Path(settings.VAR_DIR)
    if not directory.is_dir():
        return Finding.failed(f"{directory} does not exist", f"Create it: mkdir -p {directory}, or set VAR_DIR.")
    if not os.access(directory, os.W_OK | os.X_OK):
        return Finding.failed(
            f"{directory} cannot be written", f"Give it to the user this runs as: chown {os.geteuid()} {directory}, or set VAR_DIR."
        )
    return Finding.ok(str(directory))


def check_disk() -> Finding:
    """Look at the space left where files are kept."""
    directory = Path(settings.VAR_DIR)
    existing = next(path for path in (directory, *directory.parents) if path.exists())
    free_gib = shutil.disk_usage(existing).free / 2**30
    if free_gib >= MIN_FREE_GIB:
        return Finding.ok(f"{free_gib:.1f} GiB free")
    return Finding.warning(
        f"{free_gib:.1f} GiB free", f"Free some space at {existing}: below {MIN_FREE_GIB} GiB imports and backups may stop half-way."
    )


def check_database() -> Finding:
    """Look whether the database answers and is new enough."""
    try:
        connection.ensure_connection()
    except Exception as error:  # noqa: BLE001 - whatever the driver says, the advice is the same
        first_line = (str(error).strip().splitlines() or [type(error).__name__])[0]
        return Finding.failed(f"does not answer: {first_line}", "Start it (`make services` for the embedded one) or correct DATABASE_URL.")
    major = int(getattr(connection, "pg_version", 0)) // 10_000
    if major >= MIN_POSTGRESQL:
        return Finding.ok(f"PostgreSQL {major}")
    return Finding.failed(f"PostgreSQL {major}", f"Upgrade to PostgreSQL {MIN_POSTGRESQL} or newer.")


def check_migrations() -> Finding:
    """Look whether the shared tables are those of this code."""
    shared = {config.label for config in apps.get_app_configs() if config.name in settings.SHARED_APPS}
    loader = MigrationLoader(connection)
    missing = sorted(
        f"{app}.{name}" for app, name in loader.disk_migrations if app in shared and (app, name) not in loader.applied_migrations
    )
    if not missing:
        return Finding.ok("shared tables are current")
    return Finding.failed(f"{len(missing)} not applied, first {missing[0]}", "Run `manage.py migrate_schemas --shared`.")
