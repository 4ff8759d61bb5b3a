"""How a column or an entry is judged, at the very days where the answer changes."""

import datetime as dt

import pytest

from rules.models import Rule
from tenants.openness.contract import Figure, State, words_of
from tenants.openness.selectors.duties import due_day, judge
from tenants.openness.selectors.figures import Figures

NEWEST = dt.date(2026, 3, 1)
FORTNIGHT = Rule(key="column.news.stale", value=14, unit="days")
HALF_A_YEAR = Rule(key="column.notices.stale", value=6, unit="months")


@pytest.mark.parametrize(
    ("days", "expected", "words"),
    [
        (6, (State.FINE, 0), "正常"),
        (7, (State.DUE_SOON, 7), "7 天内到期"),
        (13, (State.DUE_SOON, 1), "1 天内到期"),
        (14, (State.DUE_SOON, 0), "今天到期"),
        (15, (State.OVERDUE, 1), "逾期 1 天"),
        (60, (State.OVERDUE, 46), "逾期 46 天"),
    ],
)
def test_a_news_column_is_overdue_on_the_fifteenth_day(days: int, expected: tuple[State, int], words: str) -> None:
    """D22: two weeks; S33: staff are warned a week before."""
    judged = judge(3, 1, due_day(NEWEST, [FORTNIGHT]), today=NEWEST + dt.timedelta(days=days), warning=7)

    assert judged == expected
    assert words_of(*judged) == words


@pytest.mark.parametrize(
    ("own", "expected"), [(None, dt.date(2026, 3, 15)), (5, dt.date(2026, 3, 6)), (14, dt.date(2026, 3, 15)), (30, dt.date(2026, 3, 15))]
)
def test_an_own_deadline_only_makes_it_stricter(own: int | None, expected: dt.date) -> None:
    assert due_day(NEWEST, [FORTNIGHT], own_days=own) == expected


def test_months_are_those_of_the_calendar_and_without_a_rule_nothing_is_due() -> None:
    """D23: six months."""
    assert due_day(dt.date(2025, 8, 31), [HALF_A_YEAR]) == dt.date(2026, 2, 28)
    assert due_day(NEWEST, [None]) is None
    assert due_day(NEWEST, [None], own_days=3) == dt.date(2026, 3, 4)
    assert due_day(None, [FORTNIGHT]) is None


@pytest.mark.parametrize(
    ("count", "least", "state"),
    [(0, 1, State.BLANK), (0, 0, State.FINE), (3, 4, State.SHORT), (4, 4, State.FINE), (5, 4, State.FINE)],
)
def test_too_few_texts_are_told_from_none(count: int, least: int, state: State) -> None:
    """D24: four records an entry."""
    assert judge(count, least, None, today=NEWEST, warning=7) == (state, 0)


def test_overdue_is_worse_than_too_few_and_blank_the_worst() -> None:
    past = NEWEST - dt.timedelta(days=1)

    assert judge(3, 4, past, today=NEWEST, warning=7) == (State.OVERDUE, 1)
    assert judge(0, 4, past, today=NEWEST, warning=7) == (State.BLANK, 0)


def test_figures_add_up_along_the_tree() -> None:
    early, late = dt.datetime(2026, 1, 1, tzinfo=dt.UTC), dt.datetime(2026, 2, 1, tzinfo=dt.UTC)

    found = Figures({"000100010001": Figure(2, late), "0001000100010001": Figure(3, early), "000100010002": Figure(1, None)})

    assert found.of("000100010001") == Figure(2, late)
    assert found.below("000100010001") == Figure(5, late)
    assert found.below("0001000100010001") == Figure(3, early)
    assert found.below("00010001") == Figure(6, late)
    assert found.below("000100010003") == Figure(0, None)
