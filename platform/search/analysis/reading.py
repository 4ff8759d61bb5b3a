"""How a query is understood: everything that matching, marking and the page need to know of it, worked out once."""

import dataclasses
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

    `title_keys` and `numbers` name a text exactly; `latin` is a query of Latin letters, maybe pinyin; `sounds` are the spellings of
    one that is no question, for a title may sound like it; `articles` are the anchors of the articles it cites; `phrases` stood in
    quotation marks and must occur as they are, but for a question's. `expansions` are official words for what it says otherwise,
    `rewritings` the whole query with them in place. A question's `wording` is without what it asks with.
    """

    text: str
    wording: Wording
    is_question: bool
    title_keys: tuple[str, ...]
    numbers: tuple[str, ...]
    latin: str
    sounds: tuple[str, ...]
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

    @property
    def marked(self) -> Wording:
        """The wording with all official words that were looked for: who asks of 老板 is shown 用人单位."""
        official = [*map(dissect, self.expansions), *(rewriting.wording for rewriting in self.rewritings)]
        if not official:
            return self.wording
        found = (pair for each in (self.wording, *official) for pair in each.pairs)
        words = self.wording.words.union(*(each.words for each in official))
        return dataclasses.replace(self.wording, pairs=tuple(dict.fromkeys(found)), words=words)


@lru_cache(maxsize=256)
def read(
    query: str, *, expansions: tuple[str, ...] = (), rewritings: tuple[str, ...] = (), is_loose: bool = False, is_partial: bool = False
) -> Reading:
    """Return how a cleaned query is understood; with `is_partial` as a question, of which a part is enough."""
    is_question = is_partial or shape.is_question(query)
    return Reading(
        text=query,
        wording=dissect(shape.without_asking(query) if is_question else query),
        is_question=is_question,
        title_keys=tuple(titles.title_keys_in(query)),
        numbers=tuple(numbering.number_keys_in(query)),
        latin=pinyin.latin(query),
        sounds=() if is_question else tuple(pinyin.sounds_of(query)),
        articles=tuple(passages.articles_in(query)),
        phrases=() if is_question else tuple(phrases_in(query)),  # in a sentence, marks stress or cite
        expansions=expansions,
        rewritings=tuple(Rewriting(dissect(text), tuple(titles.title_keys_in(text))) for text in rewritings),
        is_loose=is_loose,
    )


def phrases_in(query: str) -> Sequence[str]:
    """Return what stands in quotation marks, folded; 《》 mark titles and are none."""
    found = (fold(match[1]).strip() for match in _QUOTED.finditer(query))
    return list(dict.fromkeys(phrase for phrase in found if phrase))[:MOST_PHRASES]
