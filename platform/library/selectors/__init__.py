"""Reads: what is related to a text, which document somebody means, whether it is still in force, and the list over a site or a city."""

from library.selectors.citing import cited_documents, cited_with_organ
from library.selectors.cleaning import documents_on, progress_at, progress_of
from library.selectors.listing import list_documents, list_subjects
from library.selectors.relating import (
    changed_by_day,
    effects_on,
    find_document,
    relations_of,
    relations_of_many,
    standing,
)

__all__ = [
    "changed_by_day",
    "cited_documents",
    "cited_with_organ",
    "documents_on",
    "effects_on",
    "find_document",
    "list_documents",
    "list_subjects",
    "progress_at",
    "progress_of",
    "relations_of",
    "relations_of_many",
    "standing",
]
