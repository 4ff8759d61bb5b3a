"""A worker's own part of the search engine, looked at without the product's code."""

from django.conf import settings
from elasticsearch import Elasticsearch

PAGE = 1000


class SearchIndex:
    """All indices with this worker's prefix."""

    def __init__(self) -> None:
        self.client = Elasticsearch(settings.ELASTICSEARCH_URL, request_timeout=30)
        self.pattern = f"{settings.ELASTICSEARCH_PREFIX}-*"

    def refresh(self) -> None:
        """Make what was written findable now instead of half a second later."""
        self.client.indices.refresh(index=self.pattern)

    def names(self) -> list[str]:
        """Return the names of the indices there are."""
        return sorted(self.client.indices.get(index=self.pattern, allow_no_indices=True))

    def remove(self) -> None:
        """Remove all indices."""
        for name in self.names():
            self.client.indices.delete(index=name)

    def documents(self) -> dict[str, tuple[int, str]]:
        """Return version and state of every document by its id."""
        found: dict[str, tuple[int, str]] = {}
        after = None
        while True:
            page = self.client.search(
                index=f"{settings.ELASTICSEARCH_PREFIX}-pages-read",
                size=PAGE,
                sort=[{"id": "asc"}],
                search_after=after,
                version=True,
                source_includes=["state"],
            )["hits"]["hits"]
            if not page:
                return found
            found |= {hit["_id"]: (hit["_version"], hit["_source"]["state"]) for hit in page}
            after = page[-1]["sort"]
