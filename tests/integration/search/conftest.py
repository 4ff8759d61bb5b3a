"""A city without pages: rows are enough where no page is served. The real model, fetched once for all checkouts of a user."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from registry.contract import Kind, TenantRef
from registry.models import City, Domain, Tenant
from registry.selectors import directory, forget_directory
from search import selectors
from search.semantic import asking, fetching


@pytest.fixture(autouse=True)
def _closed_breaker() -> Iterator[None]:
    """Let no test suffer from an engine that another one took away."""
    selectors.breaker.close()
    yield
    selectors.breaker.close()


@pytest.fixture
def make_site() -> Callable[..., TenantRef]:
    """Return a function that registers a live site."""

    def make(slug: str, **fields: Any) -> TenantRef:
        city, _ = City.objects.get_or_create(slug="taiyuan", defaults={"name": "太原市", "region_id": "140100"})
        kind = Kind.CITY if slug == "taiyuan" else Kind.COUNTY
        named = {"schema_name": f"s_{slug}", "name": f"{slug}人民政府", "short_name": slug, "kind": kind.value, "city": city}
        tenant = Tenant.objects.create(slug=slug, **(named | {"region_id": "140105", "theme": "vermilion", "state": "live"} | fields))
        Domain.objects.create(domain=f"{slug}.localhost", tenant=tenant, is_primary=True)
        forget_directory()
        return directory().by_slug[slug]

    return make


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
