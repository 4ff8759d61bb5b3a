"""How a query is understood: everything that matching, marking and the page need to know of it, worked out once."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from search.analysis import numbering, passages, pinyin, shape, titles
from search.analysis.folding import fold, pairs
from search.analysis.wording import Wording, dissect

_QUOTED = re.compile(r"[\"“”「『]([^\"“”「」『』]{2,})[\"“”」』]")
MOST_PHRASES = 5


@dataclass(frozen=True, slots=True)
class Rewriting:
    """A query with short names replaced by official ones."""

    wording: Wording
    title_keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """A query taken apart.

    `title_keys` and `numbers` name a text exactly; `latin` is a query of Latin letters, maybe pinyin; `articles` are the anchors
    of the articles it cites; `phrases` stood in quotation marks and must occur as they are. `expansions` are official words for what
    it says otherwise, `rewritings` the whole query with them in place.
    """

    text: str
    wording: Wording
    is_question: bool
    title_keys: tuple[str, ...]
    numbers: tuple[str, ...]
    latin: str
    articles: tuple[str, ...]
    phrases: tuple[str, ...]
    expansions: tuple[str, ...]
    rewritings: tuple[Rewriting, ...]
    is_loose: bool

    @property
    def pairs_with_expansions(self) -> tuple[str, ...]:
        """The pairs of the query and of its expansions."""
        added = (pair for expansion in self.expansions for pair in pairs(expansion))
        return tuple(dict.fromkeys((*self.wording.pairs, *added)))


@lru_cache(maxsize=256)
def read(query: str, *, expansions: tuple[str, ...] = (), rewritings: tuple[str, ...] = (), is_loose: bool = False) -> Reading:
    """Return how a cleaned query is understood."""
    return Reading(
        text=query,
        wording=dissect(query),
        is_question=shape.is_question(query),
        title_keys=tuple(titles.title_keys_in(query)),
        numbers=tuple(numbering.number_keys_in(query)),
        latin=pinyin.latin(query),
        articles=tuple(passages.articles_in(query)),
        phrases=tuple(phrases_in(query)),
        expansions=expansions,
        rewritings=tuple(Rewriting(dissect(text), tuple(titles.title_keys_in(text))) for text in rewritings),
        is_loose=is_loose,
    )


def phrases_in(query: str) -> Sequence[str]:
    """Return what stands in quotation marks, folded; 《》 mark titles and are none."""
    found = (fold(match[1]).strip() for match in _QUOTED.finditer(query))
    return list(dict.fromkeys(phrase for phrase in found if phrase))[:MOST_PHRASES]
