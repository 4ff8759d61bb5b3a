"""Folding: what a reader may see unchanged is cleaned, what is compared is folded to one form of the same length."""

import re
import unicodedata
from functools import cache

import opencc

HAN = r"\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUN = re.compile(r"\w+")
_TOKEN = re.compile(rf"[{HAN}]|[^\W{HAN}]+")
_HAN, _HAN_PAIR, _WORD = re.compile(rf"[{HAN}]"), re.compile(rf"[{HAN}]{{2}}"), re.compile(rf"[^\W{HAN}]+")
_UNSEEN = frozenset("\ufffd\ufeff")
_WIDE_RANGES = ((0xFF10, 0xFF19), (0xFF21, 0xFF3A), (0xFF41, 0xFF5A))  # digits, letters
_WIDE = {code: code - 0xFEE0 for first, last in _WIDE_RANGES for code in range(first, last + 1)}
_HAS_WIDE = re.compile(r"[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]+")
_BAD_CATEGORIES = ("Cc", "Cf", "Cs", "Co", "Cn")
_MAYBE_BAD = re.compile(r"[^\n\u0020-\u007e\u3000-\u303f\u3400-\u4dbf\u4e00-\u9fff\uff01-\uff5e]")


def clean(text: str) -> str:
    """Return the text as it can be stored and shown: lines stay, control, invisible and broken characters go.

    Letters and digits get their normal width.
    """
    text = _narrow(text.replace("\r\n", "\n").replace("\t", " "))
    return _MAYBE_BAD.sub(_visible, text).strip()


def clean_query(text: str, *, length: int) -> str:
    """Return what of a reader's query counts: NFKC, one line, single spaces, at most `length` characters."""
    visible = "".join(" " if char.isspace() else char for char in text[: length * 20] if char.isspace() or _is_visible(char))
    normal = unicodedata.normalize("NFKC", visible)
    return " ".join("".join(char for char in normal if _is_visible(char)).split())[:length].strip()


def fold(text: str) -> str:
    """Return the text in the form that is compared: half-width, lower-case, simplified characters; as long as it was."""
    return _simplified(_lower(_narrow(text)))


def tokens(folded: str) -> list[str]:
    """Return single Han characters and whole Latin or digit words, in order."""
    return _TOKEN.findall(folded)


def pairs(folded: str) -> list[str]:
    """Return the different pairs of neighbouring tokens; none reaches over a space or a punctuation mark."""
    found = [pair for pair in dict.fromkeys(map(str.__add__, folded, folded[1:])) if _HAN_PAIR.fullmatch(pair)]
    mixed: dict[str, None] = {}
    for word in _WORD.finditer(folded):
        before, behind = folded[word.start() - 1 : word.start()], folded[word.end() : word.end() + 1]
        mixed.update(dict.fromkeys(pair for char, pair in ((before, before + word[0]), (behind, word[0] + behind)) if _HAN.fullmatch(char)))
    return [*found, *mixed]


def letters(folded: str) -> str:
    """Return the text without spaces, punctuation and other marks."""
    return "".join(_RUN.findall(folded)).replace("_", "")


def _visible(match: re.Match[str]) -> str:
    char = match[0]
    if _is_visible(char):
        return char
    return " " if unicodedata.category(char) in ("Cc", "Zs", "Zl", "Zp") else ""


def _is_visible(char: str) -> bool:
    return unicodedata.category(char) not in _BAD_CATEGORIES and char not in _UNSEEN


def _narrow(text: str) -> str:
    return _HAS_WIDE.sub(lambda match: match[0].translate(_WIDE), text)


def _lower(text: str) -> str:
    lower = text.lower()
    return lower if len(lower) == len(text) else "".join(low if len(low := char.lower()) == 1 else char for char in text)


def _simplified(text: str) -> str:
    simple: str = _converter().convert(text)
    return (
        simple if len(simple) == len(text) else "".join(text if len(text := _converter().convert(char)) == 1 else char for char in simple)
    )


@cache
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")
