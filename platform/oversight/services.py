"""Fetches a site's pages as a crawler does and compares what they say of themselves with what is on record."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from html.parser import HTMLParser
from http import HTTPStatus
from urllib.parse import urlsplit

from defusedxml import ElementTree
from django.conf import settings
from django.test import Client
from typing_extensions import override

from oversight.contract import DATE_FORM, REQUIRED, Fault, Inspected, NoAddressesError, Sort
from registry.contract import TenantRef
from registry.selectors import site_url
from search.selectors import paths_of_site

_LOCATION = "{http://www.sitemaps.org/schemas/sitemap/0.9}loc"
_HTTPS = 443
_SITE_RECORD = "Mend the site's record: `manage.py site show`."
_TEMPLATE = "A template lost it: run the tests of the theme."
_COLUMN = "Fill it in at the column, or at the text."


def inspect_site(tenant: TenantRef, *, most: int) -> Inspected:
    """Fetch up to so many pages of a site, evenly spread over all it lists, the home page first; 0 means all of them.

    Raises:
        NoAddressesError: the site does not answer with its list of addresses, for instance because it is suspended.

    """
    reader = _Reader(tenant)
    listed = reader.addresses()
    texts = paths_of_site(tenant)
    chosen = _spread(listed, most) if most else listed
    faults = [fault for path in chosen for fault in _faults(reader, path, _sort(path, texts))]
    return Inspected(site=tenant.slug, fetched=len(chosen), listed=len(listed), faults=tuple(faults))


def _spread(paths: Sequence[str], most: int) -> list[str]:
    if len(paths) <= most:
        return list(paths)
    return [paths[place * len(paths) // most] for place in range(most)]


def _sort(path: str, texts: frozenset[str]) -> Sort:
    if path == "/":
        return Sort.HOME
    return Sort.TEXT if path in texts else Sort.LIST


class _Reader:
    """Asks the product for a site's pages, through all that stands between a reader and a page."""

    def __init__(self, tenant: TenantRef) -> None:
        self.tenant = tenant
        self._client = Client(raise_request_exception=False)

    def get(self, path: str) -> tuple[int, str]:
        answer = self._client.get(path, secure=settings.PUBLIC_PORT == _HTTPS, headers={"host": self.tenant.primary_domain})
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
        return answer.status_code, content.decode()

    def addresses(self) -> list[str]:
        """Return the paths the site lists for search engines, in its order."""
        return [urlsplit(page).path for part in self._locations("/sitemap.xml") for page in self._locations(part)]

    def _locations(self, path: str) -> list[str]:
        address = urlsplit(path)
        status, content = self.get(f"{address.path}?{address.query}" if address.query else address.path)
        if status != HTTPStatus.OK:
            raise NoAddressesError(f"{self.tenant.slug} answers {status} for {address.path}, so nobody can look at its pages. Is it live?")
        return [node.text or "" for node in ElementTree.fromstring(content).iter(_LOCATION)]


def _faults(reader: _Reader, path: str, sort: Sort) -> Iterator[Fault]:
    status, html = reader.get(path)
    if status != HTTPStatus.OK:
        yield Fault(path, f"answers {status}", "It is listed for search engines: publish it again, or run `search reconcile`.")
        return
    page = _Head()
    page.feed(html)
    for name in REQUIRED[sort]:
        values = page.tags.get(name, [])
        if len(values) != 1:
            yield Fault(path, f"{name} is there {len(values)} times, not once", _TEMPLATE)
        elif not values[0].strip():
            yield Fault(path, f"{name} is empty", _SITE_RECORD if name.startswith("Site") else _COLUMN)
        elif wrong := _wrong(name, values[0], reader.tenant):
            yield Fault(path, f"{name} is {values[0]!r}: {wrong}", _SITE_RECORD if name.startswith("Site") else _TEMPLATE)
    if page.canonical != [site_url(reader.tenant, path)]:
        yield Fault(path, f"the canonical address is {page.canonical or 'missing'}", _TEMPLATE)
    if not page.title.strip():
        yield Fault(path, "the title is empty", "Give the page a title.")
    yield from (Fault(path, "a block of schema.org is no JSON", _TEMPLATE) for block in page.data if not _is_json(block))


def _wrong(name: str, value: str, tenant: TenantRef) -> str:
    """Return what is wrong with a tag's value, nothing when it is right."""
    on_record: Mapping[str, str] = {"SiteName": tenant.name, "SiteDomain": tenant.primary_domain, "SiteIDCode": tenant.identifier}
    if name in on_record and value != on_record[name]:
        return f"on record is {on_record[name]!r}"
    return "it must be like 2026-07-19 07:16" if name == "PubDate" and not _is_moment(value) else ""


def _is_moment(value: str) -> bool:
    try:
        return bool(re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d", value)) and bool(datetime.strptime(value, DATE_FORM))  # noqa: DTZ007 - only its form
    except ValueError:
        return False


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


class _Head(HTMLParser):
    """Collects what stands in a page's head."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: dict[str, list[str]] = {}
        self.canonical: list[str] = []
        self.title = ""
        self.data: list[str] = []
        self._inside = ""

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "meta" and "name" in values:
            self.tags.setdefault(values["name"], []).append(values.get("content", ""))
        elif tag == "link" and values.get("rel") == "canonical":
            self.canonical.append(values.get("href", ""))
        elif tag == "script" and values.get("type") == "application/ld+json":
            self.data.append("")
            self._inside = "data"
        elif tag == "title" and not self.title:
            self._inside = "title"

    @override
    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "title"):
            self._inside = ""

    @override
    def handle_data(self, data: str) -> None:
        if self._inside == "title":
            self.title += data
        elif self._inside == "data":
            self.data[-1] += data
