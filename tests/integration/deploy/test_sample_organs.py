"""The demo's sample organs: each marked, a power list in two versions, made once."""

import pytest
from django.db import transaction

from deploy.demo.organs import publish_organs_of
from deploy.demo.samples import MARK
from registry.schemas import in_schema_of
from tenants.organs.models import OrganPage, PowerVersion
from tests.factories.sites import open_sites


@pytest.mark.usefixtures("database")
def test_a_government_and_an_office_get_their_organs_once() -> None:
    county, office = open_sites("xiaodian", "jyj")

    made = []
    for site in (county, office, county):
        with in_schema_of(site), transaction.atomic():
            made.append(publish_organs_of(site))

    assert made == [4, 1, 0]
    with in_schema_of(county):
        titles = list(OrganPage.objects.live().order_by("position").values_list("title", flat=True))
        assert titles == [f"太原市小店区人民政府{MARK}", f"小店区人民政府办公室{MARK}", f"小店区教育局{MARK}"]
        versions = PowerVersion.objects.order_by("number").values_list("number", "added", "removed", "changed")
        assert list(versions) == [(1, 0, 0, 0), (2, 1, 1, 1)]
