"""The ways to begin typing a text: its characters, also without the frame people leave out, its pinyin, its first letters; pure."""

from search.analysis.folding import fold, letters
from search.analysis.pinyin import latin, spellings
from search.analysis.titles import title_keys

LONGEST_TEXT = 120  # characters; nobody reads longer suggestions
LONGEST_FORM = 60  # characters of a form that can be typed
_MOST_KEYS = 4
_HEAVIEST = 100


def forms_of(text: str) -> list[str]:
    """Return the forms under which a text is found by its beginning."""
    keys = title_keys(text)[:_MOST_KEYS]
    full, initials = spellings(keys)
    return list(dict.fromkeys(form[:LONGEST_FORM] for form in [*keys, *full, *initials] if form))


def typed_form(query: str) -> str:
    """Return what was typed in the form that beginnings are kept in."""
    return (latin(query) or letters(fold(query)))[:LONGEST_FORM]


def weight_of(text: str, *, sessions: int = 0) -> int:
    """Return what orders suggestions: queries of many people first, then short titles, which name things, before long ones."""
    return _HEAVIEST + min(sessions, 1000) if sessions else _HEAVIEST - min(len(text), _HEAVIEST)
