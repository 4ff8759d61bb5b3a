"""Verbs on records and tasks: count days, forget what is old, let somebody see to queries that find nothing."""

import datetime as dt
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models.functions import Now

from observability.audit import record_audit
from registry.models import City, Tenant
from registry.schemas import in_public
from search.analytics import keeping, reports
from search.contract import Owner
from search.models import QueryTask, SearchDay, SearchRecord, SessionSalt

ROWS_PER_DELETE = 5000


class TaskIncompleteError(Exception):
    """A task without somebody who has it, or closed without saying what was done."""


@dataclass(frozen=True, slots=True)
class Purged:
    """What one purge did."""

    days_counted: int
    records: int
    salts: int
    figures: int


def purge(*, now: dt.datetime, is_dry_run: bool = False) -> Purged:
    """Count whole days, then delete records, salts and figures whose time has come; a second run finds nothing left to do."""
    today = now.astimezone(dt.UTC).date()
    text_until = now - dt.timedelta(days=keeping.text_days(on=today))
    figures_until = today - dt.timedelta(days=keeping.figures_days(on=today))
    with in_public():
        old = SearchRecord.objects.filter(at__lt=text_until)
        salts = SessionSalt.objects.filter(day__lt=today)
        figures = SearchDay.objects.filter(day__lt=figures_until)
        if is_dry_run:
            return Purged(_uncounted_days(today), old.count(), salts.count(), figures.count())
        counted = _count_days(today)
        return Purged(counted, _delete_in_parts(text_until), salts.delete()[0], figures.delete()[0])


_DAY = """
    SELECT (at AT TIME ZONE 'UTC')::date AS day, city_id, tenant_id, count(*) AS searches, count(DISTINCT session) AS sessions,
        count(*) FILTER (WHERE total = 0 AND NOT is_filtered) AS without_result,
        count(*) FILTER (WHERE EXISTS (SELECT 1 FROM search_clickrecord c WHERE c.search_id = r.id)) AS with_click,
        count(*) FILTER (WHERE is_degraded) AS degraded,
        percentile_disc(0.5) WITHIN GROUP (ORDER BY took_ms) AS took_median_ms,
        percentile_disc(0.95) WITHIN GROUP (ORDER BY took_ms) AS took_p95_ms
    FROM search_searchrecord r WHERE page = 1 AND at < %s
    GROUP BY 1, 2, 3
"""
_MISSING = f"""
    FROM ({_DAY}) AS d WHERE NOT EXISTS (
        SELECT 1 FROM search_searchday s
        WHERE s.day = d.day AND s.city_id IS NOT DISTINCT FROM d.city_id AND s.tenant_id IS NOT DISTINCT FROM d.tenant_id)
"""  # noqa: S608 - parts of our own


def _uncounted_days(today: dt.date) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) {_MISSING}", [_midnight(today)])
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def _count_days(today: dt.date) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO search_searchday (day, city_id, tenant_id, searches, sessions, without_result, with_click, degraded, "
            f"took_median_ms, took_p95_ms) SELECT * {_MISSING} ON CONFLICT DO NOTHING",
            [_midnight(today)],
        )
        return int(cursor.rowcount)


def _delete_in_parts(until: dt.datetime) -> int:
    """Delete old searches with their clicks, some thousand at a time, so that nobody waits for a long transaction."""
    deleted = 0
    while part := list(SearchRecord.objects.filter(at__lt=until).values_list("pk", flat=True)[:ROWS_PER_DELETE]):
        with transaction.atomic():
            SearchRecord.objects.filter(pk__in=part).delete()
        deleted += len(part)
    return deleted


def open_tasks(*, now: dt.datetime, days: int = 30, is_dry_run: bool = False) -> int:
    """Make a task of every query that found nothing, for its site, and return how many are new; one that was closed stays closed."""
    made = 0
    with in_public():
        for tenant in Tenant.objects.select_related("city"):
            owner = Owner(tenant.city.slug) if tenant.kind == "city" else Owner(tenant.city.slug, tenant.uuid)
            found = reports.lines(reports.Report.WITHOUT_RESULT, Owner(tenant.city.slug, tenant.uuid), days=days, now=now)
            for line in found:
                made += _open_task(owner, line, is_dry_run=is_dry_run)
    return made


@transaction.atomic
def _open_task(owner: Owner, line: reports.Line, *, is_dry_run: bool) -> bool:
    known = QueryTask.objects.owned_by(owner).filter(normal=line.query).first()
    if is_dry_run:
        return known is None
    if known:
        QueryTask.objects.filter(pk=known.pk).update(sessions=line.sessions)
        return False
    QueryTask.objects.create(
        city=City.objects.get(slug=owner.city_slug),
        tenant=Tenant.objects.get(uuid=owner.site) if owner.site else None,
        normal=line.query,
        sessions=line.sessions,
    )
    return True


@transaction.atomic
def settle_task(task: QueryTask, *, state: str, holder: str, action: str, note: str, owner: Owner, by: str) -> QueryTask:
    """Give a task to somebody, or close it.

    Raises:
        TaskIncompleteError: nobody has it, or nothing says what was done.

    """
    if state == QueryTask.State.ASSIGNED and not holder:
        raise TaskIncompleteError("处理中的任务要有负责人。")
    if state == QueryTask.State.DONE and not action:
        raise TaskIncompleteError("办结前请选择处理办法。")
    with in_public():
        task.state, task.holder, task.action, task.note = state, holder, action, note
        task.changed_at = Now()
        task.save()
        record_audit(
            "search.task_settled",
            actor=by,
            subject=task.normal,
            tenant_uuid=owner.site,
            detail={"city": owner.city_slug, "state": state, "holder": holder, "action": action},
        )
    return task


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), dt.UTC)
