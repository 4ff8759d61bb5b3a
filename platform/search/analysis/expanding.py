"""The same in other words: short names and everyday words of a query, by tables that are handed in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from search.analysis.folding import fold

MOST = 6  # expansions of a query
_LONGEST, _SHORTEST = 12, 2  # characters of a table's word

Table = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What may stand for what: `plain_words` add to a question, they and short names (`replacing`) replace a part of any other query."""

    plain_words: Table = field(default_factory=dict)
    replacing: Table = field(default_factory=dict)


def expansions(query: str, *, table: Table) -> tuple[str, ...]:
    """Return the official words for what the query says otherwise, the longest fitting word first taken; none it holds already."""
    folded = fold(query)
    found = (full for _, _, forms in _places(folded, table) for full in forms if full not in folded)
    return tuple(dict.fromkeys(found))[:MOST]


def rewritings(query: str, *, table: Table) -> tuple[str, ...]:
    """Return the query with each short name replaced by its official one, or the first of them."""
    folded = fold(query)
    text, last = "", 0
    for start, end, forms in _places(folded, table):
        if any(full in folded for full in forms):
            continue  # 公积金 in 住房公积金 is no short name
        text += folded[last:start] + forms[0]
        last = end
    return (text + folded[last:],) if last else ()


def _places(folded: str, table: Table) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Yield where words of the table stand, from left to right, the longest at each place."""
    start = 0
    while start < len(folded) - 1:
        for end in range(min(start + _LONGEST, len(folded)), start + _SHORTEST - 1, -1):
            if forms := table.get(folded[start:end]):
                yield start, end, forms
                start = end - 1
                break
        start += 1
