"""Marks in found text: neighbouring marks joined, chance single pairs dropped, everything else escaped."""

from collections.abc import Sequence

from django.utils.html import escape

from search.analysis.folding import fold
from search.analysis.wording import Wording

_PAIR = 2

Span = tuple[int, int]


def spans(text: str, wording: Wording) -> list[Span]:
    """Return where a query's parts stand in the text, neighbours and overlaps joined, chance pairs left out."""
    folded = fold(text)
    found = [(start, start + len(part)) for part in wording.marks for start in _positions(folded, part)]
    return _without_noise(folded, _joined(text, found), wording)


def render(text: str, marks: Sequence[Span]) -> str:
    """Return the text as safe HTML with `<mark>` around the given places."""
    parts, last = [], 0
    for start, end in marks:
        parts += [escape(text[last:start]), "<mark>", escape(text[start:end]), "</mark>"]
        last = end
    return "".join([*parts, escape(text[last:])])


def marked(text: str, wording: Wording) -> str:
    """Return the text as safe HTML with a query's parts marked."""
    return render(text, spans(text, wording))


def snippet(body: str, wording: Wording, *, length: int) -> str:
    """Return the stretch of the body that holds the query as it was typed, else most of its different parts, as safe HTML."""
    whole = body.find(wording.folded)  # as a rule the query stands there as it was typed, and the text need not be folded
    start = whole if whole >= 0 else _best_start(fold(body), wording, length)
    begin = _line_or(body, start, before=length // 4)
    text = body[begin : begin + length].replace("\n", " ").strip()
    return ("…" if begin else "") + marked(text, wording) + ("…" if begin + length < len(body) else "")


def _best_start(folded: str, wording: Wording, length: int) -> int:
    """Return where the window with the most different parts begins."""
    marks = wording.marks
    places = sorted((start, part) for part in marks for start in _positions(folded, part))
    best, best_start, left = 0, 0, 0
    inside: dict[str, int] = {}
    for position, part in places:
        inside[part] = inside.get(part, 0) + 1
        while places[left][0] < position - length * 3 // 4:
            gone = places[left][1]
            inside[gone] -= 1
            if not inside[gone]:
                del inside[gone]
            left += 1
        if len(inside) > best:
            best, best_start = len(inside), places[left][0]
            if best == len(marks):
                break
    return best_start


def _line_or(body: str, start: int, *, before: int) -> int:
    """Return the start of the line, where it is near, else a little before."""
    line = body.rfind("\n", 0, start + 1) + 1
    return line if start - line <= before else start - before


def _positions(folded: str, pair: str) -> list[int]:
    found, position = [], folded.find(pair)
    while position >= 0:
        found.append(position)
        position = folded.find(pair, position + 1)
    return found


def _joined(text: str, marks: Sequence[Span]) -> list[Span]:
    """Join marks that overlap, touch, or have only spaces or quotes of titles between them."""
    joined: list[Span] = []
    for start, end in sorted(marks):
        if joined and (start <= joined[-1][1] or not text[joined[-1][1] : start].strip(" 《》")):
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _without_noise(folded: str, marks: Sequence[Span], wording: Wording) -> list[Span]:
    """Drop marks of a chance pair out of a longer word, where longer marks show what was meant."""
    has_longer = any(end - start > _PAIR for start, end in marks)
    return [(start, end) for start, end in marks if not has_longer or end - start > _PAIR or folded[start:end] in wording.words]
