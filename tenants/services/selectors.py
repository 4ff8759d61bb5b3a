"""Reads: the entry to services that a column shows, and which guides lack which key elements."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import EmptyPage, PageNotAnInteger, Paginator
from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest
from wagtail.models import Page

from library.selectors import cited_documents
from registry.contract import TenantRef
from rules.contract import Key, Place
from rules.selectors import value
from search.contract import Validity
from tenants.pages.composing import items_of, items_with, pagination, path_of, readable
from tenants.pages.contract import Item
from tenants.pages.models import ColumnPage
from tenants.services.composing import RowsThere, audience_labels, lines_in, missing_of
from tenants.services.contract import Audience, Depth, Element, days_text
from tenants.services.models import LifeEvent, Material, ProcessStep, ServicePage, Window

ROWS = 20
OTHER_ROWS = 8
ORGAN_ROWS = 10  # guides on their organ's page


@dataclass(frozen=True, slots=True)
class _Facts:
    """What of a guide is needed to choose and count it."""

    pk: int
    audiences: Sequence[str]
    events: Sequence[str]
    organ: str

    def values(self, name: str) -> Sequence[str]:
        """Return what it counts as in a choice."""
        return {"for": self.audiences, "event": self.events, "organ": [self.organ] if self.organ else []}[name]


def on_home(_page: Any, request: HttpRequest, rows: int) -> dict[str, Any]:
    """Return cards of the guides that changed last, for the site's home page; one query."""
    found = readable(ServicePage.objects.order_by("-last_published_at", "-pk"), request)[:rows]
    cards = [{"title": page.title, "url": path_of(page), "summary": page.organ_name} for page in found]
    return {"cards": cards} if cards else {}


def of_organ(organ: Any, request: HttpRequest) -> list[Item]:
    """Return the newest guides of an organ: those that chose it, and those that only have its name; one query."""
    named = Q(organ=organ.pk) | Q(organ=None, organ_name=organ.title)
    found = readable(ServicePage.objects.filter(named).order_by("-last_published_at", "-pk"), request)[:ORGAN_ROWS]
    return items_with(list(found), {})


def entry(column: ColumnPage, request: HttpRequest) -> dict[str, Any]:
    """Return what a column of services shows: ways to choose, a page of guides, and the other texts that stand there."""
    if request.GET.get("texts"):
        return _all_texts(column, request)
    chosen = {name: given for name in ("for", "event", "organ") if (given := request.GET.get(name, ""))}
    below = readable(ServicePage.objects.descendant_of(column), request).order_by("path")
    known = [_Facts(*row) for row in below.values_list("pk", "audiences", "events", "organ_name")]
    events = list(LifeEvent.objects.filter(is_offered=True).order_by("position", "pk"))
    fitting = [facts.pk for facts in known if _fits(facts, chosen)]
    paginator: Paginator[int] = Paginator(fitting, ROWS)
    number, is_beyond = _number(paginator, request.GET.get("page", "1"))
    pks = [] if is_beyond else list(paginator.page(number).object_list)
    others = items_of(list(_texts(column, request)[: OTHER_ROWS + 1]))
    return {
        "has_services": bool(known),
        "choices": _choices(known, chosen, events),
        "is_chosen": bool(chosen),
        "services": _rows(pks),
        "total": len(fitting),
        "others": others[:OTHER_ROWS],
        "others_url": "?texts=1" if len(others) > OTHER_ROWS else "",
        "is_beyond_last": is_beyond,
        "pagination": pagination(number, paginator.num_pages, chosen),
    }


def _texts(column: ColumnPage, request: HttpRequest) -> Any:
    texts = readable(Page.objects.exclude(content_type__model__in=["columnpage", "servicepage"]), request).descendant_of(column)
    return texts.order_by("-first_published_at", "-pk")


def _all_texts(column: ColumnPage, request: HttpRequest) -> dict[str, Any]:
    """Return all the texts of the column that are no guides, by page."""
    paginator: Paginator[Any] = Paginator(_texts(column, request), ROWS)
    number, is_beyond = _number(paginator, request.GET.get("page", "1"))
    return {
        "is_texts": True,
        "others": [] if is_beyond else items_of(list(paginator.page(number).object_list)),
        "total": paginator.count,
        "is_beyond_last": is_beyond,
        "pagination": pagination(number, paginator.num_pages, {"texts": "1"}),
    }


def _fits(facts: _Facts, chosen: Mapping[str, str]) -> bool:
    return all(given in facts.values(name) for name, given in chosen.items())


def _number(paginator: Paginator[Any], asked: str) -> tuple[int, bool]:
    """Return the asked page's number and whether it lies beyond the last; what is no number means the first."""
    try:
        return paginator.validate_number(asked), False
    except PageNotAnInteger:
        return 1, False
    except EmptyPage:
        return paginator.num_pages, True


