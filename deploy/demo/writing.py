"""How the demo puts a page onto the current site: once, as published some days ago, with a revision; and its pictures and files."""

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone

from deploy.demo.samples import MARK, NOTE
from registry.contract import TenantRef
from search.services import publish_many
from tenants.media.models import SiteFile, SiteImage
from tenants.pages.models import ColumnPage, TextPage
from tenants.pages.services import document_of

PICTURES = Path(__file__).parent / "pictures"
RECORDINGS = Path(__file__).parent / "recordings"
PICTURE_CREDIT = "本平台绘制的样例图片"


def column(slug: str) -> ColumnPage | None:
    """Return the current site's column of an address; none where it has no such column."""
    found: ColumnPage | None = ColumnPage.objects.filter(slug=slug).order_by("path").first()
    return found


def put(parent: Any, page: Any, source_id: str, *, days_ago: int, hour: int = 9) -> Any:
    """Put a page in as published that many days ago; return it, or none where it stands there already."""
    parent.refresh_from_db()
    if parent.get_children().filter(slug=source_id).exists():
        return None
    at = timezone.localtime().replace(hour=hour, minute=0, second=0, microsecond=0) - timedelta(days=days_ago)
    page.slug, page.source_id, page.live = source_id, source_id, True
    page.first_published_at = page.last_published_at = min(at, timezone.now())
    parent.add_child(instance=page)
    revision = page.save_revision(changed=False, clean=False)
    type(page).objects.filter(pk=page.pk).update(live_revision=revision, has_unpublished_changes=False)
    return page


def make_findable(site: TenantRef, pages: Iterable[TextPage | None]) -> int:
    """Tell search of the pages that were made; return how many those are. Inside the caller's transaction."""
    made = [page for page in pages if page is not None]
    publish_many(document_of(page, site) for page in made)
    return len(made)


def marked(title: str) -> str:
    """Return a title that says of itself that it is a sample."""
    return title + MARK


def paragraphs(*texts: str) -> list[tuple[str, object]]:
    """Return a body of paragraphs, the first of which says that all of it is a sample."""
    return [("paragraph", f"<p>{text}</p>") for text in (NOTE, *texts)]


def picture(name: str, title: str) -> SiteImage:
    """Return one of the demo's pictures on the current site, put there once."""
    known: SiteImage | None = SiteImage.objects.filter(title=title).first()
    if known:
        return known
    content = ContentFile((PICTURES / f"{name}.png").read_bytes(), name=f"sample-{name}.png")
    made: SiteImage = SiteImage.objects.create(title=title, file=content, credit=PICTURE_CREDIT)
    return made


def recording(name: str, title: str) -> SiteFile:
    """Return one of the demo's films or recordings, or the captions of one, on the current site, put there once."""
    known: SiteFile | None = SiteFile.objects.filter(title=title).first()
    if known:
        return known
    made: SiteFile = SiteFile.objects.create(title=title, file=ContentFile((RECORDINGS / name).read_bytes(), name=f"sample-{name}"))
    return made


def proof(title: str) -> SiteFile:
    """Return a file that stands for the proof of a publication elsewhere, put there once."""
    known: SiteFile | None = SiteFile.objects.filter(title=title).first()
    if known:
        return known
    made: SiteFile = SiteFile.objects.create(title=title, file=ContentFile(f"{title}\n{NOTE}\n".encode(), name="sample-proof.txt"))
    return made
