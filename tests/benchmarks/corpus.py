"""The real texts multiplied by county: as many documents as wanted, always the same ones, on the sites of one city.

The first 3,655 are the texts as they are. Of those after them every fourth is a repost, word for word, of the same text one round
earlier, on another site; the others are what a county makes of a text: its name before the title, a stretch of the body with a line of
its own above it, its own number, office, date, class and validity. The first documents of a larger corpus are the smaller one.
"""

import datetime as dt
import random
from collections.abc import Iterator, Sequence
from typing import Any

from django.utils import timezone

from registry.contract import Kind, TenantRef
from registry.models import Region, Tenant
from registry.selectors import tenant_by_slug
from search.contract import Category, PageKind, SearchDocument, Tab, Validity
from tests.benchmarks.measuring import SEED
from tests.factories.sites import TAIYUAN, open_sites
from tests.factories.texts import all_texts

SITES = 30
WINDOW = 2000  # characters of a multiplied text
REPOSTS = 4  # every fourth copy is the same text on another site
NUMBERED = 0.2  # of the counties' texts
EARLIEST, DAYS = dt.date(2008, 1, 1), 6800
TABS = {Tab.POLICY: 30, Tab.NEWS: 30, Tab.OPENNESS: 15, Tab.INTERPRETATION: 8, Tab.SERVICE: 8, Tab.DIALOGUE: 4, Tab.OTHER: 5}
VALIDITIES = {
    Validity.IN_FORCE: 55,
    Validity.UNKNOWN: 25,
    Validity.AMENDED: 10,
    Validity.REPEALED: 7,
    Validity.EXPIRED: 3,
}


def open_city() -> list[TenantRef]:
    """Open the portal, the city's counties and as many departments as it takes; those that are there are left as they are."""
    counties = Region.objects.filter(parent=TAIYUAN, level=Region.Level.COUNTY).order_by("code").values_list("slug", "code", "name")
    specs: dict[str, dict[str, Any]] = {"taiyuan": {}}
    for slug, code, name in counties:
        specs[slug] = {"name": f"{name}人民政府", "short_name": name, "kind": Kind.COUNTY, "region_code": code, "theme": "azure"}
    specs |= {f"dept-{number}": {} for number in range(SITES - len(specs))}
    there = set(Tenant.objects.values_list("slug", flat=True))
    for slug, changes in specs.items():
        if slug not in there:
            open_sites(slug, **changes)
    return [tenant_by_slug(slug) for slug in specs]


def documents(sites: Sequence[TenantRef], *, start: int, count: int) -> Iterator[SearchDocument]:
    """Yield `count` documents from number `start` on."""
    counties = list(Region.objects.filter(level=Region.Level.COUNTY).order_by("code").values_list("name", flat=True))
    for number in range(start, start + count):
        yield document(sites[number % len(sites)], _text(number, counties), page_id=number + 1)


def document(site: TenantRef, text: dict[str, Any], *, page_id: int) -> SearchDocument:
    """Return a text of the corpus as a page of a site."""
    published = next((text[name] for name in ("published", "promulgated", "version_date") if text.get(name)), "")
    kind, validity = text.get("kind"), text.get("validity")
    return SearchDocument(
        tenant=site,
        page_id=page_id,
        title=text["title"],
        kind=PageKind.DOCUMENT,
        category=Category(kind) if kind in set(Category) else None,
        tab=Tab(text.get("tab") or Tab.OTHER),
        path=f"/zwgk/flfg/{page_id}/",
        body=text["body"],
        source_id=text["id"],
        doc_nos=tuple(text.get("doc_nos") or ()),
        issuer=text.get("issuer") or "",
        place=text.get("region") or "",
        published_at=timezone.make_aware(dt.datetime.combine(dt.date.fromisoformat(published), dt.time(8))) if published else None,
        validity=Validity(validity) if validity in set(Validity) else Validity.UNKNOWN,
        group=text.get("group") or "",
        version_date=dt.date.fromisoformat(text["version_date"]) if text.get("version_date") else None,
    )


def _text(number: int, counties: Sequence[str]) -> dict[str, Any]:
    texts = all_texts()
    text = texts[number % len(texts)]
    if number < len(texts):
        return text
    if number % REPOSTS == 0:  # the one before is none, because the number of texts is odd
        return _text(number - len(texts), counties) | {"id": f"{text['id']}-{number}"}
    return text | _changes(number, text, random.Random(f"{SEED}-{number}"), counties)  # noqa: S311 - the same documents in every run


def _changes(number: int, text: dict[str, Any], dice: random.Random, counties: Sequence[str]) -> dict[str, Any]:
    """Return what a county makes of a text."""
    county = dice.choice(counties)
    day = EARLIEST + dt.timedelta(days=dice.randrange(DAYS))
    own = f"{county[:1]}政发〔{day.year}〕{dice.randrange(1, 200)}号"
    start = dice.randrange(max(1, len(text["body"]) - WINDOW))
    heading = f"{county}人民政府 {own} {day.year}年{day.month}月{day.day}日"
    return {
        "id": f"{text['id']}-{number}",
        "title": county + text["title"],
        "body": f"{heading}\n{text['body'][start : start + WINDOW]}",
        "doc_nos": [own] if dice.random() < NUMBERED else [],
        "issuer": f"{county}人民政府",
        "region": county,
        "published": day.isoformat(),
        "version_date": day.isoformat(),
        "tab": _one_of(TABS, dice),
        "validity": _one_of(VALIDITIES, dice),
        "group": "",
    }


def _one_of(shares: dict[Any, int], dice: random.Random) -> Any:
    return dice.choices(list(shares), weights=list(shares.values()))[0]
