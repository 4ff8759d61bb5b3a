"""Addresses of a search with other choices: everything a reader chose is in the address."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from search.contract import Place, Sort
from search.requests.parameters import DEFAULT_SIZE
from search.requests.understanding import Asked

FILTERS = ("tab", "site", "region", "issuer", "kind", "year", "date_from", "date_to", "validity", "file", "topic", "in")
_USUAL: Mapping[str, Any] = {"in": Place.ALL, "sort": Sort.RELEVANCE, "page": 1, "size": DEFAULT_SIZE}


class Linker:
    """Makes addresses of this search with other choices; what is as usual is left out, the scope never, where there are two."""

    def __init__(self, asked: Asked, *, path: str, has_scopes: bool) -> None:
        question = asked.question
        self._path = path
        site = next((site.slug for site in asked.sites if site.uuid == question.site), "")
        self._now: dict[str, Any] = {
            "q": question.text,
            "scope": asked.reach if has_scopes else "",
            "tab": question.tab or "",
            "site": site,
            "region": question.region,
            "issuer": question.issuer,
            "kind": question.kind or "",
            "year": question.year or "",
            "date_from": question.since or "",
            "date_to": question.until or "",
            "validity": question.validity or "",
            "file": question.file or "",
            "topic": question.topic.slug if question.topic else "",
            "in": question.place,
            "exact": "1" if question.is_verbatim else "",
            "lift": "0" if question.is_level else "",
            "sort": question.sort,
            "page": 1,
            "size": question.size,
        }
        self._said = {name: _said(name, value) for name, value in self._now.items()}  # a page has a hundred addresses: encoded once

    def __call__(self, **changes: Any) -> str:
        """Return the address with these choices changed; an empty one lets go of it."""
        return self.to(self._path, **changes)

    def to(self, path: str, **changes: Any) -> str:
        """Return the same for another path, such as the feed's."""
        said = self._said | {name: _said(name, value) for name, value in changes.items()}
        kept = "&".join(part for part in said.values() if part)
        return f"{path}?{kept}" if kept else path

    def kept(self, **changes: Any) -> dict[str, str]:
        """Return the parameters that have to be said."""
        chosen = self._now | changes
        return {name: str(value) for name, value in chosen.items() if not _is_usual(name, value)}

    def without_filters(self) -> str:
        """Return the address with the query and the scope alone."""
        return self(**dict.fromkeys(FILTERS, ""))


def _is_usual(name: str, value: Any) -> bool:
    return value in ("", None) or value == _USUAL.get(name)


def _said(name: str, value: Any) -> str:
    """Return a parameter as the address says it; nothing where it is as usual."""
    return "" if _is_usual(name, value) else urlencode({name: value})