def _choices(known: Sequence[_Facts], chosen: Mapping[str, str], events: Sequence[LifeEvent]) -> list[dict[str, Any]]:
    """Return the ways to choose, each value with how many guides it leaves; what leaves none is left out."""
    labels = {
        "for": [(choice.value, choice.label) for choice in Audience],
        "person": [(event.code, event.label) for event in events if event.audience == Audience.PERSON],
        "enterprise": [(event.code, event.label) for event in events if event.audience != Audience.PERSON],
        "organ": [(name, name) for name in sorted({facts.organ for facts in known if facts.organ})],
    }
    groups = [
        ("for", "服务对象", labels["for"]),
        ("event", "个人生命周期", labels["person"]),
        ("event", "企业生命周期", labels["enterprise"]),
        ("organ", "办理机构", labels["organ"]),
    ]
    made = [{"title": title, "values": _values(name, values, known, chosen)} for name, title, values in groups]
    return [group for group in made if group["values"]]


def _values(name: str, values: Iterable[tuple[str, str]], known: Sequence[_Facts], chosen: Mapping[str, str]) -> list[dict[str, Any]]:
    others = {other: given for other, given in chosen.items() if other != name}
    counts = Counter(value for facts in known if _fits(facts, others) for value in facts.values(name))
    return [
        {
            "label": label,
            "count": counts[code],
            "is_current": chosen.get(name) == code,
            "url": "?" + urlencode(others if chosen.get(name) == code else {**others, name: code}),
        }
        for code, label in values
        if counts[code] or chosen.get(name) == code
    ]


def _rows(pks: Sequence[int]) -> list[dict[str, Any]]:
    found = ServicePage.objects.in_bulk(pks)
    return [_row(found[pk]) for pk in pks if pk in found]


def _row(page: ServicePage) -> dict[str, Any]:
    limit = page.statutory_days if page.promised_days is None else page.promised_days
    return {
        "title": page.title,
        "url": path_of(page),
        "organ": page.organ_name,
        "audiences": audience_labels(page.audiences),
        "limit": days_text(limit),
        "depth": Depth(page.online_depth).label if page.online_depth else "",
        "visits": "" if page.visits is None else f"到现场 {page.visits} 次" if page.visits else "不用到现场",
        "entry": page.entry,
    }


# --- what inspections look for -------------------------------------------------


@dataclass(frozen=True, slots=True)
class Incomplete:
    """A guide that readers see, and the key elements it lacks."""

    pk: int
    title: str
    path: str
    organ: str
    missing: tuple[Element, ...]


@dataclass(frozen=True, slots=True)
class Completeness:
    """How complete a site's guides are, and whether an inspection would veto it (服务不实用).

    `kinds` and `items` are the numbers that hold on the day: from how many kinds a guide counts, and how many such guides are too many.
    """

    total: int
    rows: tuple[Incomplete, ...]
    kinds: int
    items: int

    @property
    def too_incomplete(self) -> int:
        """How many guides lack as many kinds as count."""
        return sum(len(row.missing) >= self.kinds for row in self.rows)

    @property
    def is_vetoed(self) -> bool:
        """Whether too many guides do; every one, where there are fewer than that; or there is no guide at all."""
        return self.total == 0 or self.too_incomplete >= min(self.items, self.total)


def completeness(tenant: TenantRef, *, on: dt.date) -> Completeness:
    """Return which of the guides readers see lack key elements, the worst first; three statements however many there are.

    Raises:
        NoRuleError: no rule says from how many on a guide, or a site, fails.

    """
    place = Place.of(region_code=tenant.region_code, tenant=tenant.slug)
    pages = list(_with_rows().live())
    rows = [Incomplete(page.pk, page.title, path_of(page), page.organ_name, lacking) for page in pages if (lacking := _missing(page))]
    return Completeness(
        total=len(pages),
        rows=tuple(sorted(rows, key=lambda row: (-len(row.missing), row.pk))),
        kinds=value(Key.SERVICE_ELEMENTS_MISSING, on=on, place=place),
        items=value(Key.SERVICE_ITEMS_INCOMPLETE, on=on, place=place),
    )


@dataclass(frozen=True, slots=True)
class Outdated:
    """A guide that readers see, and a document it rests on that holds no more."""

    pk: int
    title: str
    path: str
    basis: str
    validity: Validity


def outdated(tenant: TenantRef) -> list[Outdated]:
    """Return which guides rest on documents of the library that are repealed or have expired; two statements however many there are."""
    lines = [(page, line) for page in ServicePage.objects.live().order_by("path") for line in lines_in(page.basis)]
    cited = cited_documents([line for _, line in lines], site=tenant, most=None)
    return [
        Outdated(page.pk, page.title, path_of(page), each.name, each.partner.validity)
        for (page, _), each in zip(lines, cited, strict=True)
        if each.partner is not None and each.partner.validity in (Validity.REPEALED, Validity.EXPIRED)
    ]


def _with_rows() -> Any:
    """Return guides that know which rows they have, so that nobody asks for each."""
    own = Q(service=OuterRef("pk"))
    windows = Window.objects.filter(own)
    return ServicePage.objects.annotate(
        has_materials=Exists(Material.objects.filter(own)),
        has_steps=Exists(ProcessStep.objects.filter(own)),
        has_place=Exists(windows.exclude(address="")),
        has_hours=Exists(windows.exclude(hours="")),
        has_phone=Exists(windows.exclude(phone="")),
    )


def _missing(page: Any) -> tuple[Element, ...]:
    rows = RowsThere(materials=page.has_materials, steps=page.has_steps, places=page.has_place, hours=page.has_hours, phones=page.has_phone)
    return missing_of(page, rows)
