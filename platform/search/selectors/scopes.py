"""Where is searched: one site, a city, everything, some sites; sites that are hidden are in none."""

from collections.abc import Iterable

from registry.contract import TenantRef
from registry.selectors import directory
from search.contract import Scope


def scope_of_site(site: TenantRef) -> Scope:
    """Return the scope of one site."""
    return Scope(sites=(site.uuid,), hidden=tuple(directory().hidden()))


def scope_of_city(city_slug: str) -> Scope:
    """Return the scope of all live sites of a city."""
    known = directory()
    return Scope(sites=tuple(site.uuid for site in known.of_city(city_slug) if site.is_live), hidden=tuple(known.hidden()))


def scope_of_everything() -> Scope:
    """Return the scope of all live sites of the platform."""
    return Scope(sites=None, hidden=tuple(directory().hidden()))


def scope_of_sites(sites: Iterable[TenantRef]) -> Scope:
    """Return the scope of some sites."""
    return Scope(sites=tuple(site.uuid for site in sites), hidden=tuple(directory().hidden()))
