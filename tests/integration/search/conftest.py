"""A city without pages: rows are enough where no page is served."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from registry.contract import Kind, TenantRef
from registry.models import City, Domain, Tenant
from registry.selectors import directory, forget_directory
from search import selectors


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
