"""How long what is recorded here is kept: dated parameters, each with its reason."""

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Term:
    """How many days something is kept, from a date on."""

    since: dt.date
    days: int
    basis: str


QUERY_TEXT = (Term(dt.date(2026, 11, 25), 180, "平台规则：搜索词保存180天，到期删除。"),)
DAILY_FIGURES = (Term(dt.date(2026, 11, 25), 1830, "平台规则：不含搜索词的每日统计保存五年。"),)


def days_kept(terms: tuple[Term, ...], *, on: dt.date) -> int:
    """Return how many days the rule of that date says; before the first one, the first."""
    valid = [term for term in terms if term.since <= on] or [terms[0]]
    return max(valid, key=lambda term: term.since).days
