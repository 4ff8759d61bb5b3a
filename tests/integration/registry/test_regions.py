"""Importing divisions twice changes nothing the second time."""

import pytest

from registry.models import Region
from registry.services import Imported, import_regions, read_divisions
from tests.factories.texts import DATA, lines

pytestmark = pytest.mark.django_db


def test_all_counties_of_china_join_the_tiers_of_one_province() -> None:
    regions = read_divisions(lines(DATA / "divisions-china-counties.csv.gz"))

    first = import_regions(regions)
    second = import_regions(read_divisions(lines(DATA / "divisions-china-counties.csv.gz")))

    assert first.created > 3000
    assert second == Imported(created=0, updated=0, unchanged=len(regions))
    assert Region.objects.get(code="140105").slug == "xiaodian"
    assert Region.objects.get(code="140100").slug == "taiyuan"  # known from the table by tier, not emptied by the other
