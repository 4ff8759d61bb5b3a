"""The layout as tests: what a newcomer reads off the tree is true."""

import importlib
import importlib.metadata
import platform
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

ROOT = Path(__file__).resolve().parents[2]
ROOMS = {"platform", "tenants", "themes", "deploy", "tests"}
FILES = {
    "manage.py",
    "pyproject.toml",
    "README.md",
    "Makefile",
    "LICENSE",
    "CHANGELOG.md",
    "requirements.txt",
    "requirements-demo.txt",
    "requirements-test.txt",
}
IN_BOTH = {"accounts"}  # a person in `public`, a shadow in each site


def tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S607 - git is on the path
    return listed.stdout.splitlines()


def test_the_root_holds_the_rooms_and_the_expected_files_only() -> None:
    entries = {name.split("/", 1)[0] for name in tracked()}

    assert {entry for entry in entries if not entry.startswith(".")} <= ROOMS | FILES


def test_platform_is_a_source_root_and_never_a_package() -> None:
    assert not (ROOT / "platform" / "__init__.py").exists()
    assert Path(platform.__file__ or "").parent == Path(importlib.__file__ or "").parents[1]


def test_no_package_of_ours_takes_an_installed_or_standard_name() -> None:
    ours = {path.parent.name for path in (ROOT / "platform").glob("*/__init__.py")}
    installed = {
        name
        for name, holders in importlib.metadata.packages_distributions().items()
        if any(holder != "city-platform" for holder in holders)
    }

    assert ours & sys.stdlib_module_names == set()
    assert ours & installed == set()


@pytest.mark.parametrize("folder", ["platform", "tenants"])
def test_the_folder_says_where_an_apps_tables_live(folder: str) -> None:
    configs = [config for config in apps.get_app_configs() if Path(config.path).parent == ROOT / folder]
    shared, own = set(settings.SHARED_APPS), set(settings.TENANT_APPS)

    assert configs
    for config in configs:
        expected = (folder == "platform", folder == "tenants" or config.name in IN_BOTH)
        assert (config.name in shared, config.name in own) == expected, config.name


def test_themes_hold_no_code() -> None:
    assert [path for path in (ROOT / "themes").rglob("*.py") if path.read_text(encoding="utf-8").strip()] == []


def test_every_room_has_a_readme() -> None:
    packages = {path.parent for path in (ROOT / "platform").glob("*/__init__.py")} | {
        path.parent for path in (ROOT / "tenants").glob("*/__init__.py")
    }
    rooms = [ROOT / name for name in ("themes", "deploy", "tests", "tenants")]

    assert [str(path.relative_to(ROOT)) for path in sorted([*packages, *rooms]) if not (path / "README.md").exists()] == []


def test_the_lock_names_no_download_address() -> None:
    named = [name for name in tracked() if name.startswith("requirements") and "://" in (ROOT / name).read_text(encoding="utf-8")]

    assert named == []
    assert [
        name for name in tracked() if Path(name).name in {"uv.lock", "pylock.toml", "poetry.lock", "Pipfile.lock", "package-lock.json"}
    ] == []
