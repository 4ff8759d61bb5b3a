"""Asks the product for pages as a reader would, and hashes what it answers."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from django.conf import settings
from django.core.cache import caches
from django.core.cache.backends.dummy import DummyCache
from django.test import Client

from provisioning.backups.contract import MOST_PAGES, RenderedPage
from registry.contract import TenantRef
from search.models import Projection
from theming.catalogue import catalogue

_HTTPS = 443


def chosen_paths(tenant: TenantRef) -> list[str]:
    """Return up to 20 addresses spread over a site: its home page, columns, and texts from first to last."""
    texts = sorted(Projection.objects.live().filter(tenant_id=tenant.id).values_list("path", flat=True))
    columns = sorted({f"{path.rstrip('/').rsplit('/', 1)[0]}/" for path in texts} - {"/"})
    some = _spread(columns, MOST_PAGES // 4)
    return list(dict.fromkeys(["/", *some, *_spread(texts, MOST_PAGES - 1 - len(some))]))[:MOST_PAGES]


def _spread(items: Sequence[str], most: int) -> list[str]:
    """Return at most so many items, evenly spread, the first and the last among them."""
    if len(items) <= most:
        return list(items)
    return [items[round(place * (len(items) - 1) / (most - 1))] for place in range(most)]


def rendered(tenant: TenantRef, paths: Sequence[str]) -> list[RenderedPage]:
    """Return what readers get now for each address; no cache is asked and none is filled."""
    client = Client(raise_request_exception=False)
    with _without_caches():
        return [_answer(client, tenant, path) for path in paths]


def _answer(client: Client, tenant: TenantRef, path: str) -> RenderedPage:
    answer = client.get(path, secure=settings.PUBLIC_PORT == _HTTPS, headers={"host": tenant.primary_domain})
    return RenderedPage(path, answer.status_code, hashlib.sha256(answer.content).hexdigest())


@contextmanager
def _without_caches() -> Iterator[None]:
    """Let this thread's requests neither read nor fill a cache: what they see is not the site of now."""
    before = {alias: caches[alias] for alias in settings.CACHES}
    try:
        for alias in before:
            caches[alias] = DummyCache("", {})
        yield
    finally:
        for alias, cache_before in before.items():
            caches[alias] = cache_before


@cache
def look() -> str:
    """Return a name for the templates and the code pages are rendered with; pages of two looks cannot be compared."""
    digest = hashlib.sha256()
    folders = [catalogue().root]
    for app in settings.TENANT_APPS:
        spec = find_spec(app)
        if app.startswith("tenants.") and spec and spec.origin:
            folders.append(Path(spec.origin).parent)
    for path in sorted(
        path for folder in folders for path in folder.rglob("*") if path.suffix in (".html", ".py", ".toml", ".json", ".css")
    ):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]
