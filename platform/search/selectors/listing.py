"""What is published, without a query: by topic, by site, by source."""

import datetime as dt
from collections.abc import Collection, Iterable

from django.db.models import CharField, F, Func, Max, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from registry.contract import TenantRef
from registry.selectors import Directory, directory
from search.contract import Gathered, Scope, Tab, Validity
from search.models import Projection, ShownRow
from search.selectors.copies import is_coming, precedence, site_of
from search.selectors.rows import live_copies

COPIES_LOOKED_AT = 3  # of each text, where texts of a topic are listed


def gather(topics: Collection[str], *, scope: Scope, rows: int) -> dict[Tab, list[Gathered]]:
    """Return the newest texts tagged with one of these topics, by class, each text once; one query however many there are.

    One whose newest version is not in force yet is followed by the version that is, read by a second query.
    """
    order = Window(RowNumber(), partition_by="tab", order_by=[F("published_at").desc(nulls_last=True), "pk"])
    tagged = Projection.objects.live().within(scope.sites, hidden=scope.hidden).about(topics).filter(latest=True).without_text()
    known = directory()
    newest = tagged.annotate(order=order).filter(order__lte=rows * COPIES_LOOKED_AT).order_by("tab", "order")
    found = [row for row in newest if site_of(row) in known.by_uuid]
    leading: dict[str, Projection] = {}
    for row in sorted(found, key=lambda row: precedence(row, known)):
        leading.setdefault(row.group, row)
    in_force = _in_force(leading.values(), topics, scope, known)
    gathered: dict[Tab, list[Gathered]] = {}
    for row in found:
        if leading[row.group] is row and len(texts := gathered.setdefault(Tab(row.tab), [])) < rows:
            versions: list[Projection | ShownRow] = [row, in_force[row.group]] if row.group in in_force else [row]
            texts += [_gathered(version, known.by_uuid[site_of(version)]) for version in versions]
    return gathered


def _in_force(newest: Iterable[Projection], topics: Collection[str], scope: Scope, known: Directory) -> dict[str, ShownRow]:
    """Return the versions in force, by text, of those texts whose newest version is not in force yet."""
    today = timezone.localdate()
    found: dict[str, ShownRow] = {}
    if coming := [row.group for row in newest if is_coming(row, today)]:
        rows = [row for row in live_copies(coming) if scope.admits(site_of(row)) and site_of(row) in known.by_uuid]
        tagged = [row for row in rows if not is_coming(row, today) and not set(topics).isdisjoint(row.topics)]
        for row in sorted(tagged, key=lambda row: precedence(row, known)):
            found.setdefault(row.group, row)
    return found


def _gathered(row: Projection | ShownRow, site: TenantRef) -> Gathered:
    return Gathered(
        title=row.title,
        site=site,
        path=row.path,
        tab=Tab(row.tab),
        published_at=row.published_at,
        doc_no=row.doc_nos[0] if row.doc_nos else "",
        validity=Validity(row.validity),
    )


def newest_by_topic(*, scope: Scope) -> dict[str, dt.datetime]:
    """Return when the newest text of each topic was published; one query."""
    tagged = Projection.objects.live().within(scope.sites, hidden=scope.hidden).exclude(topics=[])
    each = tagged.order_by().annotate(topic=Func(F("topics"), function="unnest", output_field=CharField()))
    return dict(each.values_list("topic").annotate(newest=Max("published_at")).exclude(newest=None))


def paths_of_site(site: TenantRef) -> frozenset[str]:
    """Return the addresses of all texts of a site that readers may find, without its host."""
    return frozenset(Projection.objects.live().filter(tenant_id=site.id).values_list("path", flat=True))


def groups_by_source() -> dict[str, str]:
    """Return the group of every live text by its source id; for the evaluation."""
    return dict(Projection.objects.live().exclude(source_id="").values_list("source_id", "group"))
