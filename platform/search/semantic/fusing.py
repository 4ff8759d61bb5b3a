"""Two orders made one: how well words fit and how near the meaning is, each from 0 to 1 within one search, added; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ranked:
    """A text as the words rank it; `weight` is what its nearness counts. One that is named exactly keeps its place before all others."""

    group: str
    score: float
    weight: float = 1.0
    is_named: bool = False


def order(ranked: Sequence[Ranked], nearness: Mapping[str, float]) -> list[int]:
    """Return the places of the texts in their new order; texts that no near passage belongs to count as far as the farthest.

    The same texts come out, whatever is near: what the words do not find is not added, so counts, facets and pages stay true.
    """
    named = [place for place, each in enumerate(ranked) if each.is_named]
    others = [place for place, each in enumerate(ranked) if not each.is_named]
    if not nearness or not others:
        return list(range(len(ranked)))
    farthest = min(nearness.values())
    by_words = _spread([ranked[place].score for place in others])
    by_meaning = _spread([nearness.get(ranked[place].group, farthest) for place in others])
    totals = {place: words + ranked[place].weight * meaning for place, words, meaning in zip(others, by_words, by_meaning, strict=True)}
    return [*named, *sorted(others, key=lambda place: -totals[place])]


def _spread(values: Sequence[float]) -> list[float]:
    """Return the values between 0 and 1, the lowest and the highest of them."""
    low, high = min(values), max(values)
    return [(value - low) / (high - low) if high > low else 0.0 for value in values]
