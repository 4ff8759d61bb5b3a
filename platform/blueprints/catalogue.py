"""The blueprints there are: those that ship with the release, and those that were applied or saved before."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from blueprints.contract import FILE_SUFFIX, UnknownBlueprintError
from blueprints.models import KeptBlueprint
from registry.contract import Kind

STANDARD = {Kind.CITY: "city-portal", Kind.COUNTY: "county", Kind.DEPARTMENT: "department"}


@dataclass(frozen=True, slots=True)
class Source:
    """The text of a blueprint, and what to call it in messages."""

    file: str
    text: str
    is_shipped: bool = False


@functools.cache
def shipped() -> Mapping[str, Source]:
    """Return the blueprints of the release by name, read once a process."""
    folder = Path(str(files("blueprints"))) / "shipped"
    return {file.stem: Source(file.name, file.read_text(encoding="utf-8"), is_shipped=True) for file in sorted(folder.glob("*.toml"))}


def names() -> list[str]:
    """Return the name of every blueprint."""
    return sorted(shipped().keys() | set(KeptBlueprint.objects.values_list("name", flat=True)))


def source(name: str) -> Source:
    """Return a blueprint's text: of a file, of the release, or the newest version kept under the name.

    Raises:
        UnknownBlueprintError: there is none; the message lists what there is.

    """
    if name.endswith(FILE_SUFFIX):
        return read_file(Path(name))
    if name in shipped():
        return shipped()[name]
    kept = KeptBlueprint.objects.filter(name=name).order_by("-version", "-kept_at").first()
    if kept is None:
        raise UnknownBlueprintError(
            f"There is no blueprint {name!r}. Blueprints: {', '.join(names())}; or give a file that ends in {FILE_SUFFIX}."
        )
    return Source(f"{kept.name}{FILE_SUFFIX}", kept.text)


def read_file(path: Path) -> Source:
    """Return the text of a file.

    Raises:
        UnknownBlueprintError: it cannot be read.

    """
    try:
        return Source(str(path), path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise UnknownBlueprintError(f"{path} is no UTF-8 text. Save it as UTF-8.") from error
    except OSError as error:
        raise UnknownBlueprintError(f"{path} cannot be read: {error.strerror}. Check the path.") from error
