"""Shares, missing numbers, forms that count, clocks: exact at their borders."""

import datetime as dt

import pytest

from tenants.interpretations.contract import ELEMENTS, ClockState, Form, Meter, backed, read_clock, span_text

START = dt.datetime(2026, 1, 5, 8, 0, tzinfo=dt.UTC)


def minutes(count: float) -> dt.timedelta:
    return dt.timedelta(minutes=count)


@pytest.mark.parametrize(
    ("counted", "total", "share", "is_met", "missing"),
    [
        (0, 0, "—", None, 0),
        (0, 10, "0.0%", False, 24),
        (699, 1000, "69.9%", False, 4),
        (6_996, 10_000, "69.9%", False, 14),
        (69_999, 100_000, "69.9%", False, 4),
        (700, 1000, "70.0%", True, 0),
        (7, 10, "70.0%", True, 0),
        (2, 3, "66.6%", False, 1),
        (3, 4, "75.0%", True, 0),
        (10, 10, "100.0%", True, 0),
    ],
)
def test_a_share_is_never_rounded_up_to_what_it_must_reach(
    counted: int, total: int, share: str, missing: int, *, is_met: bool | None
) -> None:
    """S23: 69.9 % is not 70 %."""
    meter = Meter(counted, total, 70)

    assert (meter.share, meter.is_met, meter.missing) == (share, is_met, missing)
    if missing:
        assert Meter(counted + missing, total + missing, 70).is_met
        assert not Meter(counted + missing - 1, total + missing - 1, 70).is_met


def test_where_no_rule_says_so_nothing_is_judged() -> None:
    assert (Meter(1, 10).share, Meter(1, 10).is_met, Meter(1, 10).missing) == ("10.0%", None, 0)


def test_a_form_counts_only_if_it_is_there() -> None:
    """S23: plain words are no other form; a film without a film is none either."""
    every = list(Form.values)

    assert backed(["text"], media=set(), has_questions=True) == []
    assert backed(["text", "video"], media={"picture"}, has_questions=False) == []
    assert backed(["text", "video"], media={"video"}, has_questions=False) == [Form.VIDEO]
    assert backed(["comic"], media={"video"}, has_questions=False) == [Form.COMIC]
    assert backed(["questions"], media=set(), has_questions=True) == [Form.QUESTIONS]
    assert backed(every, media=set(), has_questions=False) == [Form.EXPERT, Form.LEADER, Form.PRESS, Form.MEDIA, Form.TALK]
    assert backed(every, media={"picture", "audio", "video"}, has_questions=True) == [form for form in Form if form is not Form.TEXT]


@pytest.mark.parametrize(
    ("passed", "state", "text"),
    [
        (minutes(0), ClockState.RUNNING, "还剩5小时"),
        (minutes(299), ClockState.RUNNING, "还剩1分钟"),
        (minutes(299.5), ClockState.RUNNING, "还剩不足1分钟"),
        (minutes(300), ClockState.RUNNING, "还剩不足1分钟"),
        (minutes(300) + dt.timedelta(microseconds=1), ClockState.OVERDUE, "已超时不足1分钟"),
        (minutes(301), ClockState.OVERDUE, "已超时1分钟"),
        (minutes(300 + 25 * 60 + 3), ClockState.OVERDUE, "已超时1天1小时3分钟"),
    ],
)
def test_a_running_clock_says_what_is_left_or_exceeded(passed: dt.timedelta, state: ClockState, text: str) -> None:
    """S26: 4 h 59 is in time; after 5 h 00 it is not."""
    clock = read_clock(label="发布权威信息", hours=5, basis="依据", start=START, stopped_at=None, now=START + passed)

    assert (clock.state, clock.text, clock.due_at, clock.is_open) == (state, text, START + minutes(300), True)


@pytest.mark.parametrize(
    ("taken", "state", "text"),
    [
        (minutes(299), ClockState.ON_TIME, "按时，用时4小时59分钟"),
        (minutes(300), ClockState.ON_TIME, "按时，用时5小时"),
        (minutes(300) + dt.timedelta(seconds=1), ClockState.LATE, "超时，用时5小时"),
        (minutes(301), ClockState.LATE, "超时，用时5小时1分钟"),
    ],
)
def test_a_stopped_clock_says_how_long_it_took_however_late_it_is_now(taken: dt.timedelta, state: ClockState, text: str) -> None:
    now = START + dt.timedelta(days=400)

    clock = read_clock(label="发布权威信息", hours=5, basis="依据", start=START, stopped_at=START + taken, now=now)

    assert (clock.state, clock.text, clock.is_open) == (state, text, False)


def test_spans_are_said_in_whole_days_hours_and_minutes() -> None:
    assert [span_text(minutes(count)) for count in (0.9, 1, 60, 61, 1440, 1500, 2879)] == [
        "不足1分钟", "1分钟", "1小时", "1小时1分钟", "1天", "1天1小时", "1天23小时59分钟",
    ]  # fmt: skip


def test_the_nine_elements_are_there() -> None:
    assert list(ELEMENTS.values()) == [
        "背景依据", "目标任务", "主要内容", "适用范围", "执行标准", "注意事项", "关键词诠释", "惠民利民举措", "新旧政策差异",
    ]  # fmt: skip
