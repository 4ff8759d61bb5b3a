"""Open sites for the console's pages."""

import pytest

from registry.contract import TenantRef
from tests.factories.sites import copied_sites


@pytest.fixture
def site(database: None) -> TenantRef:
    """One open site; asked for before the officer, while the database is empty and can be a copy."""
    (site,) = copied_sites("xiaodian")
    return site


@pytest.fixture
def sites(database: None) -> list[TenantRef]:
    """Two open sites, as `site`."""
    return copied_sites("xiaodian", "yingze")
