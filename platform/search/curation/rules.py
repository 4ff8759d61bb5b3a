"""Rules as plain values, and what they say of one query; pure."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any, Self

from search.analysis.folding import fold, letters
from search.contract import Guidance
from search.models import Effect, Match, RuleKind

MOST_EXPANSIONS = 5
MOST_PROMOTED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleValue:
    """One rule; `is_own` where the site itself made it and not its city."""

    kind: str
    phrase: str
    match: str = Match.EXACT.value
    address: str = ""
    page: str = ""
    title: str = ""
    position: int = 1
    effect: str = Effect.HIDE.value
    words: str = ""
    is_two_way: bool = False
    starts_on: dt.date | None = None
    ends_on: dt.date | None = None
    holder: str = ""
    note: str = ""
    is_own: bool = False

    @classmethod
    def from_json(cls, stored: Mapping[str, Any], *, is_own: bool = False) -> Self:
        """Return the rule a version holds."""
        dates = {name: dt.date.fromisoformat(stored[name]) if stored.get(name) else None for name in ("starts_on", "ends_on")}
        known = {name: value for name, value in stored.items() if name in cls.__dataclass_fields__ and name not in dates}
        return cls(**(known | dates | {"is_own": is_own}))

    def to_json(self) -> dict[str, Any]:
        """Return the rule as a version holds it."""
        values = asdict(self)
        del values["is_own"]
        return values | {name: day.isoformat() if (day := values[name]) else None for name in ("starts_on", "ends_on")}

    @property
    def identity(self) -> tuple[str, str, str, str]:
        """What makes it this rule and no other; everything else of it may change."""
        return self.kind, self.phrase, self.address, self.words

    def is_in_force(self, today: dt.date) -> bool:
        """Whether its dates allow it now."""
        return (self.starts_on is None or self.starts_on <= today) and (self.ends_on is None or today <= self.ends_on)

    def fits(self, folded: str) -> bool:
        """Whether it is meant for this query, given without spaces and marks."""
        phrase = letters(fold(self.phrase))
        return phrase == folded if self.match == Match.EXACT else phrase in folded


@dataclass(frozen=True)
class Rules:
    """All rules a search follows: those of the site before those of its city, their dates already looked at."""

    values: tuple[RuleValue, ...] = ()

    @classmethod
    def of(cls, values: Iterable[RuleValue], *, today: dt.date) -> Self:
        """Return the rules that are in force on a day."""
        return cls(tuple(value for value in values if value.is_in_force(today)))

    def promoted(self, query: str) -> list[RuleValue]:
        """Return the results to show before all others, in order, each page once."""
        found = sorted((rule for rule in self._fitting(RuleKind.BEST, query)), key=lambda rule: (rule.position, not rule.is_own))
        once = {rule.page or rule.address: rule for rule in reversed(found)}
        return [rule for rule in found if once[rule.page or rule.address] is rule][:MOST_PROMOTED]

    def guidance(self, query: str) -> Guidance:
        """Return what the engine has to know: pages left out or lowered, and other words for the same."""
        unwanted = self._fitting(RuleKind.WORST, query)
        return Guidance(
            hidden=tuple(rule.page for rule in unwanted if rule.effect == Effect.HIDE),
            lowered=tuple(rule.page for rule in unwanted if rule.effect == Effect.LOWER),
            expansions=self.expansions(query),
        )

    def expansions(self, query: str) -> tuple[str, ...]:
        """Return other words for parts of a query, the longest part first, at most MOST_EXPANSIONS."""
        folded, found = letters(fold(query)), dict[str, None]()
        for term, other in self._synonyms:
            if term in folded and other not in folded:
                found[other] = None
        return tuple(found)[:MOST_EXPANSIONS]

    def correction(self, query: str) -> str:
        """Return the query with known mistakes put right; the same query where there is none, or where the right words are denied."""
        corrected = query
        for wrong, right in self._spelling:
            corrected = corrected.replace(wrong, right)
        return query if self.denies(corrected) and not self.denies(query) else corrected

    def denies(self, text: str) -> bool:
        """Whether a text may be neither suggested nor offered as a correction."""
        folded = letters(fold(text))
        return any(word in folded for word in self._denied)

    def may_deny(self, query: str) -> frozenset[str]:
        """Return the denied words a correction of this query could hold: all but one of their characters are in it."""
        chars = set(letters(fold(query)))
        return frozenset(word for word in self._denied if len(set(word) - chars) <= 1)

    def touches(self, query: str) -> bool:
        """Whether any rule is meant for this query; where none is, the search is as if there were no rules."""
        changed = self.guidance(query)
        return bool(self.promoted(query) or changed != Guidance() or self.correction(query) != query)

    def with_ownership(self, *, is_own: bool) -> "Rules":
        """Return the same rules as the site's or as the city's."""
        return Rules(tuple(replace(value, is_own=is_own) for value in self.values))

    def _fitting(self, kind: RuleKind, query: str) -> list[RuleValue]:
        folded = letters(fold(query))
        return [rule for rule in self._by_kind.get(kind.value, ()) if folded and rule.fits(folded)]

    @cached_property
    def _by_kind(self) -> Mapping[str, Sequence[RuleValue]]:
        kinds: dict[str, list[RuleValue]] = {}
        for rule in self.values:
            kinds.setdefault(rule.kind, []).append(rule)
        return kinds

    @cached_property
    def _synonyms(self) -> list[tuple[str, str]]:
        found: dict[tuple[str, str], None] = {}
        for rule in self._by_kind.get(RuleKind.SYNONYM.value, ()):
            term, other = letters(fold(rule.phrase)), letters(fold(rule.words))
            found[term, other] = None
            if rule.is_two_way:
                found[other, term] = None
        return sorted((pair for pair in found if all(pair)), key=lambda pair: -len(pair[0]))

    @cached_property
    def _spelling(self) -> list[tuple[str, str]]:
        pairs = [(rule.phrase.strip(), rule.words.strip()) for rule in self._by_kind.get(RuleKind.SPELLING.value, ())]
        return sorted(pairs, key=lambda pair: -len(pair[0]))

    @cached_property
    def _denied(self) -> list[str]:
        return [word for rule in self._by_kind.get(RuleKind.DENIED.value, ()) if (word := letters(fold(rule.phrase)))]


NO_RULES = Rules()
