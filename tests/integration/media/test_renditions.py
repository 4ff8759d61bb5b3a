"""Sizes of pictures that a process remembers belong to one site, never to the next one of its name."""

from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from wagtail.images.tests.utils import get_test_image_file

from registry.contract import TenantRef
from registry.models import Domain, Tenant
from registry.schemas import in_schema_of
from tenants.media.models import SiteImage, SiteRendition
from tests.factories.sites import open_sites

pytestmark = [
    pytest.mark.usefixtures("database"),
    pytest.mark.filterwarnings("ignore:Unclosed file:ResourceWarning"),  # Wagtail leaves that of a new rendition to be collected
]


def test_a_new_site_of_a_purged_ones_name_sees_none_of_its_pictures_sizes(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = str(tmp_path)
    (purged,) = open_sites("xiaodian")
    assert _sizes_after_showing_a_picture(purged) == ["width-80"]
    _remove(purged)

    (opened,) = open_sites("xiaodian")

    assert (opened.schema_name, opened.uuid == purged.uuid) == (purged.schema_name, False)
    assert _sizes_after_showing_a_picture(opened) == ["width-80"]


def _sizes_after_showing_a_picture(site: TenantRef) -> list[str]:
    """Upload the same picture, show it twice, and return which sizes the site has in its tables."""
    with in_schema_of(site), transaction.atomic():
        made = SiteImage.objects.create(title="步道", file=get_test_image_file(size=(160, 90)))
        for _ in range(2):
            SiteImage.objects.get(pk=made.pk).get_rendition("width-80")
        return list(SiteRendition.objects.values_list("filter_spec", flat=True))


def _remove(site: TenantRef) -> None:
    """Take a site away as a purge does, without its walk."""
    with connection.cursor() as cursor:
        cursor.execute(f'DROP SCHEMA "{site.schema_name}" CASCADE')
        cursor.execute("DELETE FROM public.provisioning_step")
        cursor.execute("DELETE FROM public.provisioning_operation")
    Domain.objects.filter(tenant_id=site.id).delete()
    Tenant.objects.filter(pk=site.id).delete()
