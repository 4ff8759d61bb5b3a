"""Words the search knows from the start, as files beside this one; what editors add comes on top. Notices in LICENSES.txt."""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

_FOLDER = Path(__file__).parent


@cache
def short_names() -> Mapping[str, tuple[str, ...]]:
    """Return short names with the official ones: 公积金 → 住房公积金."""
    return _table("short-names.tsv")


@cache
def plain_words() -> Mapping[str, tuple[str, ...]]:
    """Return what people say with how official texts put it: 老板 → 用人单位."""
    return _table("plain-words.tsv")


@cache
def typos() -> Mapping[str, tuple[str, ...]]:
    """Return frequent wrong forms with the right one."""
    return _table("typos.tsv")


@cache
def look_alikes() -> Mapping[str, frozenset[str]]:
    """Return the characters that look like each character."""
    found: dict[str, set[str]] = {}
    for line in _lines("look-alikes.txt"):
        group = line.split()
        for char in group:
            found.setdefault(char, set()).update(set(group) - {char})
    return MappingProxyType({char: frozenset(others) for char, others in found.items()})


@cache
def never_corrected() -> frozenset[str]:
    """Return the words around which nothing is corrected."""
    return frozenset(_lines("never-corrected.txt"))


@cache
def frequent_pairs(share: float) -> frozenset[str]:
    """Return the pairs of characters that more than this share of official texts holds, from .2 on: 规定, 应当, 可以."""
    rows = (line.split("\t") for line in _lines("frequent-pairs.tsv"))
    return frozenset(pair for pair, held in rows if float(held) > share)


@cache
def surnames() -> frozenset[str]:
    """Return the characters a person's name begins with."""
    return frozenset("".join(_lines("surnames.txt")))


@cache
def provinces() -> tuple[str, ...]:
    """Return the names of the provinces."""
    return tuple("".join(_lines("provinces.txt")).split("、"))


def _table(name: str) -> Mapping[str, tuple[str, ...]]:
    rows = (line.split("\t") for line in _lines(name))
    return MappingProxyType({short: tuple(full for full in forms.split("|") if full != short) for short, forms in rows})


def _lines(name: str) -> Iterator[str]:
    for line in (_FOLDER / name).read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            yield line.rstrip()
