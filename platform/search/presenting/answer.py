"""The API's answer."""

import datetime as dt
from typing import Any

from search.contract import Found
from search.presenting import choices, hits
from search.requests.understanding import Asked


def document(asked: Asked, found: Found, *, today: dt.date) -> dict[str, Any]:
    """Return the API's answer, right for today."""
    return {
        "query": asked.question.text,
        "total": found.total,
        "total_relation": "eq" if found.is_exact else "gte",
        "took_ms": found.took_ms,
        "degraded": found.is_degraded,
        "correction": {"text": found.correction.text, "is_applied": found.correction.is_applied} if found.correction else None,
        "partial": found.is_partial,
        "promoted": [hits.promoted(each) for each in found.promoted],
        "hits": [hits.told(hit, today=today) for hit in found.hits],
        "services": [hits.told(hit, today=today) for hit in found.services],
        "facets": choices.told(asked, found),
    }
