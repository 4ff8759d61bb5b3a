"""The embedded PostgreSQL 18: a real server from a wheel, in the background, reached through a Unix socket only.

The wheel's own Python interface ends its server when the starting process ends and opens the folders above the data to everyone,
so its programs are driven here directly.
"""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping
from contextlib import closing, suppress
from pathlib import Path

import psutil  # type: ignore[import-untyped] # its types are a package of their own, not worth one more pin
import psycopg2
import psycopg2.extensions

from deploy.embedded import placement
from deploy.embedded.contract import Progress, silent
from deploy.embedded.placement import DATABASE, MAJOR, PORT, SUPERUSER, Cluster, PostgresError

LOG_LIMIT = 10_000_000
START_SECONDS = 60
STOP_SECONDS = 30
LEFTOVER_SECONDS = 5

SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "max_locks_per_transaction": "1024",  # dumping or migrating many schemas locks thousands of tables at once
    "shared_buffers": "256MB",
    "log_min_messages": "warning",
}
DURABILITY = ("fsync", "synchronous_commit", "full_page_writes")


def start(home: Path, *, progress: Progress = silent, durable: bool = True) -> str:
    """Bring up the server of this home, with its database, and return its URL; one that runs already is left as it is.

    `durable=False` trades safety against power loss for speed; it is for tests. Raises PostgresError.
    """
    cluster = placement.place(home.resolve(), progress)
    if _answers(cluster):
        if _configure(cluster, durable=durable):
            _control(cluster, "reload")
        _ensure_database(cluster)
        return cluster.url
    if not cluster.data.exists():
        _create(cluster, progress, durable=durable)
    _check_data(cluster)
    progress("starting PostgreSQL…")
    _clear_leftovers(cluster)
    _configure(cluster, durable=durable)
    _rotate(cluster)
    _control(cluster, "start", "-w", "-t", str(START_SECONDS), "-l", str(cluster.log))
    _ensure_database(cluster)
    progress("PostgreSQL is ready.")
    return cluster.url


def stop(home: Path, *, progress: Progress = silent) -> bool:
    """End the server of this home, waiting for it; False when none was running. Raises PostgresError when it will not end."""
    cluster = placement.find(home.resolve())
    if cluster is None or _postmaster(cluster) is None:
        return False
    progress("stopping PostgreSQL…")
    _control(cluster, "stop", "-w", "-t", str(STOP_SECONDS), "-m", "fast")
    return True


def running(home: Path) -> tuple[int, str] | None:
    """Pid and URL of this home's living server, or None."""
    cluster = placement.find(home.resolve())
    pid = None if cluster is None else _postmaster(cluster)
    return None if cluster is None or pid is None else (pid, cluster.url)


def pg_dump() -> Path:
    """The pg_dump of the server's own major version; another one may refuse the server. Raises PostgresError when absent."""
    return placement.package() / f"pginstall{MAJOR}" / "bin" / "pg_dump"


# What is in it


def _create(cluster: Cluster, progress: Progress, *, durable: bool) -> None:
    """Make the data directory under another name first, so that a start killed half-way leaves nothing that looks whole."""
    progress("creating the PostgreSQL data directory (first time only)…")
    partial = cluster.base / "data.partial"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(mode=0o700)
    placement.give(partial, cluster.owner)
    # The built-in locale is the same on every machine and knows Unicode's letter cases.
    locale = ("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--encoding=UTF8")
    speed = () if durable else ("--no-sync",)
    _run(cluster, "initdb", "-D", str(partial), "-U", SUPERUSER, "--auth=trust", "--no-instructions", *locale, *speed)
    with (partial / "postgresql.conf").open("a") as conf:
        conf.write("include_if_exists = 'embedded.conf'\n")
    partial.rename(cluster.data)


def _check_data(cluster: Cluster) -> None:
    try:
        found = (cluster.data / "PG_VERSION").read_text().strip()
    except FileNotFoundError:
        raise PostgresError(f"{cluster.data} is not a PostgreSQL data directory: move it away and start again.") from None
    if found != str(MAJOR):
        raise PostgresError(
            f"{cluster.data} was made by PostgreSQL {found}, this is {MAJOR}: dump it with the old one, move it away, restore."
        )


def _configure(cluster: Cluster, *, durable: bool) -> bool:
    """Write our settings; whether they changed."""
    settings = dict(SETTINGS)
    settings["unix_socket_directories"] = str(cluster.socket_dir)
    settings["cluster_name"] = cluster.name
    settings |= dict.fromkeys(DURABILITY, "on" if durable else "off")
    text = "".join(f"{name} = '{value.replace(chr(39), chr(39) * 2)}'\n" for name, value in settings.items())
    path = cluster.data / "embedded.conf"
    if path.exists() and path.read_text() == text:
        return False
    path.write_text(text)
    placement.give(path, cluster.owner)
    return True


