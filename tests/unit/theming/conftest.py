"""Themes made for a test, in place of the installed ones."""

import json
from pathlib import Path

import pytest

from tests.factories.themes import MakeTheme, UseCatalogue
from theming import catalogue as catalogue_module
from theming.catalogue import Catalogue


@pytest.fixture
def make_theme(tmp_path: Path) -> MakeTheme:
    """Writes a theme: its parent, its tokens, its templates and its static files."""

    def make(name: str, *, extends: str | None = None, tokens: object = None, **files: str) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        parent = f'extends = "{extends}"\n' if extends else ""
        (folder / "theme.toml").write_text(f'name = "{name}"\nlabel = "{name}"\n{parent}', encoding="utf-8")
        if tokens is not None:
            (folder / "tokens.json").write_text(json.dumps(tokens), encoding="utf-8")
        for path, text in files.items():
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        return tmp_path

    return make


@pytest.fixture
def use_catalogue(monkeypatch: pytest.MonkeyPatch) -> UseCatalogue:
    """Puts the themes of a folder in the place of the installed ones."""

    def use(root: Path) -> Catalogue:
        found = Catalogue.read(root)
        for module in ("activation", "loaders", "finders", "views", "middleware", "checks", "templatetags.theme"):
            monkeypatch.setattr(f"theming.{module}.catalogue", lambda: found)
        assert catalogue_module.catalogue() is not found
        return found

    return use
