"""From parameters to a question, within the sites one may search from here."""

import dataclasses
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from registry.contract import Kind, TenantRef
from registry.selectors import directory
from search import selectors
from search.analysis import places
from search.contract import MAX_DEPTH, Category, FileType, Lift, Place, Question, Scope, Sort, Tab, TopicChoice, Validity
from search.requests.parameters import Problem, Reach, Reader
from vocabularies.selectors import all_topics, family_of, topics


@dataclass(frozen=True, slots=True)
class Asked:
    """A request understood: the question, where it is looked for, and what could not be right."""

    question: Question
    reach: Reach
    scope: Scope
    sites: tuple[TenantRef, ...]
    problems: tuple[Problem, ...]


def understand(parameters: Mapping[str, str], *, tenant: TenantRef | None, default_reach: Reach) -> Asked:
    """Return what a request asks, on a site or (tenant None) on the platform's own host."""
    reader = Reader(parameters)
    reach = _reach(reader, tenant, default_reach)
    sites = _sites(tenant, reach)
    site = _site(reader, sites)
    since, until = _days(reader)
    page, size = _page(reader)
    kind, tab, validity, file = (reader.choice(name) for name in ("kind", "tab", "validity", "file"))
    question = Question(
        text=reader.query(),
        tab=Tab(tab) if tab else None,
        site=site.uuid if site else None,
        region=_region(reader, sites),
        issuer=reader.name("issuer"),
        is_verbatim=reader.choice("exact") == "1",
        is_level=reader.choice("lift") == "0",
        kind=Category(kind) if kind else None,
        year=reader.number("year") or None,
        since=since,
        until=until,
        validity=Validity(validity) if validity else None,
        file=FileType(file) if file else None,
        topic=_topic(reader, tenant),
        place=Place(reader.choice("in")),
        sort=Sort(reader.choice("sort")),
        page=page,
        size=size,
    )
    question = dataclasses.replace(question, lift=_lift(question, tenant, sites))
    return Asked(question, reach, _scope(tenant, reach), sites, tuple(reader.problems))


def _lift(question: Question, tenant: TenantRef | None, sites: tuple[TenantRef, ...]) -> Lift | None:
    """Return whose results come earlier: the places the query names, else the county on whose site the reader stands."""
    is_ranked = bool(question.text) and question.sort is Sort.RELEVANCE
    if not is_ranked or question.site or question.region:
        return None
    lift = _named(question.text, sites)
    if lift is None and tenant is not None and tenant.kind is Kind.COUNTY:
        lift = Lift(regions=(tenant.region_code,), names=(tenant.region_name,), is_named=False)
    if lift is None or {site.region_code for site in sites} <= set(lift.regions):  # before others only where there are others
        return None
    return dataclasses.replace(lift, is_on=not question.is_level)


def _named(text: str, sites: tuple[TenantRef, ...]) -> Lift | None:
    """Return the places a query names; a city stands for all its counties, unless one of them is named beside it."""
    regions = {site.region_code: site.region_name for site in sites}
    cities = {site.region_code: site.city_slug for site in sites if site.kind is Kind.CITY}
    found = places.named(text, places=((name, code) for code, name in regions.items()))
    counties = tuple(code for code in found.codes if code not in cities)
    slugs = {cities[code] for code in found.codes if code in cities}
    codes = counties or tuple(sorted({site.region_code for site in sites if site.city_slug in slugs}))
    names = tuple(regions[code] for code in counties or found.codes)
    return Lift(regions=codes, names=names, is_named=True, rest=found.rest) if codes else None


def _days(reader: Reader) -> tuple[dt.date | None, dt.date | None]:
    since, until = reader.date("date_from"), reader.date("date_to")
    if since and until and since > until:
        reader.refuse("date_to", "截止日期早于起始日期。")
        return since, None
    return since, until


def _page(reader: Reader) -> tuple[int, int]:
    size, page = reader.number("size"), reader.number("page")
    if page * size > MAX_DEPTH:
        reader.refuse("page", f"最多可以翻到第 {MAX_DEPTH} 条结果；请增加搜索词或筛选条件，缩小范围。")
        page = MAX_DEPTH // size
    return page, size


def _reach(reader: Reader, tenant: TenantRef | None, default: Reach) -> Reach:
    chosen = reader.choice("scope")
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


def _site(reader: Reader, sites: tuple[TenantRef, ...]) -> TenantRef | None:
    slug = reader.name("site")
    found = next((site for site in sites if site.slug == slug), None)
    if slug and found is None:
        reader.refuse("site")
    return found


def _region(reader: Reader, sites: tuple[TenantRef, ...]) -> str:
    code = reader.name("region")
    if code and all(site.region_code != code for site in sites):
        reader.refuse("region")
        return ""
    return code


def _topic(reader: Reader, tenant: TenantRef | None) -> TopicChoice | None:
    """Return the topic asked for with all that belong to it; asks for the vocabulary only where one is."""
    slug = reader.name("topic")
    if not slug:
        return None
    known = topics(city=tenant.city_slug, with_retired=True) if tenant else all_topics()
    found = next((topic for topic in known if topic.slug == slug), None)
    if found is None:
        reader.refuse("topic")
        return None
    return TopicChoice(found.slug, found.title, tuple(family_of(slug, known)))


def _scope(tenant: TenantRef | None, reach: Reach) -> Scope:
    if tenant is None:
        return selectors.scope_of_everything()
    return selectors.scope_of_site(tenant) if reach is Reach.SITE else selectors.scope_of_city(tenant.city_slug)
