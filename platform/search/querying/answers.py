"""What the engine answered, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from search.contract import Count, Facet


@dataclass(frozen=True, slots=True)
class Candidate:
    """A hit before it is checked: the copy that fits best, and its text's group."""

    key: str
    group: str


@dataclass(frozen=True, slots=True)
class BestPassage:
    """The passage of a page that answers best; `anchor` is its article's, empty where it belongs to none."""

    anchor: str
    text: str


@dataclass(frozen=True, slots=True)
class Counts:
    """How many texts there are, in all and per value of each facet."""

    total: int
    total_of_tabs: int
    facets: Mapping[Facet, tuple[Count, ...]]


NO_COUNTS = Counts(0, 0, {})


def is_whole(answer: Mapping[str, Any]) -> bool:
    """Whether every shard answered in time."""
    return "error" not in answer and not answer["timed_out"] and not answer["_shards"]["failed"]


def candidates(answer: Mapping[str, Any]) -> list[Candidate]:
    """Return the hits in order."""
    return [Candidate(hit["_id"], hit["fields"]["group"][0]) for hit in answer["hits"]["hits"]]


def counts(answer: Mapping[str, Any]) -> Counts:
    """Return the numbers."""
    found = answer["aggregations"]
    total, of_tabs = _texts(found["found"]), found[Facet.TAB.value]
    return Counts(total, _texts(of_tabs) if "texts" in of_tabs else total, {facet: _facet(found[facet.value]) for facet in Facet})


def _facet(found: Mapping[str, Any]) -> tuple[Count, ...]:
    return tuple(Count(str(bucket["key"]), _texts(bucket)) for bucket in found["values"]["buckets"])


def _texts(found: Mapping[str, Any]) -> int:
    """Return how many texts were counted: by number, or by key where the index has no numbers for all."""
    counted = found["older"] if found["older"]["doc_count"] else found
    return int(counted["texts"]["value"])


def passages(answer: Mapping[str, Any]) -> dict[str, BestPassage]:
    """Return the best passage of each page."""
    found = {hit["_id"]: hit["inner_hits"]["arts"]["hits"]["hits"] for hit in answer["hits"]["hits"]}
    return {key: BestPassage(inner[0]["_source"]["no"], inner[0]["_source"]["text"]) for key, inner in found.items() if inner}
