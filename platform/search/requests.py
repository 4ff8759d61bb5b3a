"""From a request's parameters to a checked question; every parameter that cannot be right is named, and has a sane value instead."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from registry.contract import TenantRef
from registry.selectors import directory
from search import selectors
from search.analysis.folding import clean_query
from search.contract import MAX_DEPTH, MAX_SIZE, QUERY_LENGTH, Category, Question, Scope, Sort

PARAMETERS = ("q", "scope", "site", "kind", "year", "sort", "page", "size")
_FIRST_YEAR, _LAST_YEAR = 1900, 2199
_LONGEST_NUMBER = 9  # digits
DEFAULT_SIZE = 10


class Reach(StrEnum):
    """How far a search reaches, as the address says it."""

    SITE = "site"
    CITY = "city"


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one parameter, for the person who wrote it."""

    field: str
    message: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A request understood: the question, where it is looked for, and what could not be right."""

    question: Question
    reach: Reach
    scope: Scope
    sites: tuple[TenantRef, ...]
    problems: tuple[Problem, ...]


class _Reader:
    """Reads parameters one by one and collects what is wrong."""

    def __init__(self, parameters: Mapping[str, str]) -> None:
        self.parameters = parameters
        self.problems: list[Problem] = []

    def text(self, name: str) -> str:
        return self.parameters.get(name, "").strip()

    def refuse(self, field: str, message: str) -> None:
        self.problems.append(Problem(field, message))

    def number(self, name: str, *, default: int, first: int, last: int, message: str) -> int:
        text = self.text(name)
        if not text:
            return default
        number = int(text) if text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER else first - 1
        if first <= number <= last:
            return number
        self.refuse(name, message)
        return default

    def choice(self, name: str, choices: type[StrEnum], message: str) -> str:
        text = self.text(name)
        if text and text not in list(choices):
            self.refuse(name, message)
            return ""
        return text


def understand(parameters: Mapping[str, str], *, tenant: TenantRef | None, default_reach: Reach) -> Asked:
    """Return what a request asks, on a site or (tenant None) on the platform's own host."""
    reader = _Reader(parameters)
    for name in parameters:
        if name not in PARAMETERS:
            reader.refuse(clean_query(name, length=40), "没有这个参数。")
    reach = _reach(reader, tenant, default_reach)
    sites = _sites(tenant, reach)
    site = _site(reader, sites)
    kind = reader.choice("kind", Category, "没有这个类别。")
    sort = reader.choice("sort", Sort, f"排序方式只能是 {'、'.join(Sort)}。")
    year = reader.number("year", default=0, first=_FIRST_YEAR, last=_LAST_YEAR, message="年份应为四位数字，例如 2024。")
    size = reader.number("size", default=DEFAULT_SIZE, first=1, last=MAX_SIZE, message=f"每页条数应在 1 到 {MAX_SIZE} 之间。")
    page = reader.number("page", default=1, first=1, last=10**_LONGEST_NUMBER, message="页码应为不小于 1 的整数。")
    if page * size > MAX_DEPTH:
        reader.refuse("page", f"最多可以翻到第 {MAX_DEPTH} 条结果；请增加搜索词或筛选条件，缩小范围。")
        page = MAX_DEPTH // size
    question = Question(
        text=clean_query(parameters.get("q", ""), length=QUERY_LENGTH),
        site=site.uuid if site else None,
        kind=Category(kind) if kind else None,
        year=year or None,
        sort=Sort(sort) if sort else Sort.RELEVANCE,
        page=page,
        size=size,
    )
    return Asked(question, reach, _scope(tenant, reach), sites, tuple(reader.problems))


def _reach(reader: _Reader, tenant: TenantRef | None, default: Reach) -> Reach:
    chosen = reader.choice("scope", Reach, "范围只能是 site（本站）或 city（全市）。")
    if tenant is None and chosen == Reach.SITE:
        reader.refuse("scope", "这里没有“本站”，请用 scope=city。")
        return Reach.CITY
    return Reach(chosen) if chosen else default


def _sites(tenant: TenantRef | None, reach: Reach) -> tuple[TenantRef, ...]:
    """Return the sites one may filter by."""
    known = directory()
    if tenant is None:
        return tuple(site for site in known.by_uuid.values() if site.is_live)
    if reach is Reach.SITE:
        return (tenant,)
    return tuple(site for site in known.of_city(tenant.city_slug) if site.is_live)


def _site(reader: _Reader, sites: tuple[TenantRef, ...]) -> TenantRef | None:
    slug = reader.text("site")
    found = next((site for site in sites if site.slug == slug), None)
    if slug and found is None:
        reader.refuse("site", "所选范围内没有这个网站。")
    return found


def _scope(tenant: TenantRef | None, reach: Reach) -> Scope:
    if tenant is None:
        return selectors.scope_of_everything()
    return selectors.scope_of_site(tenant) if reach is Reach.SITE else selectors.scope_of_city(tenant.city_slug)
