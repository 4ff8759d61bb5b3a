"""From nothing to a city that answers, and back: engines, database, relay, jobs, publisher, web server; all of them end with it."""

import errno
import http.client
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from deploy.demo.contract import (
    EDITOR_SUFFIX,
    HIGHEST_PORT,
    NOTICE,
    PLATFORM_HOST,
    SITE_SUFFIX,
    AlreadyRunningError,
    ChildError,
    City,
    DemoError,
    Options,
    PortInUseError,
    read_line,
)
from deploy.demo.display import Display, show_city
from deploy.demo.processes import STOP_SIGNALS, Family
from deploy.embedded import services
from deploy.embedded.locking import claim

READY_SECONDS = 60.0
LOOK_SECONDS = 0.3
LOOKS_BETWEEN_ENGINE_CHECKS = 20
WORKERS, THREADS = 2, 4
# Settings of another installation that would lead this one astray.
FOREIGN = ("SECRET_KEY", "ELASTICSEARCH_PREFIX", "ELASTICSEARCH_SHARDS", "ELASTICSEARCH_REPLICAS", "STATIC_ROOT")
LOOPBACKS = ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"))


class Interrupted(BaseException):
    """Ctrl-C, or SIGTERM."""


def run(options: Options, display: Display) -> None:
    """Bring the demo up, serve until told to stop, and stop all of it.

    Raises:
        DemoError, deploy.embedded.contract.EmbeddedError: it could not go on; nothing is left running.
        Interrupted: told to stop before it was up.

    """
    began = time.monotonic()
    with _signals(), _alone(options):
        family = Family(options, environment(options))
        left = family.end_leftovers()
        if left:
            display.say(f"{left} processes of a demo that was killed are ended.", style="yellow")
        check_port(options.port)
        try:
            _bring_up(options, display, family, began)
            _watch(options, family)
        finally:
            _take_down(options, display, family)


def environment(options: Options) -> dict[str, str]:
    """Return what the demo's processes find in their environment."""
    inherited = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    return inherited | {
        "DJANGO_SETTINGS_MODULE": "config.settings.local",
        "VAR_DIR": str(options.var_dir),
        "DEMO_PORT": str(options.port),
        "DEMO_DOCS": str(options.texts),
        "DEMO_NOTICE": NOTICE,
        "PUBLIC_PORT": str(options.port),
        "PLATFORM_HOST": PLATFORM_HOST,
        "EDITOR_SUFFIX": EDITOR_SUFFIX,
        "SITE_SUFFIX": SITE_SUFFIX,
        "PROXY_COUNT": "0",
        "TRUST_FORWARDED_PROTO": "false",
        "LOG_LEVEL": "INFO",
        "PYTHONUNBUFFERED": "1",
    }


def check_port(port: int) -> None:
    """Refuse a port that another program has.

    Raises:
        PortInUseError: says how to choose another.

    """
    for family, address in LOOPBACKS:
        with suppress(OSError), socket.socket(family) as probe:  # a machine without IPv6 has no ::1
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, port))
            except PermissionError as error:
                raise PortInUseError(f"Port {port} is reserved for root: choose another, for example DEMO_PORT=8000.") from error
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise
                other = port + 1 if port < HIGHEST_PORT else port - 1
                raise PortInUseError(
                    f"Port {port} is in use by another program: stop it, or choose another port: make demo DEMO_PORT={other}"
                ) from error


# --- up -----------------------------------------------------------------------


def _bring_up(options: Options, display: Display, family: Family, began: float) -> None:
    with display.step("PostgreSQL and Elasticsearch"):
        family.add_environment(_engines(options, display, family).environment())
    city = _seed(family, display)
    manage = (sys.executable, "manage.py")
    family.start("relay", [*manage, "relay", "run"])
    family.start("jobs", [*manage, "jobs", "run"])
    family.start("publisher", [*manage, "publish", "due", "--watch"])
    with display.step("Web server"):
        family.start("gunicorn", _gunicorn(options))
        _await_answer(options, family)
    display.pause()
    show_city(display.console, city, options, seconds=time.monotonic() - began)


def _engines(options: Options, display: Display, family: Family) -> services.Endpoints:
    """Start what does not run yet; only what we started is ours to stop."""
    ran_before = services.status(options.var_dir).endpoints()
    if ran_before is None:
        family.own_engines()  # written down first: a supervisor killed a moment from now has left them running

    def progress(message: str) -> None:
        display.say(f"  {message}", style="dim")

    return services.start(options.var_dir, progress=progress)


