"""A site with texts, a picture and a file, and archives of it."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from django.test import override_settings
from PIL import Image

from provisioning import backups
from provisioning.backups.contract import Made
from registry.contract import TenantRef
from registry.schemas import in_schema_of
from registry.selectors import tenant_by_slug
from tenants.media.models import SiteFile, SiteImage
from tests.factories.pages import publish_article, publish_document

NOON = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)


@contextmanager
def own_media(folder: Path) -> Iterator[None]:
    """Let files lie in a folder of the test's own: restoring moves whole folders, and other tests have sites of the same names."""
    changes = {"MEDIA_ROOT": str(folder / "media"), "BACKUP_DIR": str(folder / "backups")}
    with override_settings(**changes, MULTITENANT_RELATIVE_MEDIA_ROOT="%s"):  # the last makes django-tenants forget the folder it remembers
        yield


def picture(name: str = "lake.png", *, colour: str = "navy") -> ContentFile[bytes]:
    """Return a small picture as a browser would send it."""
    Image.new("RGB", (60, 40), colour).save(out := io.BytesIO(), "PNG")
    return ContentFile(out.getvalue(), name)


def fill(site: TenantRef, texts: int = 3) -> None:
    """Publish a few documents and an article with a picture and an attachment."""
    with in_schema_of(site):
        image = SiteImage.objects.create(title="汾河", file=picture())
        attachment = SiteFile.objects.create(title="附件", file=ContentFile(f"{site.slug} 附件".encode(), "list.txt"))
        for number in range(texts):
            publish_document(
                f"{site.short_name}第{number}号办法",
                f"第一条 {site.name}的第{number}号办法。",
                slug=f"t{number}",
                doc_no=f"并政发〔2026〕{number}号",
            )
        publish_article(
            f"{site.short_name}新闻",
            slug="news",
            body=[("paragraph", "<p>正文。</p>"), ("image", {"image": image, "alt": "汾河", "caption": ""})],
            attachments=[("file", attachment)],
        )


def back_up(slug: str, folder: Path, **options: Any) -> Made:
    """Make a backup of a site at noon."""
    return backups.create_backup(tenant_by_slug(slug), folder=folder, by="tests", **{"now": NOON, **options})
