"""What a page is about, in a sentence and in the words of schema.org, for search engines and other machines; plain values, no query."""

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from registry.contract import TenantRef
from registry.selectors import site_url
from search.contract import Validity
from tenants.pages import blocks

if TYPE_CHECKING:
    from tenants.pages.models import DocumentPage, TextPage

LONGEST = 120  # characters of a description; search engines show no more
_SENTENCE = re.compile(r"[^。！？!?]*[。！？!?]+[”’」』）)]*")
_CLAUSE = re.compile(r".*[，、；：,;]")
CONTEXT = "https://schema.org"
LANGUAGE = "zh-Hans"
# https://schema.org/LegalForceStatus; an amended text is in force, one whose validity nobody noted says nothing.
FORCE = {
    Validity.IN_FORCE: "InForce",
    Validity.AMENDED: "InForce",
    Validity.REPEALED: "NotInForce",
    Validity.EXPIRED: "NotInForce",
    Validity.PENDING: "NotInForce",
}


def first_sentences(text: str) -> str:
    """Return the whole sentences a text begins with, as many as a description holds; of a longer one its first clauses."""
    plain = " ".join(text.split())
    said = ""
    for sentence in _SENTENCE.findall(plain) or [plain]:
        if said and len(said) + len(sentence) > LONGEST:
            break
        said += sentence
    if len(said) <= LONGEST:
        return said.strip()
    cut = said[: LONGEST - 1]
    clauses = _CLAUSE.match(cut)
    return f"{(clauses[0][:-1] if clauses else cut).strip()}…"


def text_in_short(page: "TextPage") -> str:
    """Return what a text is about: as its editor says it, else as it begins."""
    said = page.summary or page.search_description
    return said or first_sentences(blocks.opening(page.body, title=page.title, most=LONGEST))


def site_in_short(tenant: TenantRef) -> str:
    """Return what a site is."""
    organizer = f"，由{tenant.organizer}主办" if tenant.organizer else ""
    return f"{tenant.name}网站{organizer}，提供政府信息公开、政策文件、办事服务和信息检索。"


def organization(tenant: TenantRef) -> dict[str, Any]:
    """Return the body a site belongs to; what its record lacks is left out."""
    facts = {
        "@type": "GovernmentOrganization",
        "name": tenant.organizer or tenant.name,
        "url": site_url(tenant),
        "telephone": tenant.contact_phone,
        "address": tenant.contact_address,
    }
    return {name: value for name, value in facts.items() if value}


def website(tenant: TenantRef) -> dict[str, Any]:
    """Return the site, whose it is, and how to search it."""
    return {
        "@context": CONTEXT,
        "@type": "WebSite",
        "name": tenant.name,
        "description": site_in_short(tenant),
        "url": site_url(tenant),
        "inLanguage": LANGUAGE,
        "publisher": organization(tenant),
        "potentialAction": {
            "@type": "SearchAction",
            "target": {"@type": "EntryPoint", "urlTemplate": site_url(tenant, "/search/") + "?q={search_term_string}"},
            "query-input": "required name=search_term_string",
        },
    }


def trail(crumbs: Sequence[Mapping[str, str]], tenant: TenantRef) -> dict[str, Any]:
    """Return the way from the home page."""
    steps = [
        {"@type": "ListItem", "position": place, "name": crumb["title"], "item": site_url(tenant, crumb["url"])}
        for place, crumb in enumerate(crumbs, start=1)
    ]
    return {"@context": CONTEXT, "@type": "BreadcrumbList", "itemListElement": steps}


def article(page: "TextPage", tenant: TenantRef, url: str) -> dict[str, Any]:
    """Return a text: its title, its times and who publishes it."""
    times = {"datePublished": page.first_published_at, "dateModified": page.last_published_at}
    facts = {
        "headline": page.title,
        "description": page.in_short(tenant),
        "keywords": page.keywords,
        **{name: timezone.localtime(moment).isoformat(timespec="seconds") for name, moment in times.items() if moment},
    }
    return {
        "@context": CONTEXT,
        "@type": "Article",
        "url": url,
        "inLanguage": LANGUAGE,
        "publisher": organization(tenant),
        **{name: value for name, value in facts.items() if value},
    }


def legislation(page: "DocumentPage", tenant: TenantRef, url: str) -> dict[str, Any]:
    """Return an official document: its number, who issued it, its dates and whether it is in force."""
    force = FORCE.get(Validity(page.validity))
    facts = {
        "name": page.title,
        "legislationIdentifier": "；".join(page.doc_nos),
        "legislationPassedBy": {"@type": "GovernmentOrganization", "name": page.issuer} if page.issuer else None,
        "legislationDate": page.signed_date.isoformat() if page.signed_date else "",
        "legislationDateOfApplicability": page.effective_date.isoformat() if page.effective_date else "",
        "legislationJurisdiction": page.place,
        "legislationLegalForce": f"{CONTEXT}/{force}" if force else "",
    }
    text = article(page, tenant, url)
    del text["headline"]
    return {**text, "@type": "Legislation", **{name: value for name, value in facts.items() if value}}
