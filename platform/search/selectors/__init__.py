"""Reads: one search, by the engine or without it; whatever is found is checked against the projection before anybody sees it."""

from search.selectors.finding import find, titles, understood, vocabulary
from search.selectors.listing import gather, groups_by_source, newest_by_topic, paths_of_site
from search.selectors.scopes import scope_of_city, scope_of_everything, scope_of_site, scope_of_sites
from search.selectors.sending import Aim, SearchDownError, breaker, has_service_cards

__all__ = [
    "Aim",
    "SearchDownError",
    "breaker",
    "find",
    "gather",
    "groups_by_source",
    "has_service_cards",
    "newest_by_topic",
    "paths_of_site",
    "scope_of_city",
    "scope_of_everything",
    "scope_of_site",
    "scope_of_sites",
    "titles",
    "understood",
    "vocabulary",
]
