"""The themes there are, read once from `themes/*/theme.toml`; a theme that cannot be used stops the start."""

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

from theming import tokens
from theming.contract import BrokenThemeError, Stylesheet, Theme, UnknownThemeError

BASE = "base"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All themes under one folder, with the finished stylesheet of each."""

    root: Path
    themes: Mapping[str, Theme]
    stylesheets: Mapping[str, Stylesheet]

    @classmethod
    def read(cls, root: Path) -> Self:
        """Read every theme under `root`.

        Raises `BrokenThemeError` for a file that cannot be used, a missing parent or a circle of parents,
        `LowContrastError` for colours people cannot read.
        """
        records = {file.parent.name: _record(file) for file in sorted(root.glob("*/theme.toml"))}
        themes = {
            name: Theme(name=name, label=record["label"], extends=record.get("extends"), chain=_chain(name, records))
            for name, record in records.items()
        }
        sheets = {theme.name: _stylesheet(root, theme) for theme in themes.values()}
        return cls(root=root, themes=MappingProxyType(themes), stylesheets=MappingProxyType(sheets))

    def get(self, name: str) -> Theme:
        """The theme called `name`; raises `UnknownThemeError`, which lists the names there are."""
        try:
            return self.themes[name]
        except KeyError:
            raise UnknownThemeError(name, self.themes) from None

    def stylesheet(self, name: str) -> Stylesheet:
        """The tokens of the theme called `name` as CSS; raises `UnknownThemeError`."""
        return self.stylesheets[self.get(name).name]

    def template_dirs(self, theme: Theme) -> tuple[Path, ...]:
        """The template folders of a theme and its parents, the theme's own first."""
        return tuple(self.root / name / "templates" for name in theme.chain)


@functools.cache
def catalogue() -> Catalogue:
    """The catalogue of the installed package `themes`, read once a process; raises as `Catalogue.read`."""
    return Catalogue.read(Path(str(files("themes"))))


def _record(file: Path) -> dict[str, Any]:
    try:
        record = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BrokenThemeError(f"{file}: cannot be read as TOML ({error}).") from error
    if record.get("name") != file.parent.name:
        raise BrokenThemeError(f"{file}: name must be {file.parent.name!r}, the name of its folder, not {record.get('name')!r}.")
    if not isinstance(record.get("label"), str):
        raise BrokenThemeError(f"{file}: label is missing; it is the name people choose the theme by.")
    return record


def _chain(name: str, records: Mapping[str, Mapping[str, Any]]) -> tuple[str, ...]:
    chain = [name]
    while (parent := records[chain[-1]].get("extends")) is not None:
        if parent in chain:
            raise BrokenThemeError(f"Theme {name!r} extends itself: {' → '.join([*chain, parent])}. Remove one `extends`.")
        if parent not in records:
            raise BrokenThemeError(f"Theme {chain[-1]!r} extends {parent!r}, which does not exist. Themes: {', '.join(sorted(records))}.")
        chain.append(parent)
    return tuple(chain)


def _stylesheet(root: Path, theme: Theme) -> Stylesheet:
    found = (root / name / "tokens.json" for name in reversed(theme.chain))
    token_set = tokens.read_tokens(file for file in found if file.exists())
    tokens.check_contrast(theme.name, token_set)
    return tokens.stylesheet(theme.name, token_set)
