"""What readers may choose and have chosen: tabs, facets, chips, scopes, orders; each a link with a label."""

from typing import Any

from registry.contract import TenantRef
from search.contract import (
    CATEGORY_LABELS,
    FILE_TYPE_LABELS,
    MAX_DEPTH,
    PLACE_LABELS,
    SORT_LABELS,
    TAB_LABELS,
    VALIDITY_LABELS,
    Count,
    Facet,
    Found,
    Place,
)
from search.presenting.linking import Linker
from search.requests.parameters import Reach
from search.requests.understanding import Asked

FEW = 8  # values of a facet that are shown at once
FACET_TITLES = {
    Facet.SITE: "网站",
    Facet.REGION: "县（市、区）",
    Facet.ISSUER: "机构",
    Facet.KIND: "类型",
    Facet.YEAR: "年份",
    Facet.VALIDITY: "有效性",
    Facet.FILE: "附件类型",
}


def tabs(asked: Asked, found: Found, link: Linker) -> list[dict[str, Any]]:
    """Return the classes with their counts; a class without texts says 0."""
    counts = {count.value: count.count for count in found.facets.get(Facet.TAB, ())}
    everything = {"label": "全部", "count": found.total_of_tabs, "url": link(tab=""), "is_current": asked.question.tab is None}
    classes = [
        {"label": label, "count": min(counts.get(tab.value, 0), MAX_DEPTH), "url": link(tab=tab), "is_current": asked.question.tab is tab}
        for tab, label in TAB_LABELS.items()
    ]
    return [everything, *classes]


def facets(asked: Asked, found: Found, link: Linker) -> list[dict[str, Any]]:
    """Return the facets that have anything to choose, each value with its count; following the chosen one lets go of it."""
    labels, chosen = _Labels(asked), link.kept()
    shown = []
    for facet, title in FACET_TITLES.items():
        values = [
            _value(facet, count, labels, link, chosen.get(facet.value))
            for count in found.facets.get(facet, ())
            if labels.knows(facet, count.value)
        ]
        if values and not (asked.reach is Reach.SITE and facet in (Facet.SITE, Facet.REGION)):
            shown.append({"name": facet.value, "title": title, "values": values[:FEW], "more": values[FEW:]})
    return shown


def told(asked: Asked, found: Found) -> dict[str, Any]:
    """Return the facets as the API tells them."""
    labels = _Labels(asked)
    return {
        facet.value: [
            {"value": labels.parameter(facet, count.value), "label": labels.label(facet, count.value), "count": count.count}
            for count in found.facets.get(facet, ())
            if labels.knows(facet, count.value)
        ]
        for facet in Facet
    }


def chips(asked: Asked, link: Linker) -> list[dict[str, str]]:
    """Return what was chosen, each with the address without it."""
    question, labels = asked.question, _Labels(asked)
    chosen = [
        ("site", labels.label(Facet.SITE, str(question.site)) if question.site else ""),
        ("region", labels.label(Facet.REGION, question.region) if question.region else ""),
        ("issuer", question.issuer),
        ("kind", CATEGORY_LABELS[question.kind] if question.kind else ""),
        ("year", f"{question.year}年" if question.year else ""),
        ("date_from", f"{question.since} 起" if question.since else ""),
        ("date_to", f"{question.until} 止" if question.until else ""),
        ("validity", VALIDITY_LABELS[question.validity] if question.validity else ""),
        ("file", f"有附件：{FILE_TYPE_LABELS[question.file]}" if question.file else ""),
        ("topic", f"专题：{question.topic.title}" if question.topic else ""),
        ("in", PLACE_LABELS[question.place] if question.place is not Place.ALL else ""),
    ]
    return [{"label": label, "url": link(**{name: ""})} for name, label in chosen if label]


def sorts(asked: Asked, link: Linker) -> list[dict[str, Any]]:
    """Return the orders."""
    return [{"label": label, "url": link(sort=sort), "is_current": asked.question.sort is sort} for sort, label in SORT_LABELS.items()]


def places(asked: Asked, link: Linker) -> list[dict[str, Any]]:
    """Return where in a page may be searched."""
    shown = PLACE_LABELS.items() if asked.question.text else ()
    return [{"label": label, "url": link(**{"in": place}), "is_current": asked.question.place is place} for place, label in shown]


def scopes(asked: Asked, link: Linker, tenant: TenantRef | None) -> list[dict[str, Any]]:
    """Return how far may be searched; nothing where there is no choice."""
    if tenant is None:
        return []
    labels = {Reach.CITY: f"全市（{tenant.city_name}）", Reach.SITE: "本站"}
    return [
        {"label": label, "url": link(scope=reach, site="", region=""), "is_current": asked.reach is reach}
        for reach, label in labels.items()
    ]


def days(asked: Asked, link: Linker) -> dict[str, Any]:
    """Return the form for days from and to: its values, and the other choices as hidden fields."""
    kept = link.kept(date_from="", date_to="")
    return {
        "since": str(asked.question.since or ""),
        "until": str(asked.question.until or ""),
        "kept": [{"name": name, "value": value} for name, value in kept.items()],
    }


def _value(facet: Facet, count: Count, labels: "_Labels", link: Linker, chosen: str | None) -> dict[str, Any]:
    value = labels.parameter(facet, count.value)
    is_chosen = chosen == str(value)
    return {
        "label": labels.label(facet, count.value),
        "count": count.count,
        "url": link(**{facet.value: "" if is_chosen else value}),
        "is_current": is_chosen,
    }


class _Labels:
    """What the values of facets are called, among the sites one may search from here."""

    def __init__(self, asked: Asked) -> None:
        self._sites = {str(site.uuid): site for site in asked.sites}
        self._regions = {site.region_code: site.region_name for site in asked.sites}

    def knows(self, facet: Facet, value: str) -> bool:
        """Whether a value may be shown: a site of another scope may not, and what was not classed is not a class."""
        if facet is Facet.SITE:
            return value in self._sites
        if facet is Facet.REGION:
            return value in self._regions
        if facet is Facet.VALIDITY:
            return value in VALIDITY_LABELS
        return value in TAB_LABELS if facet is Facet.TAB else True

    def parameter(self, facet: Facet, value: str) -> str | int:
        """Return the value as the address says it."""
        if facet is Facet.SITE:
            return self._sites[value].slug
        return int(value) if facet is Facet.YEAR else value

    def label(self, facet: Facet, value: str) -> str:
        """Return the value as people read it."""
        if facet is Facet.SITE:
            return self._sites[value].name
        if facet is Facet.REGION:
            return self._regions[value]
        if facet is Facet.YEAR:
            return f"{value}年"
        known: dict[Facet, Any] = {
            Facet.TAB: TAB_LABELS,
            Facet.KIND: CATEGORY_LABELS,
            Facet.VALIDITY: VALIDITY_LABELS,
            Facet.FILE: FILE_TYPE_LABELS,
        }
        return str(known[facet].get(value, value)) if facet in known else value
