"""The index of passages as data: a vector each, and of its page what every search is limited by."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from elasticsearch.dsl import DenseVector, Field, Integer, Keyword, Long, Mapping

from search import documents, mapping
from search.models import Projection
from search.semantic import chunking, fetching, model

REFRESH_INTERVAL = "5s"
# What the pages' index holds too, for visibility, scope and a reader's choices.
LIMITING = ("id", "state", "site", "kind", "tab", "region", "issuer", "file", "group", "date", "year", "validity")
_OWN: dict[str, Field] = {
    "number": Integer(),  # of the passage in its page, from 0
    "revision": Long(),  # of the page; that of passage 0 is written last, so it says that all are there
    "digest": Keyword(),  # of the words: the same words are embedded once
    "vector": DenseVector(
        dims=model.DIMENSIONS,
        index=True,
        similarity="dot_product",
        index_options={"type": "int8_hnsw", "m": 16, "ef_construction": 100},
    ),
}


def index_body() -> dict[str, Any]:
    """Return settings and mappings of the index."""
    built = Mapping()
    built.meta("dynamic", "strict")
    fields = {spec.name: spec.field for spec in mapping.FIELDS if spec.name in LIMITING} | _OWN
    for name, field in fields.items():
        built.field(name, field)
    return {
        "settings": {
            "number_of_shards": settings.ELASTICSEARCH_SHARDS,
            "number_of_replicas": settings.ELASTICSEARCH_REPLICAS,
            "refresh_interval": REFRESH_INTERVAL,
        },
        "mappings": built.to_dict(),
    }


def index_name() -> str:
    """Return the name of the index that this code and this model understand: another model, another index."""
    kind = [index_body()["mappings"], fetching.FILES, chunking.LONGEST, model.LONGEST]
    digest = hashlib.sha256(json.dumps(kind, sort_keys=True).encode()).hexdigest()[:12]
    return f"{settings.ELASTICSEARCH_PREFIX}-chunks-{digest}"


def read_alias() -> str:
    """Return the alias that searches use; the index has it once it has been whole."""
    return f"{index_name()}-read"


def pattern() -> str:
    """Return what the names of all indices of passages match, those of other releases too."""
    return f"{settings.ELASTICSEARCH_PREFIX}-chunks-*"


def sources(row: Projection, found: Sequence[chunking.Chunk], vectors: Sequence[Sequence[float]]) -> dict[str, dict[str, Any]]:
    """Return what the index holds of a page: its passages by id, passage 0 last."""
    own = documents.to_source(row)
    limits = {name: own[name] for name in LIMITING}
    made = {
        key_of(row.pk, number): limits | {"number": number, "revision": row.revision, "digest": chunk.digest, "vector": list(vector)}
        for number, (chunk, vector) in enumerate(zip(found, vectors, strict=True))
    }
    return dict(reversed(made.items()))


def key_of(page: str, number: int) -> str:
    """Return a passage's id."""
    return f"{page}#{number}"
