"""A query taken apart once, for matching and for marking."""

import re
from dataclasses import dataclass

from search.analysis.folding import fold, pairs, tokens

MOST = 64  # pairs or characters of a query that are searched for
_RUN = re.compile(r"\w+")
_TWO = 2


@dataclass(frozen=True, slots=True)
class Wording:
    """What of a query is looked for.

    `pairs` are neighbouring tokens, `tokens` single ones, `words` the stretches of at most one pair: always worth a mark.
    """

    folded: str
    pairs: tuple[str, ...]
    tokens: tuple[str, ...]
    words: frozenset[str]

    @property
    def marks(self) -> tuple[str, ...]:
        """What is marked in texts: the pairs, and words too short to hold one."""
        return (*self.pairs, *(word for word in self.words if word not in self.pairs))


def dissect(query: str) -> Wording:
    """Return the parts of a cleaned query."""
    folded = fold(query)
    runs = [run for run in _RUN.findall(folded) if run.strip("_")]
    return Wording(
        folded=folded,
        pairs=tuple(pairs(folded)[:MOST]),
        tokens=tuple(dict.fromkeys(tokens(folded)))[:MOST],
        words=frozenset(run for run in runs if len(tokens(run)) <= _TWO),
    )
