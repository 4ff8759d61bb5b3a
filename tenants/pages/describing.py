"""What a page is about in the words of schema.org, for search engines and other machines; plain values, no query."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from registry.contract import TenantRef
from registry.selectors import site_url
from search.contract import Validity

if TYPE_CHECKING:
    from tenants.pages.models import DocumentPage, TextPage

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
        "description": page.summary or page.search_description,
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
