"""Reads: what is related to a text, which document somebody means, whether a document is still in force."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from urllib.parse import urlsplit
from uuid import UUID

from django.db.models import Q, QuerySet

from library.contract import CHANGING, AmbiguousDocumentError, Member, Partner, Related, RelationKind, UnknownDocumentError
from library.models import Relation
from registry.contract import TenantRef
from registry.selectors import directory, site_url
from search.contract import PageKind, Validity
from search.models import Projection

MOST_NAMED = 3  # addresses in a message


def relations_of(member: Member) -> list[Related]:
    """Return all relations of one text, its own first; two queries."""
    return relations_of_many([member])[member]


def relations_of_many(members: Collection[Member]) -> dict[Member, list[Related]]:
    """Return the relations of several texts; two queries however many there are."""
    wanted = set(members)
    rows = list(Relation.objects.about(*wanted).order_by("pk")) if wanted else []
    partners = _partners(rows)
    found: dict[Member, list[Related]] = {member: [] for member in wanted}
    for is_inverse in (False, True):
        for row in rows:
            here, there = (row.target, row.source) if is_inverse else (row.source, row.target)
            if here in wanted:
                found[here].append(Related(RelationKind(row.kind), is_inverse, partners[there], row.effective_on))
    return found


def _partners(rows: Iterable[Relation]) -> Mapping[Member, Partner]:
    titles = {member: title for row in rows for member, title in ((row.source, row.source_title), (row.target, row.target_title))}
    known = {row.pk: row for row in _projections(titles)}
    sites = directory().by_uuid
    return {member: _partner(member, title, sites.get(member.site), known.get(member.key)) for member, title in titles.items()}


def _projections(members: Iterable[Member]) -> Iterable[Projection]:
    keys = [member.key for member in members]
    return Projection.objects.filter(pk__in=keys).only("title", "path", "state", "doc_nos", "validity") if keys else ()


def _partner(member: Member, title: str, site: TenantRef | None, row: Projection | None) -> Partner:
    if row is None or site is None or not row.is_live or not site.is_live:
        return Partner(member, title, site)
    return Partner(member, row.title, site, site_url(site, row.path), next(iter(row.doc_nos), ""), Validity(row.validity))


def effects_on(member: Member, *, on: dt.date) -> set[RelationKind]:
    """Return by what kinds of relation a document is changed on a day."""
    kinds = Relation.objects.said_of(member).filter(Q(effective_on=None) | Q(effective_on__lte=on), kind__in=CHANGING)
    return {RelationKind(kind) for kind in kinds.values_list("kind", flat=True)}


def standing(own: Validity, effects: Collection[RelationKind]) -> Validity:
    """Return whether a document is in force: what it says itself, and what others do to it."""
    if RelationKind.REPEALS in effects:
        return Validity.REPEALED
    if RelationKind.AMENDS in effects and own not in (Validity.REPEALED, Validity.EXPIRED):
        return Validity.AMENDED
    return own


def changed_by_day(site: UUID, *, kind: RelationKind, on: dt.date) -> QuerySet[Relation, int]:
    """Return the pages of a site that other documents change in this way since a day that was named beforehand."""
    rows = Relation.objects.filter(target_site=site, kind=kind.value, effective_on__lte=on)
    return rows.values_list("target_page", flat=True)


def find_document(reference: str, *, city_slug: str, kinds: Collection[PageKind] = (PageKind.DOCUMENT,)) -> Member:
    """Return the published document that somebody means by its key, its address, its number or its whole title.

    Raises:
        UnknownDocumentError: no site of the city publishes one that is called so.
        AmbiguousDocumentError: several are; the message lists addresses.

    """
    plain = reference.strip()
    sites = {site.uuid: site for site in directory().of_city(city_slug) if site.is_live}
    here = Projection.objects.live().filter(tenant__uuid__in=list(sites), page_kind__in=[kind.value for kind in kinds])
    rows = list(here.filter(_meant(plain)).select_related("tenant").without_text().order_by("pk")[: MOST_NAMED + 1])
    if plain.startswith(("http://", "https://")):
        rows = [row for row in rows if sites[row.tenant.uuid].primary_domain == urlsplit(plain).hostname]
    if not rows:
        raise UnknownDocumentError(plain)
    if len(rows) > 1:
        raise AmbiguousDocumentError(plain, [site_url(sites[row.tenant.uuid], row.path) for row in rows[:MOST_NAMED]])
    return Member(rows[0].tenant.uuid, rows[0].page_id)


def _meant(plain: str) -> Q:
    if plain.startswith(("http://", "https://")):
        return Q(path=urlsplit(plain).path)
    return Q(pk=plain) | Q(doc_nos__contains=[plain]) | Q(title=plain.strip("《》"))
