"""Titles as pinyin, in full and as first letters, so that Latin letters find them."""

import re
from collections.abc import Iterable
from functools import cache

import pypinyin

from search.analysis.folding import HAN, fold

LONGEST = 60  # characters of a title that are spelt
FEWEST_SOUNDS = 4  # characters of a query that is looked for by its sound
_HAN = re.compile(rf"[{HAN}]{{{FEWEST_SOUNDS},{LONGEST}}}")
_LATIN = re.compile(r"[a-z][a-z ']{1,150}[a-z]")
# Place names that are read otherwise than their characters usually are; a test compares all counties and cities with their slugs.
_PLACES = {
    "长子": ("zhang", "zi"),
    "长治": ("chang", "zhi"),
    "长风街": ("chang", "feng", "jie"),
    "长风东街": ("chang", "feng", "dong", "jie"),
    "长风西街": ("chang", "feng", "xi", "jie"),
    "尧都": ("yao", "du"),
    "太行": ("tai", "hang"),
    "洪洞": ("hong", "tong"),
    "繁峙": ("fan", "shi"),
    "隰县": ("xi", "xian"),
    "六安": ("lu", "an"),
    "蚌埠": ("beng", "bu"),
    "台州": ("tai", "zhou"),
    "丽水": ("li", "shui"),
    "东阿": ("dong", "e"),
    "尉犁": ("yu", "li"),
    "乐清": ("yue", "qing"),
    "涡阳": ("guo", "yang"),
    "铅山": ("yan", "shan"),
    "番禺": ("pan", "yu"),
    "重庆": ("chong", "qing"),
    "厦门": ("xia", "men"),
    "并州": ("bing", "zhou"),
    "阳曲": ("yang", "qu"),
}


def spellings(titles: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return the full spellings and the first letters of titles already folded; ü counts as v and as u."""
    full: dict[str, None] = {}
    initials: dict[str, None] = {}
    for title in titles:
        syllables = _syllables(title[:LONGEST])
        spelt = "".join(syllables)
        full.update(dict.fromkeys((spelt, spelt.replace("v", "u"))))
        initials["".join(_initial(syllable) for syllable in syllables)] = None
    return list(full), list(initials)


def latin(query: str) -> str:
    """Return a query of nothing but Latin letters, joined; else the empty string."""
    folded = fold(query).strip()
    return re.sub(r"[ ']", "", folded) if _LATIN.fullmatch(folded) else ""


def sounds_of(query: str) -> list[str]:
    """Return the full spellings of a query of Chinese characters alone, long enough to sound like no other title; else none."""
    return spellings([folded])[0] if _HAN.fullmatch(folded := fold(query).strip()) else []


def _syllables(text: str) -> list[str]:
    _load_places()
    return [syllable for syllable in pypinyin.lazy_pinyin(text) if syllable]


def _initial(syllable: str) -> str:
    return syllable if syllable.isdigit() else syllable[0]


@cache
def _load_places() -> None:
    pypinyin.load_phrases_dict({place: [[syllable] for syllable in reading] for place, reading in _PLACES.items()})
