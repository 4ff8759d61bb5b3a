"""The import law bites: a copy of the tree with one deliberate violation each is refused."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
VIOLATIONS = {
    "a junk drawer": ("tenants/pages/utils.py", '"""Nothing."""\n'),
    "an import upwards": ("platform/registry/selectors.py", "import search.contract\n"),
    "a model that calls a service": ("tenants/pages/models.py", "import tenants.pages.services\n"),
    "Elasticsearch outside search": ("tenants/pages/services.py", "import elasticsearch\n"),
    "a schema switch outside registry": ("tenants/pages/services.py", "import django_tenants.utils\n"),
    "a theme that is imported": ("platform/theming/catalogue.py", "import themes\n"),
    "settings read from below": ("platform/registry/selectors.py", "import config.env\n"),
}


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    environment = {"PYTHONPATH": f"{folder / 'platform'}:{folder}", "PATH": "/usr/bin:/bin"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def copy(to: Path) -> Path:
    shutil.copy(ROOT / "pyproject.toml", to / "pyproject.toml")
    for room in ("platform", "tenants", "themes"):
        shutil.copytree(ROOT / room, to / room, ignore=shutil.ignore_patterns("__pycache__", "static", "templates", "gallery"))
    return to


@pytest.mark.parametrize("name", VIOLATIONS)
def test_a_violation_is_refused(name: str, tmp_path: Path) -> None:
    folder = copy(tmp_path)
    path, text = VIOLATIONS[name]
    target = folder / path
    target.write_text(text + (target.read_text(encoding="utf-8") if target.exists() else ""), encoding="utf-8")

    done = lint(folder)

    assert done.returncode == 1, done.stdout + done.stderr
    assert "BROKEN" in done.stdout


def test_the_tree_itself_keeps_the_law(tmp_path: Path) -> None:
    done = lint(copy(tmp_path))

    assert done.returncode == 0, done.stdout + done.stderr
