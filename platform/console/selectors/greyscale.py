"""Reads: days without colour, those asked for together as one."""

import datetime as dt
from itertools import groupby

from console.contract import GreyRow, Mark, Tone
from registry.models import GreyPeriod
from registry.selectors import planned_grey

_NOW, _TO_COME = Mark(Tone.WARNING, "正在灰度显示"), Mark(Tone.QUIET, "已安排")


def grey_rows(*, now: dt.datetime) -> list[GreyRow]:
    """Return what is going on and what is planned, the next first."""
    groups = groupby(sorted(planned_grey(now=now), key=_asked), key=_asked)
    return [_row(list(rows), now) for _, rows in groups]


def of_numbers(numbers: list[int], *, now: dt.datetime) -> list[GreyPeriod]:
    """Return the times of these numbers that are not over."""
    return [row for row in planned_grey(now=now) if row.pk in numbers]


def place_of(period: GreyPeriod) -> str:
    """Return whose pages it is about."""
    return period.tenant.name if period.tenant else f"{period.city.name}的全部站点"


def _asked(row: GreyPeriod) -> tuple[dt.datetime, dt.datetime, str, str]:
    return row.starts_at, row.ends_at, row.reason, row.set_by


def _row(rows: list[GreyPeriod], now: dt.datetime) -> GreyRow:
    first = rows[0]
    return GreyRow(
        numbers=tuple(row.pk for row in rows),
        places=tuple(place_of(row) for row in rows),
        starts_at=first.starts_at,
        ends_at=first.ends_at,
        reason=first.reason,
        by=first.set_by,
        state=_NOW if first.starts_at <= now else _TO_COME,
    )
