"""Document numbers (发文字号): any way of writing one leads to the same key."""

import re

from search.analysis.folding import fold

_DIGITS = {
    char: value
    for value, chars in enumerate(("〇零○", "一壹", "二两贰", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖"))
    for char in chars
}
_UNITS = {"十": 10, "百": 100, "千": 1000, "拾": 10, "佰": 100, "仟": 1000}
_NUMBER = rf"(\d{{1,6}}|[{''.join(_DIGITS)}{''.join(_UNITS)}]{{1,9}})"
_YEAR = r"((?:19|20)\d\d|[一二][〇零○一二三四五六七八九]{3})"
_WORD = r"([\u4e00-\u9fff]{1,24})"
_YEARED = re.compile(rf"{_WORD}[〔\[(（【﹝「<《]?{_YEAR}[〕\])）】﹞」>》]?年?第?{_NUMBER}号")
_YEARED_END = re.compile(rf"{_WORD}[〔\[(（【﹝「<《]{_YEAR}[〕\])）】﹞」>》]第?{_NUMBER}$")  # the last character is often left out
_ORDER = re.compile(rf"{_WORD}令第?{_NUMBER}号|{_WORD}第{_NUMBER}号令")
_ORDER_BEHIND = re.compile(rf"^第{_NUMBER}号{_WORD}令")
_STATE_PREFIX = re.compile(r"^(?:中?华?人?民)?共和国(?=.)")
_LONGEST_WORD = 14


def number_key(number: str) -> str:
    """Return the key of a document's own number: `国发/2019/5`, `国务院令/188`; of a form unknown to us, its folded letters."""
    text = _tight(number)
    if match := _YEARED.search(text):
        return _yeared(match[1], match)
    if match := _ORDER.search(text):
        return _order(match[1] or match[3], match[2] or match[4])
    return text


def number_keys_in(query: str) -> list[str]:
    """Return the keys of every number a query may mean; words may stand before the number, so each ending of them is tried."""
    text = _tight(query)
    found: dict[str, None] = {}
    for match in (*_YEARED.finditer(text), *_YEARED_END.finditer(text)):
        found.update(dict.fromkeys(_yeared(word, match) for word in _endings(match[1])))
    for match in _ORDER.finditer(text):
        found.update(dict.fromkeys(_order(word, match[2] or match[4]) for word in _endings(match[1] or match[3])))
    for match in _ORDER_BEHIND.finditer(text):
        found[_order(match[2], match[1])] = None
    return list(found)


def index_key(text: str) -> str:
    """Return an index number (索引号), or a query that may be one, in the form that is compared: 000014349/2019-00021."""
    return _tight(text)


def parse_number(text: str) -> int | None:
    """Return the number that digits, Chinese digits (二〇一九) or Chinese numerals (一百八十八) stand for, or None."""
    if text.isascii() and text.isdigit():
        return int(text)
    if text and all(char in _DIGITS for char in text):
        return int("".join(str(_DIGITS[char]) for char in text))
    total, digit = 0, None
    for char in text:
        if char in _UNITS:
            total += (1 if digit is None else digit) * _UNITS[char]
            digit = None
        elif char in _DIGITS:
            digit = _DIGITS[char]
        else:
            return None
    return total + (digit or 0) if text else None


def _tight(text: str) -> str:
    return re.sub(r"\s+", "", fold(text))


def _yeared(word: str, match: re.Match[str]) -> str:
    return f"{word}/{parse_number(match[2])}/{parse_number(match[3])}"


def _order(word: str, number: str) -> str:
    issuer = _STATE_PREFIX.sub("", word)
    issuer = "国务院" if issuer == "国" else issuer
    return f"{issuer}令/{parse_number(number)}"


def _endings(word: str) -> list[str]:
    start = max(len(word) - _LONGEST_WORD, 0)
    return [word, *(word[position:] for position in range(start, len(word)) if position)]
