"""How a consultation stands by the clock, which rule says how long it lasts, and what of a person staff see in lists."""

import datetime as dt

import pytest

from rules.contract import Key
from search.contract import Card, Phase
from tenants.consultations.contract import STATUS_LABELS, Status, masked, period_key, phases_of, status_of

FIRST, LAST = dt.date(2026, 7, 1), dt.date(2026, 7, 31)


@pytest.mark.parametrize(
    ("today", "is_answered", "status"),
    [
        (dt.date(2026, 6, 30), False, Status.UPCOMING),
        (FIRST, False, Status.OPEN),
        (LAST, False, Status.OPEN),
        (LAST, True, Status.OPEN),
        (dt.date(2026, 8, 1), False, Status.CLOSED),
        (dt.date(2026, 8, 1), True, Status.ANSWERED),
    ],
)
def test_the_clock_says_how_it_stands(today: dt.date, is_answered: bool, status: Status) -> None:  # noqa: FBT001 - a case of the table
    """S13: both the first and the last day are open."""
    assert status_of(FIRST, LAST, is_answered=is_answered, today=today) is status


@pytest.mark.parametrize("is_answered", [False, True])
@pytest.mark.parametrize(("first", "last"), [(FIRST, LAST), (FIRST, FIRST), (FIRST, None), (None, LAST), (None, None)])
def test_what_a_result_keeps_says_the_same_on_every_day(first: dt.date | None, last: dt.date | None, is_answered: bool) -> None:  # noqa: FBT001 - as above
    """S13: a result keeps days and not a word, so it is right whenever it is read."""
    card = Card(phases=phases_of(first, last, is_answered=is_answered))

    for day in (FIRST + dt.timedelta(days=number) for number in range(-2, 34)):
        phase = card.phase_on(day)
        assert phase
        status = status_of(first, last, is_answered=is_answered, today=day)
        assert (phase.code, phase.label) == (status.value, STATUS_LABELS[status])


def test_a_result_says_from_when_and_until_when() -> None:
    assert phases_of(FIRST, LAST, is_answered=True) == (
        Phase(None, "upcoming", "未开始", "2026-07-01 开始"),
        Phase(FIRST, "open", "征集中", "2026-07-31 截止"),
        Phase(dt.date(2026, 8, 1), "answered", "已反馈"),
    )


@pytest.mark.parametrize(
    ("kind", "market", "key"),
    [
        ("decision", False, Key.CONSULTATION_DECISION),
        ("decision", True, Key.CONSULTATION_DECISION),
        ("rule", True, Key.CONSULTATION_RULE),
        ("normative", False, Key.CONSULTATION_NORMATIVE),
        ("normative", True, Key.CONSULTATION_MARKET),
        ("other", False, None),
        ("other", True, Key.CONSULTATION_MARKET),
        ("", False, None),
    ],
)
def test_each_kind_has_its_rule(kind: str, market: bool, key: Key | None) -> None:  # noqa: FBT001 - as above
    assert period_key(kind, affects_market=market) is key


def test_nobody_is_recognised_in_a_list() -> None:
    assert [masked(text) for text in ("", "甲", "样例甲", "13800000000", "yangli@example.cn")] == [
        "", "*", "样**", "1********00", "y**************cn",
    ]  # fmt: skip
