"""Pages of a site, made inside its schema."""

from typing import Any

from django.db import transaction

from tenants.pages.models import ArticlePage, ColumnPage, DocumentPage


def column(slug: str = "zcwj") -> ColumnPage:
    """Return a standard column of the current site."""
    found: ColumnPage = ColumnPage.objects.get(slug=slug)
    return found


def publish_document(title: str, text: str = "第一条 为了便民，制定本办法。", *, slug: str = "text", **fields: Any) -> DocumentPage:
    """Publish an official document in the current site."""
    page = DocumentPage(title=title, slug=slug, body=[("official_text", text)], live=False, **fields)
    published: DocumentPage = _publish(page, "zcwj")
    return published


def publish_article(
    title: str, html: str = "<p>正文。</p>", *, slug: str = "article", parent: str = "yaowen", **fields: Any
) -> ArticlePage:
    """Publish an article in the current site."""
    published: ArticlePage = _publish(ArticlePage(title=title, slug=slug, live=False, **{"body": [("paragraph", html)], **fields}), parent)
    return published


def _publish(page: Any, parent: str) -> Any:
    with transaction.atomic():
        column(parent).add_child(instance=page)
        page.save_revision().publish()
    return type(page).objects.get(pk=page.pk)  # publishing worked on another copy
