"""Both embedded services as one: start, stop and ask after the PostgreSQL and the Elasticsearch of one VAR_DIR."""

import shlex
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

from deploy.embedded import elasticsearch, postgres
from deploy.embedded.contract import EmbeddedError, Progress, silent
from deploy.embedded.locking import held

T = TypeVar("T")


class StartError(EmbeddedError):
    """At least one service did not start; those this start had brought up are stopped again."""


class VarDirError(EmbeddedError):
    """The folder given as VAR_DIR cannot be used."""


@dataclass(frozen=True)
class Endpoints:
    """How to reach the services."""

    database_url: str
    elasticsearch_url: str
    pg_dump: str

    def environment(self) -> dict[str, str]:
        """The same as environment variables."""
        return {"DATABASE_URL": self.database_url, "ELASTICSEARCH_URL": self.elasticsearch_url, "PG_DUMP": self.pg_dump}

    def exports(self) -> str:
        """The same as lines a shell can evaluate."""
        return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in self.environment().items())


@dataclass(frozen=True)
class Service:
    """One service as it is now; pid and address only while it runs."""

    name: str
    running: bool
    pid: int | None
    address: str | None


@dataclass(frozen=True)
class Status:
    """Both services as they are now."""

    postgres: Service
    elasticsearch: Service

    @property
    def running(self) -> bool:
        """Whether both run."""
        return self.postgres.running and self.elasticsearch.running

    def endpoints(self) -> Endpoints | None:
        """How to reach them, or None unless both run."""
        if self.postgres.address is None or self.elasticsearch.address is None:
            return None
        return Endpoints(self.postgres.address, self.elasticsearch.address, str(postgres.pg_dump()))

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        endpoints = self.endpoints()
        return {**asdict(self), "running": self.running, "environment": endpoints.environment() if endpoints else None}


def start(var_dir: Path, *, progress: Progress = silent, durable: bool = True) -> Endpoints:
    """Bring up both services below `var_dir`, side by side, and return how to reach them; what runs already is left as it is.

    Two starts at once wait for each other. Raises VarDirError, or StartError; nothing this start brought up is then left running.
    """
    var_dir = var_dir.resolve()
    try:
        var_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unusable(var_dir, error) from error
    with held(_lock(var_dir), what="starting or stopping these services", progress=progress):
        before = status(var_dir)
        try:
            database_url, elasticsearch_url = _both(
                lambda: postgres.start(_postgres_home(var_dir), progress=progress, durable=durable),
                lambda: elasticsearch.start(_elasticsearch_home(var_dir), progress=progress),
            )
        except BaseException:  # Ctrl-C too: leave no process behind that was not there
            _stop(var_dir, progress, keep=before)
            raise
    return Endpoints(database_url, elasticsearch_url, str(postgres.pg_dump()))


def stop(var_dir: Path, *, progress: Progress = silent) -> bool:
    """End both services of `var_dir`, waiting for them; False when none was running. Raises StartError when one will not end."""
    var_dir = var_dir.resolve()
    if not var_dir.is_dir():
        return False
    with held(_lock(var_dir), what="starting or stopping these services", progress=progress):
        return _stop(var_dir, progress, keep=None)


def status(var_dir: Path) -> Status:
    """How both services of `var_dir` are; changes nothing and waits for nobody. Raises VarDirError when it cannot be read."""
    var_dir = var_dir.resolve()
    try:
        return Status(
            _service("postgres", postgres.running(_postgres_home(var_dir))),
            _service("elasticsearch", elasticsearch.running(_elasticsearch_home(var_dir))),
        )
    except OSError as error:
        raise _unusable(var_dir, error) from error


def _unusable(var_dir: Path, error: OSError) -> VarDirError:
    return VarDirError(f"{var_dir} cannot be used as VAR_DIR: {error.strerror}. Choose another.")


def _service(name: str, facts: tuple[int, str] | None) -> Service:
    return (
        Service(name, running=False, pid=None, address=None)
        if facts is None
        else Service(name, running=True, pid=facts[0], address=facts[1])
    )


def _stop(var_dir: Path, progress: Progress, *, keep: Status | None) -> bool:
    """End both, except what ran already in `keep`."""

    def unless(running: bool, end: Callable[[], bool]) -> Callable[[], bool]:  # noqa: FBT001 (two lines below)
        return (lambda: False) if running else end

    ended = _both(
        unless(keep is not None and keep.postgres.running, lambda: postgres.stop(_postgres_home(var_dir), progress=progress)),
        unless(
            keep is not None and keep.elasticsearch.running, lambda: elasticsearch.stop(_elasticsearch_home(var_dir), progress=progress)
        ),
    )
    return any(ended)


def _both(one: Callable[[], T], other: Callable[[], T]) -> tuple[T, T]:
    """Run both side by side to their ends; raise StartError with the messages of those that failed."""
    with ThreadPoolExecutor(2) as pool:
        futures = [pool.submit(one), pool.submit(other)]
        errors = [error for future in futures if (error := future.exception()) is not None]
    for error in errors:
        if not isinstance(error, (EmbeddedError, OSError)):
            raise error
    if errors:
        raise StartError("\n".join(_told(error) for error in errors))
    return futures[0].result(), futures[1].result()


def _told(error: BaseException) -> str:
    """The error for a reader; a folder of another user and a full disk come as they are, with the file they concern."""
    return f"{error.filename}: {error.strerror}." if isinstance(error, OSError) else str(error)


def _lock(var_dir: Path) -> Path:
    return var_dir / "embedded.lock"


def _postgres_home(var_dir: Path) -> Path:
    return var_dir / "postgres"


def _elasticsearch_home(var_dir: Path) -> Path:
    return var_dir / "elasticsearch"
