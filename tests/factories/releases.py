"""Releases of the code: the migrations as they are, with one more of the app `media` whose operations a test writes."""

import importlib
import itertools
import shutil
from pathlib import Path

from django.conf import settings

ROOT = Path(__file__).resolve().parents[2]
ADD_FIELD = "migrations.AddField('sitefile', 'source', models.CharField(max_length=40, null=True))"
_numbers = itertools.count(1)


class Release:
    """A package of migrations below a folder; `add` puts one more on top."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.last = ""
        self._modules: list[str] = []

    def add(self, name: str, operations: str, *, extra: str = "", head: str = "") -> str:
        """Write a migration after those there are, and let Django find it; returns its name."""
        module = f"release_{next(_numbers)}"
        package = self.folder / module
        before = self.folder / self._modules[-1] if self._modules else ROOT / "tenants" / "media" / "migrations"
        shutil.copytree(before, package, ignore=shutil.ignore_patterns("__pycache__"))
        last = max(path.stem for path in package.glob("0*.py"))
        number = int(last[:4]) + 1
        full = f"{number:04d}_{name}"
        text = (
            "from django.db import migrations, models\n\n"
            f"{head}\n\n"
            "class Migration(migrations.Migration):\n"
            f"    dependencies = [('media', '{last}')]\n"
            f"    {extra or 'initial = False'}\n"
            f"    operations = [{operations}]\n"
        )
        (package / f"{full}.py").write_text(text, encoding="utf-8")
        importlib.invalidate_caches()
        self._modules.append(module)
        settings.MIGRATION_MODULES = {"media": module}
        self.last = full
        return full

    def step_back(self) -> None:
        """Let the code be that of the release before the last."""
        settings.MIGRATION_MODULES = {"media": self._modules[-2]}

    def step_forward(self) -> None:
        """Let the code be that of the last release."""
        settings.MIGRATION_MODULES = {"media": self._modules[-1]}
