"""What a draft of rules would change, measured through the real search function before anybody sees it."""

import datetime as dt
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings

from registry.contract import TenantRef
from search import correcting, selectors
from search.contract import Found, Question, Scope
from search.curation import services
from search.curation.current import rules_for
from search.curation.rules import Rules
from search.evaluation import DEPTH, Labelled, QueryFileError, gain_of, load, ranking

MOST_LABELLED, MOST_OWN = 60, 12  # queries asked twice in one preview
LONGEST_SECONDS = 8.0  # a person waits
SHOWN = 5


@dataclass(frozen=True, slots=True)
class KindChange:
    """One kind of labelled queries: its mean nDCG@10 now would move by `difference`; how many rise and fall."""

    kind: str
    queries: int
    touched: int
    rising: int
    falling: int
    difference: float


@dataclass(frozen=True, slots=True)
class QueryChange:
    """One query whose first results would change: their titles before and after, and its nDCG@10 where it is labelled."""

    query: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    gain_before: float | None = None
    gain_after: float | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """What a draft would change. Queries that no rule is meant for stay as they are, so only the others are asked."""

    kinds: tuple[KindChange, ...]
    queries: tuple[QueryChange, ...]
    labelled: int
    touched: int
    asked: int

    @property
    def is_cut(self) -> bool:
        """Whether not all touched queries were asked."""
        return self.asked < self.touched


def preview(tenant: TenantRef, *, today: dt.date) -> Preview:
    """Compare searches as they are with searches by the draft of a site (at the portal: of the city).

    Raises:
        search.selectors.SearchDownError: nobody can answer now.

    """
    before = rules_for(tenant, today=today)
    after = draft_rules(tenant, today=today)
    scope = selectors.scope_of_city(tenant.city_slug)
    began = time.monotonic()
    own = list(dict.fromkeys(change.rule.phrase for change in services.changes_of(services.owner_of(tenant))))
    changes = [change for query in own[:MOST_OWN] if (change := _compare(query, scope, before, after))]
    labelled = labelled_queries()
    touched = [query for query in labelled if _differs(query.query, before, after)]
    groups = selectors.groups_by_source() if touched else {}
    measured: list[tuple[Labelled, QueryChange]] = []
    for query in touched[:MOST_LABELLED]:
        if time.monotonic() - began > LONGEST_SECONDS:
            break
        measured.append((query, _measure(query, scope, before, after, groups)))
    changes += [change for _, change in measured if change.before != change.after and change.query not in own]
    return Preview(_kinds(labelled, measured), tuple(changes), len(labelled), len(touched), len(measured))


def draft_rules(tenant: TenantRef, *, today: dt.date) -> Rules:
    """Return the rules searches on a site would follow with its draft in force."""
    owner = services.owner_of(tenant)
    draft = services.draft_of(owner)
    others = [value for value in rules_for(tenant, today=today).values if value.is_own != (owner.site is not None)]
    return Rules.of([*draft, *others], today=today)


@cache
def labelled_queries() -> tuple[Labelled, ...]:
    """Return the labelled queries of SEARCH_LABELLED_QUERIES; none where there is no file."""
    path = settings.SEARCH_LABELLED_QUERIES
    try:
        return tuple(load(Path(path))) if path else ()
    except QueryFileError:
        return ()


def _differs(query: str, before: Rules, after: Rules) -> bool:
    """Whether two sets of rules say anything different of a query, or of what it is corrected to."""
    return _said(query, before) != _said(query, after)


def _said(query: str, rules: Rules) -> tuple[object, ...]:
    return rules.promoted(query), rules.guidance(query), rules.correction(query), rules.may_deny(query)


def _compare(query: str, scope: Scope, before: Rules, after: Rules) -> QueryChange | None:
    if not _differs(query, before, after):
        return None
    return QueryChange(query, _titles(_find(query, scope, before)), _titles(_find(query, scope, after)))


def _measure(query: Labelled, scope: Scope, before: Rules, after: Rules, groups: Mapping[str, str]) -> QueryChange:
    old, new = _find(query.query, scope, before), _find(query.query, scope, after)
    gains = [gain_of(query, ranking(found), groups) for found in (old, new)]
    return QueryChange(query.query, _titles(old), _titles(new), *gains)


def _find(query: str, scope: Scope, rules: Rules) -> Found:
    """Search as readers do, with what they are offered or given instead of what they typed."""
    return correcting.find(Question(text=query, size=DEPTH), scope=scope, rules=rules)


def _titles(found: Found) -> tuple[str, ...]:
    titles = (*(f"【推荐】{each.title}" for each in found.promoted), *(hit.title for hit in found.hits))[:SHOWN]
    return (*_corrected(found), *titles)


def _corrected(found: Found) -> tuple[str, ...]:
    if found.correction is None:
        return ()
    return (f"【已按此搜索】{found.correction.text}" if found.correction.is_applied else f"【您是不是要找】{found.correction.text}",)


def _kinds(labelled: Sequence[Labelled], measured: Sequence[tuple[Labelled, QueryChange]]) -> tuple[KindChange, ...]:
    found = []
    for kind in sorted({query.kind for query, _ in measured}):
        differences = [(change.gain_after or 0) - (change.gain_before or 0) for query, change in measured if query.kind == kind]
        everything = sum(query.kind == kind for query in labelled)
        rising, falling = sum(each > 0 for each in differences), sum(each < 0 for each in differences)
        found.append(KindChange(kind, everything, len(differences), rising, falling, round(sum(differences) / everything, 4)))
    return tuple(found)
