"""Verbs: relate texts, keep both sides in step, and never against reason; each in one transaction with all it changes elsewhere."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.utils.module_loading import import_string

from library.contract import (
    ACYCLIC,
    CHANGING,
    OF_DOCUMENTS,
    ContradictionError,
    CycleError,
    Member,
    NotEntitledError,
    PartnerLockedError,
    RelationKind,
    SelfRelationError,
    UnknownDocumentError,
    Wanted,
)
from library.models import Relation
from registry.contract import Kind, State
from registry.selectors import directory
from search.contract import PageKind
from search.models import Projection

_LOCK = 0x6C696272  # one change of relations at a time: two at once could close a circle that neither sees
MOST_FOLLOWED = 1_000  # documents of a chain
GONE = (State.CLOSED, State.PURGED)


def relate(kind: RelationKind, *, source: Member, source_title: str, target: Member, effective_on: dt.date | None = None) -> None:
    """Say that a text has a relation to a document; a second time changes nothing. The document follows in the same transaction.

    Raises:
        RelationError: it is refused; the message says why, for editors.

    """
    said = [Wanted(RelationKind(row.kind), row.target, row.effective_on) for row in Relation.objects.said_by(source).filter(kind=kind)]
    others = [wanted for wanted in said if wanted.target != target]
    replace_relations(source, [*others, Wanted(kind, target, effective_on)], source_title=source_title, kinds=[kind])


def unrelate(kind: RelationKind, *, source: Member, target: Member) -> bool:
    """Take a relation back; return whether there was one. The document is again what it was without it."""
    with transaction.atomic():
        _lock()
        gone, _ = Relation.objects.said_by(source).said_of(target).filter(kind=kind).delete()
        if gone and kind in CHANGING:
            _settle([target])
    return bool(gone)


def replace_relations(
    source: Member, wanted: Sequence[Wanted], *, source_title: str, kinds: Collection[RelationKind] = OF_DOCUMENTS
) -> int:
    """Let a text have exactly these relations of these kinds, and return how many rows changed; the documents follow.

    Raises:
        RelationError: one of them is refused, and nothing is changed; the message says why, for editors.

    """
    with transaction.atomic():
        _lock()
        check_relations(wanted, site=source.site, page=source.page, source_title=source_title)
        rows = {(RelationKind(row.kind), row.target): row for row in Relation.objects.said_by(source).filter(kind__in=kinds)}
        known = {key: row.effective_on for key, row in rows.items()}
        new = {(each.kind, each.target): each.effective_on for each in wanted}
        changed = {key for key in {*known, *new} if key not in new or key not in known or known[key] != new[key]}
        Relation.objects.filter(pk__in=[row.pk for key, row in rows.items() if key not in new]).delete()
        for kind, target in changed & set(new):
            _write(source, source_title, kind, target, effective_on=new[kind, target])
        Relation.objects.said_by(source).exclude(source_title=source_title).update(source_title=source_title)
        Relation.objects.said_of(source).exclude(target_title=source_title).update(target_title=source_title)
        _settle(target for kind, target in changed if kind in CHANGING)
    return len(changed)


def check_relations(wanted: Iterable[Wanted], *, site: UUID, page: int | None, source_title: str) -> None:
    """Refuse relations that a text of a site cannot have; changes nothing. `page` is none for a text that is not saved yet.

    Raises:
        SelfRelationError, ContradictionError, CycleError, NotEntitledError, UnknownDocumentError: what is wrong; titles are named.

    """
    source = Member(site, page) if page is not None else None
    said = {(row.kind, row.target) for row in Relation.objects.said_by(source)} if source else set()
    by_target: dict[Member, RelationKind] = {}
    for each in wanted:
        if each.target == source:
            raise SelfRelationError(each.kind, source_title)
        is_new = (each.kind.value, each.target) not in said
        title = _check_target(each, site=site) if is_new else _known_title(each.target)
        other = by_target.setdefault(each.target, each.kind)
        if other is not each.kind and {other, each.kind} & set(CHANGING):
            raise ContradictionError(other, source_title, each.kind, title)
        if source is not None and is_new:
            _check_acyclic(source, each, source_title=source_title)


def _lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _write(source: Member, source_title: str, kind: RelationKind, target: Member, *, effective_on: dt.date | None) -> None:
    Relation.objects.update_or_create(
        kind=kind.value,
        source_site=source.site,
        source_page=source.page,
        target_site=target.site,
        target_page=target.page,
        defaults={"source_title": source_title, "effective_on": effective_on, "target_title": _known_title(target)},
    )


def _known_title(member: Member) -> str:
    """Return what a page is called, or was when a relation was last written."""
    title = Projection.objects.filter(pk=member.key).values_list("title", flat=True).first()
    return title or Relation.objects.said_of(member).order_by("-pk").values_list("target_title", flat=True).first() or ""


def _check_target(wanted: Wanted, *, site: UUID) -> str:
    """Return the title of a document that a text of this site may be related to in this way."""
    row = Projection.objects.live().filter(pk=wanted.target.key).only("title", "page_kind").first()
    here, there = (directory().by_uuid.get(uuid) for uuid in (site, wanted.target.site))
    if row is None or here is None or there is None or row.page_kind != PageKind.DOCUMENT or here.city_slug != there.city_slug:
        raise UnknownDocumentError(row.title if row else wanted.target.key)
    if wanted.kind in CHANGING and here.uuid != there.uuid and here.kind is not Kind.CITY:
        raise NotEntitledError(wanted.kind, row.title, there.name)
    return row.title


def _check_acyclic(source: Member, wanted: Wanted, *, source_title: str) -> None:
    """Refuse a relation whose target leads back to the text by relations of the same sort."""
    sort = next((sort for sort in ACYCLIC if wanted.kind in sort), ())
    came: dict[Member, Relation] = {}
    ring = [wanted.target]
    while ring and len(came) < MOST_FOLLOWED:
        rows = [row for row in Relation.objects.said_by(*ring).filter(kind__in=sort) if row.target not in came]
        came |= {row.target: row for row in rows}
        if source in came:
            raise CycleError([(source_title, wanted.kind, _known_title(wanted.target)), *_way_back(source, wanted.target, came)])
        ring = [row.target for row in rows]


def _way_back(source: Member, target: Member, came: Mapping[Member, Relation]) -> list[tuple[str, RelationKind, str]]:
    steps = [came[source]]
    while steps[0].source != target:
        steps.insert(0, came[steps[0].source])
    return [(row.source_title, RelationKind(row.kind), row.target_title) for row in steps]


def _settle(members: Iterable[Member]) -> None:
    """Have documents take the validity they now have, each in its own site's schema."""
    settle = import_string(settings.DOCUMENT_SETTLER)
    for member in sorted(set(members), key=lambda member: member.key):
        site = directory().by_uuid.get(member.site)
        if site is None or site.state in GONE:
            continue
        if not site.is_writable:
            raise PartnerLockedError(_known_title(member), site.name)
        settle(site, page=member.page)
