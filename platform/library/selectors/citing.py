"""Reads: which documents a text names, such as the lines of a service's legal basis."""

import re
from collections.abc import Mapping, Sequence

from django.db.models import Q

from library.contract import Cited, Member, Partner
from registry.contract import Kind, TenantRef
from registry.selectors import directory, site_url
from search.analysis.passages import articles_in
from search.contract import Category, PageKind, Validity
from search.models import Projection

_NAME = re.compile(r"《([^《》]+)》")
_NATION = "中华人民共和国"
MOST = 60  # names that are looked up for one page


def cited_documents(lines: Sequence[str], *, site: TenantRef, most: int | None = MOST) -> list[Cited]:
    """Return each line with the first document it names in 《》, found by its whole title on the live sites of the site's city; one query.

    Of several texts of a title the site's own comes first, then the portal's; of versions the newest. Laws are named with 中华人民共和国
    or without.
    """
    return cited_with_organ(lines, site=site, organ="", most=most)[0]


def cited_with_organ(
    lines: Sequence[str], *, site: TenantRef, organ: int | str, most: int | None = MOST
) -> tuple[list[Cited], Partner | None]:
    """Return what `cited_documents` does, and an organ of the site by its page or its whole name, none if several have it; one query."""
    parts = [_cut(line) for line in lines]
    names = [part.name for part in parts if part.name][:most]
    wanted = {title: name for name in names for title in (f"{_NATION}{name}", name)}
    sites = {each.id: each for each in directory().of_city(site.city_slug) if each.is_live}
    found = _found(wanted, organ, sites, site) if wanted or organ else []
    documents: dict[str, Partner] = {}
    for row in found:
        if row.kind != Category.ORGAN:
            documents.setdefault(wanted[row.title], _partner(row, sites[row.tenant_id]))
    organs = [_partner(row, site) for row in found if row.kind == Category.ORGAN]
    return [_with(part, documents.get(part.name)) for part in parts], organs[0] if len(organs) == 1 else None


def _found(wanted: Mapping[str, str], organ: int | str, sites: Mapping[int, TenantRef], site: TenantRef) -> list[Projection]:
    """Return the documents and the organ that are meant, each text's leading one first."""
    asked = Q(tenant_id__in=list(sites), page_kind=PageKind.DOCUMENT.value, title__in=list(wanted))
    if organ:
        named = Q(page_id=organ) if isinstance(organ, int) else Q(title=organ)
        asked |= named & Q(tenant_id=site.id, kind=Category.ORGAN.value)
    rows = Projection.objects.live().filter(asked).without_text()
    return sorted(rows, key=lambda row: (row.tenant_id != site.id, sites[row.tenant_id].kind is not Kind.CITY, not row.latest, row.pk))


def _partner(row: Projection, site: TenantRef) -> Partner:
    member = Member(site.uuid, row.page_id)
    return Partner(member, row.title, site, site_url(site, row.path), next(iter(row.doc_nos), ""), Validity(row.validity))


def _cut(line: str) -> Cited:
    match = _NAME.search(line)
    return Cited(line[: match.start()], match[1], line[match.end() :]) if match else Cited(line, "", "")


def _with(part: Cited, partner: Partner | None) -> Cited:
    article = next(iter(articles_in(part.behind.partition("《")[0])), "")
    return Cited(part.before, part.name, part.behind, partner, article if partner else "")
