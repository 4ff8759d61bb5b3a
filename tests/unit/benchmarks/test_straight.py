"""What a search sent, put together again as it was sent."""

from typing import Any

from tests.benchmarks.straight import waves

HEADER = {"index": "pages"}
HITS: dict[str, Any] = {"collapse": {"field": "group"}, "size": 20}
NUMBERS: dict[str, Any] = {"size": 0, "aggs": {}}
PASSAGES: dict[str, Any] = {"size": 10}


def test_numbers_go_beside_the_hits_whichever_left_first() -> None:
    hits, numbers, passages = ([HEADER, body] for body in (HITS, NUMBERS, PASSAGES))

    assert waves([numbers, hits, passages]) == [[HEADER, NUMBERS, HEADER, HITS], [HEADER, PASSAGES]]
    assert waves([hits, numbers, passages]) == [[HEADER, HITS, HEADER, NUMBERS], [HEADER, PASSAGES]]


def test_a_correction_follows_what_it_corrects() -> None:
    hits, numbers = ([HEADER, body] for body in (HITS, NUMBERS))

    found = waves([numbers, hits, [HEADER, PASSAGES], hits])

    assert found == [[HEADER, NUMBERS, HEADER, HITS], [HEADER, PASSAGES], [HEADER, HITS]]
