"""What `manage.py doctor` looks at here: can new sites be made, and are sites kept apart."""

import re
import subprocess
import threading
import time

from django.conf import settings
from django.db import connection
from django.utils import timezone

from observability.doctor import Finding
from provisioning import cloning, selectors
from provisioning.fleet import surveying
from provisioning.models import FleetRun
from registry.checks import ALL, ALL_OF_DATABASE
from registry.contract import TEMPLATE_SCHEMA

KEPT_SECONDS = 30.0  # how long an answer about all sites is kept; those who ask for readiness ask every few seconds
_behind_known: tuple[float, str] | None = None
_asking = threading.Lock()


class FleetBehindError(Exception):
    """Sites have older tables than this code reads."""


def sites_are_current() -> None:
    """Look whether every site's tables are those of this code; an answer is kept for half a minute.

    Raises:
        FleetBehindError: names how many are not, and the first.

    """
    global _behind_known  # noqa: PLW0603 - one answer for the process
    with _asking:
        if _behind_known is None or time.monotonic() - _behind_known[0] > KEPT_SECONDS:
            _behind_known = (time.monotonic(), _what_is_behind())
        said = _behind_known[1]
    if said:
        raise FleetBehindError(said)


def check_fleet() -> Finding:
    """Look whether every site's tables are those of this code, and whether a fleet migration was left unfinished."""
    mend = "Run `manage.py fleet migrate`: until then pages of these sites answer 503."
    if said := _what_is_behind():
        return Finding.failed(said, mend)
    if unfinished := FleetRun.objects.filter(finished_at=None).first():
        return Finding.warning(f"a fleet migration of {unfinished.started_at:%Y-%m-%d %H:%M} is {unfinished.state}", mend)
    return Finding.ok("every site has the tables of this code")


def _what_is_behind() -> str:
    found = surveying.survey()
    behind = [site.slug for site in found.sites if found.plan(site).migrations]
    return f"{len(behind)} of {len(found.sites)} sites are behind the code, first {behind[0]}" if behind else ""


def check_template() -> Finding:
    """Look whether the template schema fits the code."""
    if not cloning.has_schema(TEMPLATE_SCHEMA):
        return Finding.warning("no template schema yet", "Nothing to do: `manage.py city open` makes it.")
    if cloning.current_template() is None:
        return Finding.warning("the template is older than the code", "Run `manage.py fleet migrate`.")
    return Finding.ok("the template fits the code")


def check_pg_dump() -> Finding:
    """Look whether `pg_dump` is there and of the server's major version."""
    mend = "Set PG_DUMP to the pg_dump of the server's major version."
    try:
        done = subprocess.run([settings.PG_DUMP, "--version"], capture_output=True, text=True, check=True, timeout=5)
    except (OSError, subprocess.SubprocessError) as error:
        return Finding.failed(f"{settings.PG_DUMP} does not run: {error}", mend)
    major = re.search(r"(\d+)", done.stdout)
    connection.ensure_connection()
    server = int(getattr(connection, "pg_version", 0)) // 10_000
    if major is None or int(major[1]) != server:
        return Finding.failed(f"{done.stdout.strip()}, but the server is {server}", mend)
    return Finding.ok(done.stdout.strip())


def check_isolation() -> Finding:
    """Look at everything that could mix sites: cache keys, sessions, schema names, tables in the wrong place."""
    found = [message for check in ALL for message in check()]
    found += [message for check in ALL_OF_DATABASE for message in check(databases=["default"])]
    if not found:
        return Finding.ok("sites are kept apart")
    return Finding.failed(str(found[0].msg), str(found[0].hint))


def check_backups() -> Finding:
    """Look whether every site in use has a backup that is young enough and not known to be bad, and whether restores wait for a word."""
    hours = settings.BACKUP_MAX_AGE_HOURS
    if waiting := selectors.unconfirmed_restores():
        return Finding.warning(
            f"restored and not confirmed: {', '.join(waiting)}",
            "Look at the sites, then `manage.py backup confirm SLUG` or `backup rollback SLUG`.",
        )
    if old := selectors.sites_with_old_backup(timezone.now(), hours=hours):
        named = ", ".join(old[:5]) + (" …" if len(old) > 5 else "")  # noqa: PLR2004 - a line's worth
        return Finding.warning(
            f"no good backup of the last {hours} hours: {len(old)} sites ({named})", "Run `manage.py backup create --all`."
        )
    return Finding.ok(f"every site in use has a backup of the last {hours} hours")
