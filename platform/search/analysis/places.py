"""Places named in a query: counties and cities by their names, with and without 市, 区 or 县; pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

_SUFFIXES = ("市", "区", "县", "旗")
_WHOLE = ("新区", "开发区", "示范区", "园区", "自治县", "自治旗")  # what stands before these is another place, or none
_SHORTEST = 2
# Everyday words, which name a place only with its suffix: 和平利用 is not 和平区.
_EVERYDAY = frozenset(
    (
        "和平",
        "解放",
        "新华",
        "高新",
        "城关",
        "新城",
        "文明",
        "胜利",
        "友谊",
        "建设",
        "团结",
        "光明",
        "向阳",
        "红旗",
        "民主",
        "开发",
        "朝阳",
        "长安",
        "永和",
        "大宁",
        "河口",
        "城中",
    )
)


@dataclass(frozen=True, slots=True)
class Named:
    """The codes of the places a text names, in its order, and the text without their names."""

    codes: tuple[str, ...]
    rest: str


def named(text: str, *, places: Iterable[tuple[str, str]]) -> Named:
    """Return which places are named in a text; `places` are names and codes.

    A name that several places have names none of them.
    """
    forms = _forms(frozenset(places))
    lengths = sorted({len(form) for form in forms}, reverse=True)
    codes: dict[str, None] = {}
    rest = ""
    at = 0
    while at < len(text):
        form = next((text[at : at + size] for size in lengths if text[at : at + size] in forms), text[at])
        if code := forms.get(form):
            codes.setdefault(code)
        rest += " " if code else form
        at += len(form)
    return Named(tuple(codes), rest.strip())


@lru_cache(maxsize=64)
def _forms(places: frozenset[tuple[str, str]]) -> dict[str, str]:
    """Return what each form names: a place's code, or nothing where it could be several."""
    codes: dict[str, set[str]] = {}
    for name, code in places:
        for form in _forms_of(name):
            codes.setdefault(form, set()).add(code)
    return {form: next(iter(of)) if len(of) == 1 else "" for form, of in codes.items()}


def _forms_of(name: str) -> list[str]:
    stem = name[:-1]
    if len(stem) < _SHORTEST:  # 祁县 is a place; 城区 and 郊区 are words
        return [name] if name.endswith("县") and stem else []
    has_stem = name.endswith(_SUFFIXES) and not name.endswith(_WHOLE) and stem not in _EVERYDAY
    return [name, stem] if has_stem else [name]
