"""Typing errors: the words a query was probably meant to hold, among titles and words that exist.

A character may stand for one that sounds or looks like it, a word for one that sounds like it, two neighbours may be swapped, one may be
missing or too many. The likelier the error, the better; what is written somewhere exactly as it was typed is no error. Names of people
are left alone.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import pypinyin

from search.analysis.folding import fold, letters

SAME_WORD = 0.95
MOST_SOUNDS = 4  # characters of a word that sounds like another
SAME_SOUND, SWAPPED, LOOKS_ALIKE, NEAR_SOUND, MISSING, SPARE = 1.0, 0.9, 0.8, 0.7, 0.5, 0.4  # how likely each error is
SHORTEST, LONGEST = 3, 60  # characters of a query that are looked at
_NAME = 3  # characters of the longest word that may be a name of a person
_AROUND_A_POST = 3  # characters beside a post that may be its holder's name
_COUNTED = frozenset("〇零一二两三四五六七八九十百千")  # another number is another text
_NEAR = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ang", "an"), ("eng", "en"), ("ing", "in"))


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What is known of errors: frequent wrong forms, look-alikes; posts, surnames and places, where nothing is corrected."""

    typos: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    look_alikes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    posts: Collection[str] = ()
    surnames: Collection[str] = ()
    places: Collection[str] = ()


def corrected(query: str, *, titles: Iterable[str], lexicon: Lexicon) -> str:
    """Return the query as it was probably meant, or the empty string where it is right or nobody can tell.

    `titles` exist and may be shown; those before others are taken first where two are as likely.
    """
    typed = plain(query)
    if not SHORTEST <= len(typed) <= LONGEST or _may_be_a_name(typed, lexicon):
        return ""
    known = [plain(title) for title in titles]
    if any(typed in title for title in known):
        return ""
    found = [option for place, title in enumerate(known) for option in _options(typed, title, place, lexicon)]
    likely = [
        (score, text) for score, _, text in sorted(found, key=lambda each: (-each[0], each[1])) if not _touches_a_name(typed, text, lexicon)
    ]
    return likely[0][1] if likely else _by_table(typed, lexicon)


@lru_cache(maxsize=8192)  # the same words and titles come again and again
def plain(text: str) -> str:
    """Return a text in the form that is compared here."""
    return letters(fold(text))


def _options(typed: str, title: str, place: int, lexicon: Lexicon) -> Iterable[tuple[float, int, str]]:
    """Yield the parts of a title that one error turns into what was typed, with how likely that is."""
    first, last = typed[0], typed[-1]
    for length in (len(typed), len(typed) + 1, len(typed) - 1):
        for start in range(len(title) - length + 1):
            if title[start] != first and title[start + length - 1] != last:
                continue  # one error leaves one end as it is
            part = title[start : start + length]
            if (likely := _likelihood(typed, part, lexicon)) > 0:
                yield likely, place, part


def _likelihood(typed: str, meant: str, lexicon: Lexicon) -> float:
    """Return how likely it is that somebody typed this and meant that; 0 where it takes more than one error."""
    first = next((place for place, pair in enumerate(zip(typed, meant, strict=False)) if pair[0] != pair[1]), min(len(typed), len(meant)))
    last = 0
    while last < min(len(typed), len(meant)) - first and typed[-1 - last] == meant[-1 - last]:
        last += 1
    wrong, right = typed[first : len(typed) - last], meant[first : len(meant) - last]
    if len(wrong) == len(right) == 1:
        return _confusion(wrong, right, lexicon)
    if len(wrong) == 2 and wrong == right[::-1]:  # noqa: PLR2004 - two neighbours
        return SWAPPED
    inside = 0 < first < len(meant) - 1 or len(typed) > SHORTEST
    if 1 < len(wrong) == len(right) <= MOST_SOUNDS and first + last:  # a word taken wrongly from an input method's list
        return (
            SAME_WORD
            if all(_confusion(*pair, lexicon) == SAME_SOUND for pair in zip(wrong, right, strict=True) if len(set(pair)) > 1)
            else 0.0
        )
    if not _is_a_word(wrong or right):
        return 0.0
    if (len(wrong), len(right)) == (0, 1) and 0 < first < len(typed):
        return MISSING if inside else 0.0
    if (len(wrong), len(right)) == (1, 0) and 0 < first < len(meant):
        return SPARE if inside else 0.0
    return 0.0


def _confusion(wrong: str, right: str, lexicon: Lexicon) -> float:
    """Return how likely one character stands for another: by sound, by shape, or not at all."""
    if not (_is_a_word(wrong) and _is_a_word(right)):
        return 0.0
    sounds, meant = _readings(wrong), _readings(right)
    if sounds & meant:
        return SAME_SOUND
    if right in lexicon.look_alikes.get(wrong, ()) or wrong in lexicon.look_alikes.get(right, ()):
        return LOOKS_ALIKE
    return NEAR_SOUND if {_blurred(sound) for sound in sounds} & {_blurred(sound) for sound in meant} else 0.0


def _is_a_word(char: str) -> bool:
    """Whether it is a Han character and no numeral."""
    return len(char) == 1 and "\u4e00" <= char <= "\u9fff" and char not in _COUNTED


@lru_cache(maxsize=8192)
def _readings(char: str) -> frozenset[str]:
    return frozenset(pypinyin.pinyin(char, style=pypinyin.Style.NORMAL, heteronym=True)[0])


def _blurred(syllable: str) -> str:
    """Return a syllable without the differences that many speakers do not make: zh/z, ch/c, sh/s, n/l, ang/an, eng/en, ing/in."""
    for sharp, blunt in _NEAR[:3]:
        if syllable.startswith(sharp):
            syllable = blunt + syllable[len(sharp) :]
    for sharp, blunt in _NEAR[3:]:
        if syllable.endswith(sharp):
            syllable = syllable[: -len(sharp)] + blunt
    return "l" + syllable[1:] if syllable.startswith("n") else syllable


def _by_table(typed: str, lexicon: Lexicon) -> str:
    """Return the query with a frequent wrong form put right."""
    for length in range(min(len(typed), 8), 1, -1):
        for start in range(len(typed) - length + 1):
            if right := lexicon.typos.get(typed[start : start + length]):
                text = typed[:start] + right[0] + typed[start + length :]
                return "" if _touches_a_name(typed, text, lexicon) else text
    return ""


def _may_be_a_name(typed: str, lexicon: Lexicon) -> bool:
    return len(typed) <= _NAME and typed[0] in lexicon.surnames


def _touches_a_name(typed: str, text: str, lexicon: Lexicon) -> bool:
    """Whether what would change is a place as it stands, or stands beside a post, where its holder's name stands."""
    first = next((place for place, pair in enumerate(zip(typed, text, strict=False)) if pair[0] != pair[1]), len(text))
    if any(first < (place := typed.find(name)) + len(name) and place >= 0 and place <= first for name in lexicon.places):
        return True
    for post in lexicon.posts:
        place = typed.find(post)
        if place >= 0 and place - _AROUND_A_POST <= first < place + len(post) + _AROUND_A_POST:
            return True
        if post in text and post not in typed:  # nobody is made a leader by a correction
            return True
    return False