def _ensure_database(cluster: Cluster) -> None:
    """Make the database when missing. Raises PostgresError."""
    try:
        connection = _connect(cluster)
        connection.autocommit = True
        with closing(connection), connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,))
            if cursor.fetchone() is None:
                cursor.execute(f'CREATE DATABASE "{DATABASE}"')
    except psycopg2.Error as error:
        raise PostgresError(f"PostgreSQL runs but cannot be used: {str(error).strip()} (log: {cluster.log}).") from error


def _connect(cluster: Cluster) -> psycopg2.extensions.connection:
    """Connect the way the product itself does."""
    return psycopg2.connect(dbname="postgres", user=SUPERUSER, host=str(cluster.socket_dir), port=PORT)


# Its processes


def _postmaster(cluster: Cluster) -> int | None:
    """Pid of the living server of this data directory; a pid file alone proves nothing, its pid may be another program's by now."""
    try:
        pid = int((cluster.data / "postmaster.pid").read_text().splitlines()[0])
        process = psutil.Process(pid)
        command = process.cmdline()  # empty for a process that is dead but not yet buried
    except (OSError, ValueError, IndexError, psutil.Error):
        return None
    return pid if command and Path(command[0]).name == "postgres" and str(cluster.data) in command else None


def _answers(cluster: Cluster) -> bool:
    """Whether a server runs and answers; one that is just starting, or was just killed, is waited for. Raises PostgresError."""
    deadline = time.monotonic() + START_SECONDS
    reason = ""
    while (pid := _postmaster(cluster)) is not None:
        try:
            _connect(cluster).close()
        except psycopg2.OperationalError as error:
            reason = str(error).strip()
        else:
            return True
        if time.monotonic() > deadline:
            raise PostgresError(
                f"PostgreSQL (process {pid}) runs but does not answer: {reason}. Stop it, then start again (log: {cluster.log})."
            )
        time.sleep(0.1)
    return False


def _clear_leftovers(cluster: Cluster) -> None:
    """After a crash: wait for the dead server's children, which end by themselves, then remove its pid files.

    PostgreSQL would refuse a pid file whose pid belongs by now to any other program of the same user, or to a dead process that
    nobody has buried. With children still at work, removing the file would let two servers write the same data; so they go first.
    """
    deadline = time.monotonic() + LEFTOVER_SECONDS
    while leftovers := _children(cluster):
        if time.monotonic() > deadline:
            for process in leftovers:
                with suppress(psutil.Error):
                    process.kill()
            psutil.wait_procs(leftovers, timeout=LEFTOVER_SECONDS)
            break
        time.sleep(0.1)
    for pid_file in (cluster.data / "postmaster.pid", cluster.socket_dir / f".s.PGSQL.{PORT}.lock"):
        pid_file.unlink(missing_ok=True)


def _children(cluster: Cluster) -> list[psutil.Process]:
    """Living server processes of this data directory, known by the cluster's name in their titles."""
    title = f"postgres: {cluster.name}: "
    return [process for process in psutil.process_iter(["cmdline"]) if " ".join(process.info["cmdline"] or []).startswith(title)]


def _rotate(cluster: Cluster) -> None:
    """Put a long log aside; make sure the server's user can write it."""
    if cluster.log.exists() and cluster.log.stat().st_size > LOG_LIMIT:
        cluster.log.replace(cluster.log.with_suffix(".1.log"))
    cluster.log.touch()
    placement.give(cluster.log, cluster.owner)


def _control(cluster: Cluster, verb: str, *options: str) -> None:
    """Run pg_ctl on the cluster. Raises PostgresError with the end of the server's log."""
    try:
        _run(cluster, "pg_ctl", verb, "-s", "-D", str(cluster.data), *options)
    except PostgresError as error:
        said = cluster.log.read_text(errors="replace").splitlines()[-8:] if cluster.log.exists() else []
        raise PostgresError("\n".join([f"{error} Its log {cluster.log} ends:", *said])) from error


def _run(cluster: Cluster, program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs as the cluster's user, in an environment that says nothing. Raises PostgresError."""
    owner = cluster.owner
    # Files, not pipes: a server that inherited a pipe would keep it open, and us waiting.
    with tempfile.TemporaryFile() as output:
        result = subprocess.run(
            [str(cluster.binaries / program), *arguments],
            cwd="/",
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            user=None if owner is None else owner.pw_uid,
            group=None if owner is None else owner.pw_gid,
            extra_groups=None if owner is None else [],
            check=False,
        )
        output.seek(0)
        said = output.read().decode(errors="replace").strip()
    if result.returncode:
        raise PostgresError(f"PostgreSQL's {program} failed: {said}.")