def _seed(family: Family, display: Display) -> City:
    """Let one Django process make the database what it should be, and show what it tells."""
    child = family.start("seeding", [sys.executable, "-m", "deploy.demo.seeding"], reads_output=True)
    city, problem = None, None
    for line in child.process.stdout or ():
        said = read_line(line)
        if isinstance(said, City):
            city = said
        elif isinstance(said, DemoError):
            problem = said
        else:
            display.show(said)
    family.finish(child)
    if problem:
        raise problem
    if city is None:
        raise child.error()
    return city


def _gunicorn(options: Options) -> list[str]:
    binds = [f"--bind={f'[{address}]' if ':' in address else address}:{options.port}" for _, address in LOOPBACKS if _has(address)]
    return [
        *(sys.executable, "-m", "gunicorn", "config.wsgi", *binds),
        *("--worker-class=gthread", f"--workers={WORKERS}", f"--threads={THREADS}"),
        "--limit-request-line=0",  # a query of 10,000 characters is cut, not refused; in production nginx sets the limit
        *("--graceful-timeout=5", "--keep-alive=5", "--no-control-socket", "--access-logfile=-"),
    ]


def _has(address: str) -> bool:
    """Whether this machine has the loopback address."""
    with suppress(OSError), socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as probe:
        probe.bind((address, 0))
        return True
    return False


def _await_answer(options: Options, family: Family) -> None:
    """Wait until the platform's home page is there; it needs the database."""
    deadline = time.monotonic() + READY_SECONDS
    while not _answers(options.port):
        family.check()
        if time.monotonic() > deadline:
            raise ChildError(f"The web server does not answer after {READY_SECONDS:.0f} s: see {options.logs / 'gunicorn.log'}.")
        time.sleep(0.1)


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/-/live", headers={"Host": PLATFORM_HOST})
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


# --- while it runs --------------------------------------------------------------


def _watch(options: Options, family: Family) -> None:
    """Look after all processes until told to stop.

    Raises:
        ChildError: one of them ended.

    """
    looks = 0
    with suppress(Interrupted):  # the usual end
        while True:
            family.check()
            looks += 1
            if looks % LOOKS_BETWEEN_ENGINE_CHECKS == 0 and not services.status(options.var_dir).running:
                raise ChildError(f"PostgreSQL or Elasticsearch has ended: see the logs below {options.var_dir}.")
            time.sleep(LOOK_SECONDS)


# --- down -----------------------------------------------------------------------


def _take_down(options: Options, display: Display, family: Family) -> None:
    """Stop web server, publisher, relay and engines, in this order; from here on signals change nothing."""
    _ignore_signals()
    display.pause()
    display.say("stopping…", style="dim")
    family.stop()
    if family.owns_engines:
        services.stop(options.var_dir)
    family.forget()
    display.say("stopped.", style="dim")


@contextmanager
def _signals() -> Iterator[None]:
    """Turn the first request to stop into Interrupted, wherever the demo is; further ones change nothing."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        _ignore_signals()
        raise Interrupted

    is_unhung = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN  # nohup
    before = {name: signal.signal(name, interrupt) for name in STOP_SIGNALS if not (is_unhung and name is signal.SIGHUP)}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)


def _ignore_signals() -> None:
    for name in STOP_SIGNALS:
        signal.signal(name, signal.SIG_IGN)


@contextmanager
def _alone(options: Options) -> Iterator[None]:
    """Let one demo at a time use the folder; the lock dies with its holder.

    Raises:
        AlreadyRunningError: another one uses it.
        DemoError: the folder cannot be used.

    """
    try:
        options.var_dir.mkdir(parents=True, exist_ok=True)
        lock = claim(options.var_dir / "demo.lock", patience=0.2)
    except OSError as error:
        raise DemoError(f"{options.var_dir} cannot be used as VAR_DIR: {error.strerror}. Choose another.") from error
    if lock is None:
        raise AlreadyRunningError(f"A demo runs on {options.var_dir} already: stop it, or give this one a folder of its own: VAR_DIR=var2.")
    try:
        yield
    finally:
        os.close(lock)
