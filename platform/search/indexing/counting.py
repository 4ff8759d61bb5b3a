"""How many pages each site has published, and how many of them an index holds."""

from collections import Counter

from django.db.models import Count

from search import client
from search.models import Projection, State

_MOST_SITES = 10_000


def counts_in(name: str) -> Counter[str]:
    """Return the live documents of each site in an index, by the site's uuid.

    Raises:
        EngineDownError: the engine is away.

    """
    with client.guarded():
        client.writer().indices.refresh(index=name)
        answer = client.writer().search(
            index=name,
            size=0,
            query={"term": {"state": State.LIVE.value}},
            aggs={"sites": {"terms": {"field": "site", "size": _MOST_SITES}}},
        )
    return Counter({bucket["key"]: bucket["doc_count"] for bucket in answer["aggregations"]["sites"]["buckets"]})


def counts_in_projection() -> Counter[str]:
    """Return the live projections of each site, by its uuid."""
    rows = Projection.objects.live().values_list("tenant__uuid").annotate(count=Count("pk")).order_by()
    return Counter({str(uuid): count for uuid, count in rows})


def missing_in(name: str) -> int:
    """Return how many published pages an index lacks.

    Raises:
        EngineDownError: the engine is away.

    """
    return (counts_in_projection() - counts_in(name)).total()
