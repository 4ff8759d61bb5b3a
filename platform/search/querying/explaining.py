"""Where in a page a query was found: what a hit explains itself with."""

from functools import lru_cache

from search.analysis import numbering, pinyin, titles
from search.contract import Match
from search.models import ShownRow


def matches_of(row: ShownRow, query: str, *, title: str, snippet: str, where: Match) -> tuple[Match, ...]:
    """Return where the query was found in a page, the most telling first, then what the snippet is of; nothing where nothing was asked.

    Title and snippet are the marked ones.
    """
    if not query:
        return ()
    found = {
        Match.NUMBER: is_named_by_number(row, query),
        Match.TITLE: "<mark>" in title,
        Match.PINYIN: _is_spelt(row.title, query),
        where: "<mark>" in snippet,
    }
    return tuple(match for match, is_found in found.items() if is_found)


def is_named_by_number(row: ShownRow, query: str) -> bool:
    """Whether the query holds the page's document number or is its index number."""
    own = {numbering.number_key(number) for number in row.doc_nos}
    is_numbered = not own.isdisjoint(_numbers_in(query))
    return is_numbered or (row.index_no != "" and numbering.index_key(row.index_no) == numbering.index_key(query))


@lru_cache(maxsize=64)
def _numbers_in(query: str) -> frozenset[str]:
    """Return the numbers a query may mean; the same for each of its hits."""
    return frozenset(numbering.number_keys_in(query))


def _is_spelt(title: str, query: str) -> bool:
    spelt = pinyin.latin(query)
    if not spelt:
        return False
    full, initials = pinyin.spellings(titles.title_keys(title))
    return any(form.startswith(spelt) for form in (*full, *initials))
