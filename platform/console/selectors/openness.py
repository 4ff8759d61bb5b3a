"""Reads: the city's figure of openness: how complete and how late each site is, the worst first, from what was measured last."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from catalogues.contract import StandingRow
from catalogues.models import Standing
from catalogues.selectors import standings
from registry.contract import KIND_LABELS, TenantRef
from registry.schemas import in_public
from registry.selectors import directory, site_url

OLD = timedelta(hours=26)  # a nightly one that did not come
COLUMNS = ("站点", "标识", "编码", "事项", "状态", "条数", "已落实", "逾期", "网址", "统计时间")


@dataclass(frozen=True, slots=True)
class SiteFigure:
    """One site: its statutory entries and its columns."""

    site: TenantRef
    kind: str
    measured_at: datetime | None = None
    is_old: bool = False
    entries: int = 0
    fulfilled: int = 0
    late: int = 0
    blank: int = 0
    overdue: int = 0
    rows: tuple[StandingRow, ...] = ()

    @property
    def missing(self) -> int:
        """How many statutory entries nothing fulfils."""
        return self.entries - self.fulfilled

    @property
    def percent(self) -> int:
        """The share that is fulfilled, rounded down: 100 only where all are."""
        return self.fulfilled * 100 // self.entries if self.entries else 0


@dataclass(frozen=True, slots=True)
class EntryFigure:
    """One statutory entry over all measured sites."""

    code: str
    title: str
    missing: int
    late: int
    sites: int


def site_figures(*, now: datetime) -> list[SiteFigure]:
    """Return the sites that readers see, the worst first: not measured, then by the share fulfilled, as lists are not equally long."""
    sites = [ref for ref in directory().by_uuid.values() if ref.is_live]
    with in_public():
        known = standings(ref.uuid for ref in sites)
    figures = [_figure(ref, known.get(ref.uuid), now) for ref in sites]
    return sorted(figures, key=lambda each: (each.measured_at is not None, each.percent, -each.late, -each.blank, each.site.region_code))


def entry_figures(figures: list[SiteFigure]) -> list[EntryFigure]:
    """Return the statutory entries, those that most sites lack first."""
    missing: Counter[str] = Counter()
    late: Counter[str] = Counter()
    sites: Counter[str] = Counter()
    titles: dict[str, str] = {}
    for row in (row for figure in figures for row in figure.rows):
        titles.setdefault(row.code, row.title)
        sites[row.code] += 1
        missing[row.code] += not row.is_fulfilled
        late[row.code] += row.is_late
    found = [EntryFigure(code, title, missing[code], late[code], sites[code]) for code, title in titles.items()]
    return sorted(found, key=lambda each: (-each.missing, -each.late, each.code))


def row_url(site: TenantRef, row: StandingRow) -> str:
    """Return where readers find an entry on a site; empty where it has no such page."""
    return site_url(site, row.url) if row.url else ""


def table(figures: list[SiteFigure]) -> Iterator[list[object]]:
    """Yield the lines of the table: one a site and entry, the worst site first."""
    for figure in figures:
        for row in figure.rows:
            states = ["是" if row.is_fulfilled else "否", "是" if row.is_late else "否"]
            measured = figure.measured_at.isoformat(timespec="seconds") if figure.measured_at else ""
            site = figure.site
            yield [site.name, site.slug, row.code, row.title, row.words, row.count, *states, row_url(site, row), measured]


def _figure(site: TenantRef, standing: Standing | None, now: datetime) -> SiteFigure:
    kind = KIND_LABELS[site.kind]
    if standing is None:
        return SiteFigure(site, kind)
    rows = tuple(StandingRow(**row) for row in standing.rows)
    return SiteFigure(
        site=site,
        kind=kind,
        measured_at=standing.measured_at,
        is_old=now - standing.measured_at > OLD,
        entries=len(rows),
        fulfilled=sum(row.is_fulfilled for row in rows),
        late=sum(row.is_late for row in rows),
        blank=standing.blank,
        overdue=standing.overdue,
        rows=rows,
    )
