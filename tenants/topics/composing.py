"""What a topic page and a column of topics show; gathered from the projection, so that no other site's tables are entered."""

import datetime as dt
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.http import HttpRequest
from django.utils.feedgenerator import Atom1Feed

from registry.contract import Kind, TenantRef
from registry.selectors import directory, site_url
from search import selectors as search
from search.contract import VALIDITY_LABELS, Gathered, Scope, Tab, Validity
from tenants.pages import composing as pages
from vocabularies.contract import Topic
from vocabularies.selectors import family_of, topics

if TYPE_CHECKING:
    from tenants.pages.models import ColumnPage
    from tenants.topics.models import TopicPage

SECTION_ROWS = 8
SECTIONS = {  # S1: policy, interpretation and result stand together, in this order
    Tab.POLICY: "政策举措",
    Tab.INTERPRETATION: "政策解读",
    Tab.NEWS: "进展成效",
    Tab.SERVICE: "办事服务",
    Tab.OPENNESS: "信息公开",
    Tab.DIALOGUE: "互动交流",
    Tab.OTHER: "其他",
}


def scope_of(tenant: TenantRef) -> Scope:
    """Return the sites a topic page gathers from: all of the city on its portal, the site's own and the portal's elsewhere."""
    if tenant.kind is Kind.CITY:
        return search.scope_of_city(tenant.city_slug)
    portals = [ref for ref in directory().of_city(tenant.city_slug) if ref.kind is Kind.CITY and ref.is_live]
    return search.scope_of_sites([tenant, *portals])


def topic(page: "TopicPage", request: HttpRequest) -> dict[str, Any]:
    """Return the page's own text and what was gathered, class by class; empty classes are left out."""
    tenant: TenantRef = request.tenant  # type: ignore[attr-defined] # set by registry.middleware
    known = topics(city=tenant.city_slug, with_retired=True)
    gathered = _gathered(page, tenant, known)
    titles = {each.slug: each.title for each in known}
    return pages.text(page, request) | {
        "sections": [_section(tab, title, gathered[tab], tenant) for tab, title in SECTIONS.items() if gathered.get(tab)],
        "members": [titles[slug] for slug in family_of(page.topic, known)[1:] if slug in titles],
        "feed_url": f"{request.path}?format=atom",
        "feeds": [{"title": page.title, "url": f"{request.path}?format=atom"}],
        "search_url": f"/search/?topic={page.topic}&scope=city&sort=date",
    }


def _gathered(page: "TopicPage", tenant: TenantRef, known: Sequence[Topic]) -> Mapping[Tab, list[Gathered]]:
    own = pages.path_of(page)
    found = search.gather(family_of(page.topic, known), scope=scope_of(tenant), rows=page.section_rows)
    return {tab: [text for text in texts if (text.site.uuid, text.path) != (tenant.uuid, own)] for tab, texts in found.items()}


def _section(tab: Tab, title: str, texts: Sequence[Gathered], tenant: TenantRef) -> dict[str, Any]:
    return {"name": tab.value, "title": title, "items": [_item(text, tenant) for text in texts]}


def _item(text: Gathered, tenant: TenantRef) -> dict[str, Any]:
    is_own = text.site.uuid == tenant.uuid
    badge = {"code": text.validity.value, "label": VALIDITY_LABELS[text.validity]} if text.validity is not Validity.UNKNOWN else None
    return {
        "title": text.title,
        "url": text.path if is_own else site_url(text.site, text.path),
        "date": text.published_at,
        "doc_no": text.doc_no,
        "validity": badge,
        "site": "" if is_own else text.site.short_name,
    }


def feed(page: "TopicPage", request: HttpRequest) -> bytes:
    """Return what the page gathered as an Atom feed, newest first."""
    tenant: TenantRef = request.tenant  # type: ignore[attr-defined] # set by registry.middleware
    known = topics(city=tenant.city_slug, with_retired=True)
    texts = list(chain.from_iterable(_gathered(page, tenant, known).values()))
    texts.sort(key=lambda text: text.published_at or dt.datetime.min.replace(tzinfo=dt.UTC), reverse=True)
    address = site_url(tenant, pages.path_of(page))
    made = Atom1Feed(
        title=f"{page.title} - {tenant.name}", link=address, description=page.summary, language="zh-Hans", feed_url=f"{address}?format=atom"
    )
    for text in texts:
        link = site_url(text.site, text.path)
        made.add_item(
            title=text.title,
            link=link,
            description=SECTIONS[text.tab],
            unique_id=link,
            pubdate=text.published_at,
            updateddate=text.published_at,
            author_name=text.site.name,
        )
    written: str = made.writeString("utf-8")
    return written.encode()


def column(page: "ColumnPage", request: HttpRequest) -> dict[str, Any]:
    """Return a card for each topic page of a column, with the day of its newest text."""
    rows = pages.readable(apps.get_model("topics", "TopicPage").objects.child_of(page).order_by("path"), request)
    return {"cards": cards(rows, request.tenant)}  # type: ignore[attr-defined] # set by registry.middleware


def on_home(_page: Any, request: HttpRequest, rows: int) -> dict[str, Any]:
    """Return cards of the topic pages that changed last."""
    found = pages.readable(apps.get_model("topics", "TopicPage").objects.order_by("-last_published_at", "-pk"), request)
    shown = cards(found[:rows], request.tenant)  # type: ignore[attr-defined] # set by registry.middleware
    return {"cards": shown} if shown else {}


def cards(rows: Any, tenant: TenantRef) -> list[dict[str, Any]]:
    """Return the cards of topic pages: title, a sentence, and when something last came in; three queries however many there are."""
    found = list(rows)
    if not found:
        return []
    known = topics(city=tenant.city_slug, with_retired=True)
    newest = search.newest_by_topic(scope=scope_of(tenant))
    return [
        {
            "title": page.title,
            "url": pages.path_of(page),
            "summary": page.summary,
            "date": max((newest[slug] for slug in family_of(page.topic, known) if slug in newest), default=None),
        }
        for page in found
    ]
