"""A search as an Atom feed."""

import datetime as dt
import hashlib
from dataclasses import dataclass

from django.utils.feedgenerator import Atom1Feed
from django.utils.html import strip_tags
from django.utils.http import http_date as epoch_date

from registry.contract import TenantRef
from registry.selectors import site_url
from search.contract import CATEGORY_LABELS, Found
from search.presenting.linking import Linker
from search.requests.understanding import Asked


@dataclass(frozen=True, slots=True)
class Made:
    """A feed, the mark of what it says, and when its newest text was published."""

    xml: bytes
    etag: str
    changed_at: dt.datetime | None


def atom(asked: Asked, found: Found, *, tenant: TenantRef | None, host: str) -> Made:
    """Return the feed of an answer."""
    link = Linker(asked, path="search/", has_scopes=tenant is not None)
    about = f"“{asked.question.text}”的搜索结果" if asked.question.text else "最新内容"
    name = tenant.name if tenant else "全部网站"
    self_url = host + link.to("search/feed/", sort="", size="")
    built = Atom1Feed(
        title=f"{about} - {name}", link=host + link(sort="", size=""), description=about, language="zh-Hans", feed_url=self_url
    )
    for hit in found.hits:
        address = site_url(hit.site, hit.path)
        built.add_item(
            title=hit.title,
            link=address,
            description=hit.summary or strip_tags(hit.snippet_html),
            unique_id=f"urn:search:{hit.key}",
            pubdate=hit.published_at,
            updateddate=hit.published_at,
            author_name=hit.site.name,
            categories=[CATEGORY_LABELS[hit.category]],
        )
    newest = max((hit.published_at for hit in found.hits if hit.published_at), default=None)
    xml = _without_time_of_making(built, newest)
    return Made(xml, f'"{hashlib.sha256(xml).hexdigest()[:32]}"', newest)


def http_date(moment: dt.datetime) -> str:
    """Return a moment as HTTP writes it."""
    return epoch_date(moment.timestamp())


def _without_time_of_making(built: Atom1Feed, newest: dt.datetime | None) -> bytes:
    """Write the feed; an empty one must not say another time at each request."""
    built.latest_post_date = lambda: newest or dt.datetime(2000, 1, 1, tzinfo=dt.UTC)  # type: ignore[method-assign]
    text: str = built.writeString("utf-8")
    return text.encode()
