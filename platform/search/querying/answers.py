"""What the engine answered, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from search.contract import Count


@dataclass(frozen=True, slots=True)
class Candidate:
    """A hit before it is checked: the copy that fits best, its text's group, and what was marked."""

    key: str
    group: str
    fragments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Counts:
    """How many texts there are, in all and per value of each facet."""

    total: int
    sites: tuple[Count, ...]
    kinds: tuple[Count, ...]
    years: tuple[Count, ...]


def is_whole(answer: Mapping[str, Any]) -> bool:
    """Whether every shard answered in time."""
    return "error" not in answer and not answer["timed_out"] and not answer["_shards"]["failed"]


def candidates(answer: Mapping[str, Any]) -> list[Candidate]:
    """Return the hits in order."""
    return [
        Candidate(hit["_id"], hit["fields"]["group"][0], tuple(hit.get("highlight", {}).get("body", ()))) for hit in answer["hits"]["hits"]
    ]


def counts(answer: Mapping[str, Any]) -> Counts:
    """Return the numbers."""
    found = answer["aggregations"]
    return Counts(found["found"]["texts"]["value"], _facet(found["site"]), _facet(found["kind"]), _facet(found["year"]))


def _facet(found: Mapping[str, Any]) -> tuple[Count, ...]:
    return tuple(Count(str(bucket["key"]), bucket["texts"]["value"]) for bucket in found["values"]["buckets"])
