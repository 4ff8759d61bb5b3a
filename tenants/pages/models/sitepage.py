"""What all pages of a site share: their context, their addresses, and that no draft overwrites what went live."""

from abc import abstractmethod
from collections.abc import Collection
from typing import Any, ClassVar

from django.db import transaction
from django.http import HttpRequest
from typing_extensions import override
from wagtail.admin.panels import TitleFieldPanel
from wagtail.models import Page, PageViewRestriction

from registry.contract import TenantRef
from registry.selectors import current_tenant, site_url
from tenants.pages import composing
from tenants.pages.contract import PublishedMeanwhileError

# Wagtail would make the address from the Latin letters and digits of a title: of “2026年工作报告” the year, and so every time.
TITLE = TitleFieldPanel("title", targets=[])


class SitePage(Page):
    """What all pages of a site share; each type names its template after itself and asks `composing` for what it shows."""

    is_followed: ClassVar[bool] = False  # whether it has a feed of its own
    hidden_paths: list[str] | None = None  # where the site's restricted pages stand, once it was asked whether this one is below them
    is_open: bool = False  # whether it was found to be below none of them, for this request
    was_live: bool | None = None  # when it was read; None where it was made otherwise

    class Meta:
        abstract = True

    @classmethod
    @override
    def from_db(cls, db: str | None, field_names: Collection[str], values: Collection[Any]) -> "SitePage":
        """Return a page that remembers whether it was live."""
        page: SitePage = super().from_db(db, field_names, values)
        page.was_live = page.__dict__.get("live")  # which may not have been read
        return page

    @override
    def with_content_json(self, content: dict[str, Any]) -> "SitePage":
        """Return the page with a draft's content; whether it was live is what the page says it was."""
        page: SitePage = super().with_content_json(content)
        page.was_live = self.was_live
        return page

    @override
    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the page, but no draft over a page that went live since the draft was read.

        The editor saves drafts by itself, half a second after each change. One on its way while somebody publishes would write the row as
        it was before: the page would be gone from its address, and nobody would have been told.

        Raises:
            PublishedMeanwhileError: it went live meanwhile.

        """
        if self.pk and self.was_live is False and not self.live:
            with transaction.atomic():
                if Page.objects.select_for_update().filter(pk=self.pk).values_list("live", flat=True).first():
                    raise PublishedMeanwhileError(self.title)
                super().save(*args, **kwargs)
        else:
            super().save(*args, **kwargs)
        self.was_live = self.live

    @override
    def get_view_restrictions(self) -> Any:
        """Return the restrictions that hold for the page; the site's other ones are noted for the lists it shows."""
        if self.is_open:
            return PageViewRestriction.objects.none()
        found, self.hidden_paths = composing.restrictions_on(self)
        return found

    @override
    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Return what the type's template shows, as plain values."""
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        return context | composing.context_of(self, request)

    @abstractmethod
    def shown(self, request: HttpRequest) -> dict[str, Any]:
        """Return what only this type shows, as plain values; `breadcrumb` and `meta` among them."""

    def in_short(self, tenant: TenantRef) -> str:
        """Return what the page is about in a sentence or two: the description that search engines show."""
        return self.search_description or f"{self.title}，{tenant.name}。"

    def described(self, tenant: TenantRef, url: str) -> list[dict[str, Any]]:  # noqa: ARG002 - types that say something need both
        """Return what the page is about in the words of schema.org; the way to it is added by itself."""
        return []

    @override
    def get_url_parts(self, request: HttpRequest | None = None) -> tuple[int, str | None, str | None] | None:
        """Return the site's number, its root address and the page's path.

        Where readers' pages are not served (the editor's host, commands), the path is the whole address: “view live” leads to readers.
        """
        parts: tuple[int, str | None, str | None] | None = super().get_url_parts(request)
        tenant = current_tenant()
        if parts is None or parts[2] is not None or tenant is None:
            return parts
        return parts[0], "", site_url(tenant, composing.path_of(self))
