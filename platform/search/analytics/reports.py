"""Reads: what was searched for on a site or in a city, never shown for fewer than MIN_SESSIONS sessions."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db import connection

from search.contract import Owner

MIN_SESSIONS = 5
ROWS = 200
SLOW_MS = 300


class Report(StrEnum):
    """What is looked at."""

    TOP = "top"
    RISING = "rising"
    WITHOUT_RESULT = "zero"
    WITHOUT_CLICK = "no-click"
    SLOW = "slow"


REPORT_LABELS = {
    Report.TOP: "热门搜索",
    Report.RISING: "上升最快",
    Report.WITHOUT_RESULT: "无结果",
    Report.WITHOUT_CLICK: "有结果无点击",
    Report.SLOW: "响应较慢",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One query's figures over the days looked at; `before` are its sessions in as many days before those."""

    query: str
    searches: int
    sessions: int
    without_result: int
    clicked: int
    took_p95_ms: int
    before: int


@dataclass(frozen=True, slots=True)
class Totals:
    """All searches of the days, in numbers."""

    searches: int
    sessions: int
    without_result: int
    clicked: int
    degraded: int
    took_median_ms: int
    took_p95_ms: int
    hidden_queries: int  # of too few sessions to be shown


_ORDER: Mapping[Report, tuple[str, str]] = {
    Report.TOP: ("true", "sessions DESC, searches DESC"),
    Report.RISING: ("sessions > before", "(sessions - before)::float / greatest(before, 1) DESC, sessions DESC"),
    Report.WITHOUT_RESULT: ("without_result = searches", "sessions DESC, searches DESC"),
    Report.WITHOUT_CLICK: ("clicked = 0 AND without_result < searches", "sessions DESC, searches DESC"),
    Report.SLOW: (f"took_p95 >= {SLOW_MS}", "took_p95 DESC, sessions DESC"),
}
_FIRST_PAGES = "r.page = 1 AND r.normal <> ''"
_CLICKED = "EXISTS (SELECT 1 FROM public.search_clickrecord c WHERE c.search_id = r.id)"
_EMPTY = "r.total = 0 AND NOT r.is_filtered"
_P95 = "percentile_disc(0.95) WITHIN GROUP (ORDER BY r.took_ms)"
_FIGURES = f"""
    SELECT r.normal AS query,
        count(*) FILTER (WHERE r.at >= %(since)s) AS searches,
        count(DISTINCT r.session) FILTER (WHERE r.at >= %(since)s) AS sessions,
        count(*) FILTER (WHERE r.at >= %(since)s AND {_EMPTY}) AS without_result,
        count(*) FILTER (WHERE r.at >= %(since)s AND {_CLICKED}) AS clicked,
        coalesce({_P95} FILTER (WHERE r.at >= %(since)s), 0) AS took_p95,
        count(DISTINCT r.session) FILTER (WHERE r.at < %(since)s) AS before
    FROM public.search_searchrecord r
    WHERE {{owner}} AND {_FIRST_PAGES} AND r.at >= %(before)s AND r.at < %(until)s
    GROUP BY r.normal
"""  # noqa: S608 - parts of our own


def lines(report: Report, owner: Owner, *, days: int, now: dt.datetime, limit: int = ROWS) -> list[Line]:
    """Return a report's lines: queries of at least MIN_SESSIONS sessions and no others."""
    which, order = _ORDER[report]
    statement = (
        f"SELECT query, searches, sessions, without_result, clicked, took_p95, before FROM ({_figures(owner)}) AS figures "  # noqa: S608 - parts of our own
        f"WHERE sessions >= %(least)s AND {which} ORDER BY {order}, query LIMIT %(limit)s"
    )
    return [Line(*row) for row in _rows(statement, _values(owner, days=days, now=now) | {"least": MIN_SESSIONS, "limit": limit})]


def totals(owner: Owner, *, days: int, now: dt.datetime) -> Totals:
    """Return all searches in numbers."""
    values = _values(owner, days=days, now=now) | {"least": MIN_SESSIONS}
    statement = f"""
        SELECT count(*), count(DISTINCT r.session), count(*) FILTER (WHERE {_EMPTY}), count(*) FILTER (WHERE {_CLICKED}),
            count(*) FILTER (WHERE r.is_degraded),
            coalesce(percentile_disc(0.5) WITHIN GROUP (ORDER BY r.took_ms), 0), coalesce({_P95}, 0)
        FROM public.search_searchrecord r
        WHERE {_owned(owner)} AND {_FIRST_PAGES} AND r.at >= %(since)s AND r.at < %(until)s
    """  # noqa: S608 - parts of our own
    hidden = f"SELECT count(*) FROM ({_figures(owner)}) AS figures WHERE sessions BETWEEN 1 AND %(least)s - 1"  # noqa: S608 - as above
    figures, few = _rows(statement, values)[0], _rows(hidden, values)[0][0]
    return Totals(*(int(figure) for figure in (*figures, few)))


def sites_of(city_slug: str, *, days: int, now: dt.datetime) -> list[tuple[str, int, int, int]]:
    """Return each site of a city with its searches, those without result and those with a click; for the city's staff."""
    statement = f"""
        SELECT t.name, count(*), count(*) FILTER (WHERE {_EMPTY}), count(*) FILTER (WHERE {_CLICKED})
        FROM public.search_searchrecord r JOIN public.registry_tenant t ON t.id = r.tenant_id
        WHERE {_owned(Owner(city_slug))} AND {_FIRST_PAGES} AND r.at >= %(since)s AND r.at < %(until)s
        GROUP BY t.id, t.name ORDER BY count(*) DESC, t.name
    """  # noqa: S608 - parts of our own
    return [(str(name), *figures) for name, *figures in _rows(statement, _values(Owner(city_slug), days=days, now=now))]


def frequent(*, since: dt.datetime, limit: int) -> list[tuple[str, int]]:
    """Return queries that at least MIN_SESSIONS sessions asked and found something with, most asked first; over all sites."""
    statement = """
        SELECT normal, count(DISTINCT session) AS sessions FROM public.search_searchrecord
        WHERE at >= %(since)s AND page = 1 AND total > 0 AND NOT is_filtered AND normal <> ''
        GROUP BY normal HAVING count(DISTINCT session) >= %(least)s ORDER BY sessions DESC, normal LIMIT %(limit)s
    """
    return [(str(query), int(sessions)) for query, sessions in _rows(statement, {"since": since, "least": MIN_SESSIONS, "limit": limit})]


def _figures(owner: Owner) -> str:
    return _FIGURES.format(owner=_owned(owner))


def _owned(owner: Owner) -> str:
    """Return the condition for an owner's searches: a city's are those of all its sites."""
    if owner.site:
        return "r.tenant_id = (SELECT id FROM public.registry_tenant WHERE uuid = %(site)s)"
    return "r.city_id = (SELECT id FROM public.registry_city WHERE slug = %(city)s)"


def _values(owner: Owner, *, days: int, now: dt.datetime) -> dict[str, Any]:
    span = dt.timedelta(days=days)
    return {"site": owner.site, "city": owner.city_slug, "since": now - span, "before": now - 2 * span, "until": now}


def _rows(statement: str, values: Mapping[str, Any]) -> Sequence[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
