"""What the demo agrees on: what may be set, how it fails, and how the seeding process tells the supervisor what it does."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

DEFAULT_PORT = 8000
DEFAULT_TEXTS = 400
ALL_TEXTS = 3655
HIGHEST_PORT = 65535
PLATFORM_HOST = "platform.localhost"
EDITOR_SUFFIX = "manage.localhost"
SITE_SUFFIX = "localhost"
NOTICE = "演示环境：网站名称与文本仅供演示，非官方网站。"


class DemoError(Exception):
    """The demo cannot go on; the message says why and what to do."""


class SettingError(DemoError):
    """A variable of the environment has a value that cannot be used."""


class PortInUseError(DemoError):
    """Another program answers on the demo's port."""


class AlreadyRunningError(DemoError):
    """Another demo uses the same VAR_DIR."""


class ChildError(DemoError):
    """A process of the demo ended by itself."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the environment asks for: the port readers type, where everything is kept, how many texts."""

    port: int
    var_dir: Path
    texts: int

    @property
    def logs(self) -> Path:
        """The folder of what each process says."""
        return self.var_dir / "logs"

    @property
    def passwords(self) -> Path:
        """The file with the sign-in names and passwords."""
        return self.var_dir / "demo-passwords.json"


def read_options(environment: Mapping[str, str]) -> Options:
    """Return what DEMO_PORT, VAR_DIR and DEMO_DOCS ask for.

    Raises:
        SettingError: one of them cannot be used.

    """
    port = _number(environment, "DEMO_PORT", default=DEFAULT_PORT, highest=HIGHEST_PORT, example="8001")
    if environment.get("DEMO_DOCS", "").strip().lower() == "all":
        texts = ALL_TEXTS
    else:
        texts = _number(environment, "DEMO_DOCS", default=DEFAULT_TEXTS, highest=ALL_TEXTS, example="400, or to `all`")
    return Options(port, Path(environment.get("VAR_DIR") or "var").resolve(), texts)


def _number(environment: Mapping[str, str], name: str, *, default: int, highest: int, example: str) -> int:
    text = environment.get(name, "").strip()
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= highest:
        raise SettingError(f"{name} is {text!r}: set it to a number from 1 to {highest}, for example {example}.")
    return int(text)


@dataclass(frozen=True, slots=True)
class Step:
    """How far the seeding process is with one step; `total` 0 means that it cannot be counted."""

    name: str
    done: int = 0
    total: int = 0
    note: str = ""
    is_finished: bool = False

    def line(self) -> str:
        """Return the step as the line that goes through the pipe."""
        return json.dumps({"step": asdict(self)}, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Address:
    """A site of the demo: its name and where readers and editors find it."""

    name: str
    url: str
    editor_url: str


@dataclass(frozen=True, slots=True)
class Login:
    """Somebody who may sign on."""

    username: str
    name: str
    role: str
    password: str


@dataclass(frozen=True, slots=True)
class City:
    """What stands once the demo is seeded: addresses, sign-in names, and how much is in it."""

    platform_url: str
    sites: tuple[Address, ...]
    logins: tuple[Login, ...]
    pages: int
    changed: bool

    def line(self) -> str:
        """Return it as the line that goes through the pipe."""
        return json.dumps({"city": asdict(self)}, ensure_ascii=False)


def read_line(line: str) -> "Step | City | DemoError":
    """Return what a line of the pipe says."""
    data: dict[str, Any] = json.loads(line)
    if "step" in data:
        return Step(**data["step"])
    if "error" in data:
        return DemoError(data["error"])
    city = data["city"]
    city["sites"] = tuple(Address(**site) for site in city["sites"])
    city["logins"] = tuple(Login(**login) for login in city["logins"])
    return City(**city)
