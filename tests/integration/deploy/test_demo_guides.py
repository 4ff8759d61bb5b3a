"""The demo's sample guides and account: made once, complete, marked, and told to search."""

import pytest
from django.db import transaction

from deploy.demo import guides, samples
from registry.schemas import in_schema_of
from search.models import Projection
from search.services import publish_many
from tenants.channels.models import Post
from tenants.pages.services import document_of
from tenants.services.models import ServicePage
from tests.factories.sites import open_sites

pytestmark = pytest.mark.usefixtures("database")


def test_the_samples_are_made_once_complete_and_marked() -> None:
    (site,) = open_sites("xiaodian")

    with in_schema_of(site), transaction.atomic():
        made = guides.publish_guides()
        publish_many(document_of(page, site) for page in made)
    with in_schema_of(site), transaction.atomic():
        again = guides.publish_guides()

    with in_schema_of(site):
        assert (len(made), again) == (7, [])
        assert [page.missing_elements for page in ServicePage.objects.all()] == [()] * 4
        assert all(page.title.endswith(samples.MARK) for page in made)
        assert Post.objects.count() == 3
    assert Projection.objects.live().filter(tab="service").count() == 4
