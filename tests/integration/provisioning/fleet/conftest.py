"""A small city in a database of its own, and releases with one more migration."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from registry.contract import TenantRef
from tests.factories.releases import Release
from tests.factories.sites import open_sites


@pytest.fixture
def city(fresh_database: str) -> list[TenantRef]:
    """Return three open sites."""
    return open_sites("taiyuan", "xiaodian", "yingze")


@pytest.fixture
def release(tmp_path: Path, settings: Any) -> Iterator[Release]:
    """Return the migrations as they are; what the test adds to them is undone."""
    settings.MIGRATION_MODULES = {}
    sys.path.insert(0, str(tmp_path))
    yield Release(tmp_path)
    sys.path.remove(str(tmp_path))
