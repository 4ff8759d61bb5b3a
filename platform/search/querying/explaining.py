"""Where in a page a query was found: what a hit explains itself with."""

from search.analysis import marking, numbering, pinyin, titles
from search.analysis.wording import Wording
from search.contract import Match
from search.models import Projection


def matches_of(row: Projection, query: str, wording: Wording, *, snippet: str, where: Match) -> tuple[Match, ...]:
    """Return where the query was found in a page, the most telling first, then what the snippet is of; nothing where nothing was asked."""
    if not query:
        return ()
    found = {
        Match.NUMBER: is_named_by_number(row, query),
        Match.TITLE: bool(marking.spans(row.title, wording)),
        Match.PINYIN: _is_spelt(row.title, query),
        where: "<mark>" in snippet,
    }
    return tuple(match for match, is_found in found.items() if is_found)


def is_named_by_number(row: Projection, query: str) -> bool:
    """Whether the query holds the page's document number or is its index number."""
    asked = set(numbering.number_keys_in(query))
    own = {numbering.number_key(number) for number in row.doc_nos}
    return bool(asked & own) or (row.index_no != "" and numbering.index_key(row.index_no) == numbering.index_key(query))


def _is_spelt(title: str, query: str) -> bool:
    spelt = pinyin.latin(query)
    if not spelt:
        return False
    full, initials = pinyin.spellings(titles.title_keys(title))
    return any(form.startswith(spelt) for form in (*full, *initials))
