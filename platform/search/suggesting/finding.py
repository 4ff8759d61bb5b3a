"""What to suggest for what was typed: names of sites, queries, titles by their beginning, then titles that hold it.

Every title is asked of the projection in the same statement, and a query is suggested only where a live text in scope holds all of it:
so what is withdrawn, hidden or out of scope is not suggested from that moment on, whatever the index of beginnings still says.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db import connection

from registry.contract import TenantRef
from registry.selectors import directory
from search.analysis.folding import fold, letters
from search.analysis.wording import dissect
from search.contract import Scope
from search.curation.rules import Rules
from search.suggesting.forms import forms_of, typed_form

MOST = 8
MOST_SITES, MOST_QUERIES = 2, 4
_FEW, _MANY = 200, 3000  # beginnings looked at; many only where few were not enough
_INSIDE = 300  # titles that hold it, before they are ordered
_SHORTEST_LATIN = 2
_INDEXED_BEGINNING = 2


class Origin(StrEnum):
    """Where a suggestion comes from."""

    SITE = "site"
    QUERY = "query"
    TITLE = "title"


@dataclass(frozen=True, slots=True)
class Suggested:
    """One suggestion."""

    text: str
    origin: Origin


def suggest(typed: str, *, scope: Scope, rules: Rules) -> list[Suggested]:
    """Return at most MOST suggestions, best first; none for what cannot be the beginning of anything."""
    form = typed_form(typed)
    if not form or (form.isascii() and len(form) < _SHORTEST_LATIN):
        return []
    sites = _visible(scope)
    if not sites:
        return []
    found: dict[str, Suggested] = {}
    for each in _candidates(form, typed, sites):
        key = letters(fold(each.text))
        if key not in found and key != form and not rules.denies(each.text):
            found[key] = each
        if len(found) == MOST:
            break
    return list(found.values())


def _candidates(form: str, typed: str, sites: Sequence[TenantRef]) -> Iterator[Suggested]:
    yield from _site_names(form, sites)
    tenants = [site.id for site in sites]
    queries = 0
    for text, is_query in _by_beginning(form, tenants):
        if not is_query:
            yield Suggested(text, Origin.TITLE)
        elif queries < MOST_QUERIES and _has_live_text(text, tenants):
            queries += 1
            yield Suggested(text, Origin.QUERY)
    if not form.isascii():
        yield from (Suggested(text, Origin.TITLE) for text in _by_inside(typed, form, tenants))


def _visible(scope: Scope) -> list[TenantRef]:
    return [site for site in directory().by_uuid.values() if site.is_live and scope.admits(site.uuid)]


def _site_names(form: str, sites: Sequence[TenantRef]) -> Iterator[Suggested]:
    fitting = [site.name for site in sites if any(beginning.startswith(form) for beginning in _site_forms(site))]
    yield from (Suggested(name, Origin.SITE) for name in sorted(fitting, key=lambda name: (len(name), name))[:MOST_SITES])


_known_sites: dict[tuple[str, str, str], tuple[str, ...]] = {}


def _site_forms(site: TenantRef) -> tuple[str, ...]:
    """Return the beginnings of a site's names; kept, because spelling takes time and names hardly change."""
    names = (site.name, site.short_name, site.region_name)
    if names not in _known_sites:
        _known_sites[names] = tuple(dict.fromkeys(form for name in names for form in forms_of(name)))
    return _known_sites[names]


_BEGINNING = """
    WITH near AS (SELECT suggestion_id, weight FROM public.search_suggestionform WHERE {where} ORDER BY weight DESC LIMIT %(most)s)
    SELECT s.text, s.is_query FROM near JOIN public.search_suggestion s ON s.id = near.suggestion_id
    WHERE s.is_query OR EXISTS (
        SELECT 1 FROM public.search_suggestionsource c JOIN public.search_projection p ON p.id = c.projection_id
        WHERE c.suggestion_id = s.id AND p.state = 'live' AND p.title = s.text AND p.tenant_id = ANY(%(tenants)s))
    GROUP BY s.id ORDER BY s.is_query DESC, max(near.weight) DESC, s.text LIMIT %(wanted)s
"""


def _by_beginning(form: str, tenants: Sequence[int]) -> list[tuple[str, bool]]:
    """Return what begins like this; one or two characters begin too much to be put in order, so the index has them by weight."""
    last = form[:-1] + chr(ord(form[-1]) + 1)
    where = "form >= %(form)s AND form < %(last)s"
    if len(form) <= _INDEXED_BEGINNING:
        where = f"left(form, {len(form)}) = %(form)s"
    statement = _BEGINNING.format(where=where)
    values = {"form": form, "last": last, "tenants": list(tenants), "wanted": MOST * 3}
    rows = _rows(statement, values | {"most": _FEW})
    if len(rows) < MOST:  # perhaps most of the beginnings looked at are out of scope
        rows = _rows(statement, values | {"most": _MANY})
    return [(str(text), bool(is_query)) for text, is_query in rows]


_INSIDE_TITLE = """
    SELECT p.title FROM public.search_projection p
    WHERE p.state = 'live' AND p.tenant_id = ANY(%(tenants)s) AND p.title_terms @@ %(terms)s::tsquery LIMIT %(most)s
"""
_HOLDS = """
    SELECT EXISTS (SELECT 1 FROM public.search_projection p WHERE p.state = 'live' AND p.tenant_id = ANY(%(tenants)s)
        AND (p.title_terms @@ %(terms)s::tsquery OR p.body_terms @@ %(terms)s::tsquery))
"""


def _by_inside(typed: str, form: str, tenants: Sequence[int]) -> list[str]:
    """Return titles that hold what was typed, where it is two characters or more: earliest place first, then the shortest."""
    pairs = dissect(typed).pairs
    if not pairs:
        return []
    titles = {str(title) for (title,) in _rows(_INSIDE_TITLE, {"tenants": list(tenants), "terms": _tsquery(pairs), "most": _INSIDE})}
    placed = [(letters(fold(title)).find(form), len(title), title) for title in titles]
    return [title for place, _, title in sorted(placed) if place >= 0]


def _has_live_text(query: str, tenants: Sequence[int]) -> bool:
    wording = dissect(query)
    parts = wording.marks or wording.tokens
    return bool(parts and _rows(_HOLDS, {"tenants": list(tenants), "terms": _tsquery(parts)})[0][0])


def _tsquery(parts: Sequence[str]) -> str:
    """Return the query for texts with all parts; each is quoted, so that nothing of it is taken for an operator."""
    return " & ".join("'" + part.replace("\\", "\\\\").replace("'", "''") + "'" for part in parts)


def _rows(statement: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
