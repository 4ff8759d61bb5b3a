"""What is new on a site or in a column, as Atom."""

import datetime as dt

from django.contrib.syndication.views import Feed
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.feedgenerator import Atom1Feed
from typing_extensions import override
from wagtail.models import Page

from registry.contract import TenantRef
from registry.selectors import site_url
from tenants.pages import composing
from tenants.pages.contract import Item
from tenants.pages.models import ColumnPage, HomePage

NEWEST = 30


class NewTexts(Feed[Item, Page]):
    """The newest texts of a site, or of one column with all below it."""

    feed_type = Atom1Feed
    language = "zh-Hans"

    @override
    def get_object(self, request: HttpRequest, path: str = "") -> Page:
        """Return the column of an address, or the home page.

        Raises:
            Http404: no column that anybody may read has the address.

        """
        self._request = request
        home = HomePage.objects.live().get()
        if not path:
            return home
        return get_object_or_404(composing.readable(ColumnPage.objects.filter(url_path=f"{home.url_path}{path}"), request))

    @property
    def _tenant(self) -> TenantRef:
        return self._request.tenant  # type: ignore[attr-defined,no-any-return] # set by registry.middleware

    @override
    def title(self, page: Page) -> str:
        """Return the column's and the site's name."""
        return self._tenant.name if isinstance(page, HomePage) else f"{page.title} - {self._tenant.name}"

    @override
    def link(self, page: Page) -> str:
        """Return where a reader sees the same."""
        return site_url(self._tenant, composing.path_of(page))

    @override
    def feed_url(self, page: Page) -> str:
        """Return the feed's own address."""
        return site_url(self._tenant, f"/feed{composing.path_of(page)}")

    @override
    def items(self, page: Page) -> list[Item]:
        """Return the newest texts, in two queries."""
        return composing.items_of(list(composing.texts(self._request).descendant_of(page)[:NEWEST]))

    @override
    def item_title(self, item: Item) -> str:
        """Return the text's title; Django would take the item's `str`."""
        return item.title

    @override
    def item_description(self, item: Item) -> str:
        """Return the text's summary."""
        return item.summary

    @override
    def item_link(self, item: Item) -> str:
        """Return the text's address."""
        return site_url(self._tenant, item.url)

    @override
    def item_pubdate(self, item: Item) -> dt.datetime | None:
        """Return when it was published."""
        return item.date

    item_updateddate = item_pubdate

    @override
    def item_author_name(self) -> str:
        """Return whose site it is."""
        return self._tenant.name
