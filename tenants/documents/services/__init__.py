"""Verbs: bring a document's relations into the library, its validity in step with time and with others, and give it its number."""

from tenants.documents.services.cleaning import clean
from tenants.documents.services.numbering import clash_of, is_clash
from tenants.documents.services.publishing import check_issuable, follow, relate_again
from tenants.documents.services.validity import CHANGED, count_due, expiring, settle, turn

__all__ = [
    "CHANGED",
    "check_issuable",
    "clash_of",
    "clean",
    "count_due",
    "expiring",
    "follow",
    "is_clash",
    "relate_again",
    "settle",
    "turn",
]
