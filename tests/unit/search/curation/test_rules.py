"""What rules say of a query."""

import datetime as dt

import pytest

from search.contract import Guidance
from search.curation.rules import Rules, RuleValue

TODAY = dt.date(2026, 11, 25)


def rules(*values: RuleValue) -> Rules:
    return Rules.of(values, today=TODAY)


def best(phrase: str = "公积金", **changes: object) -> RuleValue:
    return RuleValue(**({"kind": "best", "phrase": phrase, "address": "/a/", "page": "a", "title": "办事指南"} | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("match", "query", "is_meant"),
    [
        ("exact", "公积金", True),
        ("exact", " 公 积金 ", True),
        ("exact", "公積金", True),
        ("exact", "公积金提取", False),
        ("contains", "公积金提取", True),
        ("contains", "住房公积", False),
        ("contains", "", False),
    ],
)
def test_a_phrase_is_meant_by_the_same_words_or_by_those_that_hold_it(match: str, query: str, *, is_meant: bool) -> None:
    given = rules(best(match=match))

    assert bool(given.promoted(query)) is is_meant
    assert given.touches(query) is is_meant


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "is_in_force"),
    [
        (None, None, True),
        (TODAY, TODAY, True),
        (TODAY + dt.timedelta(1), None, False),
        (None, TODAY - dt.timedelta(1), False),
    ],
)
def test_a_rule_is_in_force_between_its_dates(starts_on: dt.date | None, ends_on: dt.date | None, *, is_in_force: bool) -> None:
    assert bool(rules(best(starts_on=starts_on, ends_on=ends_on)).promoted("公积金")) is is_in_force


def test_promoted_results_are_in_order_each_once_and_at_most_three() -> None:
    given = rules(
        best(page="d", position=4),
        best(page="b", position=2),
        best(page="a", position=1, match="contains"),
        best(page="a", position=3),
        best(page="c", position=3),
    )

    assert [rule.page for rule in given.promoted("公积金")] == ["a", "b", "c"]


def test_of_two_first_places_the_sites_own_comes_before_its_citys() -> None:
    given = rules(best(page="city"), best(page="own", is_own=True))

    assert [rule.page for rule in given.promoted("公积金")] == ["own", "city"]


def test_unwanted_pages_are_left_out_or_lowered() -> None:
    given = rules(
        RuleValue(kind="worst", phrase="停车", match="contains", page="x", effect="hide"),
        RuleValue(kind="worst", phrase="停车", match="contains", page="y", effect="lower"),
    )

    assert given.guidance("停车收费") == Guidance(hidden=("x",), lowered=("y",))
    assert given.guidance("公积金") == Guidance()


def test_synonyms_go_one_way_unless_told_otherwise() -> None:
    given = rules(
        RuleValue(kind="synonym", phrase="身份证", words="居民身份证"),
        RuleValue(kind="synonym", phrase="低保", words="最低生活保障", is_two_way=True),
    )

    assert given.expansions("身份证丢了") == ("居民身份证",)
    assert given.expansions("居民身份证") == ()
    assert given.expansions("最低生活保障标准") == ("低保",)


def test_at_most_five_other_words_those_of_the_longest_terms_first() -> None:
    given = rules(
        *(RuleValue(kind="synonym", phrase="社保", words=f"社会保险{number}") for number in range(6)),
        RuleValue(kind="synonym", phrase="社保卡", words="社会保障卡"),
    )

    found = given.expansions("社保卡")

    assert len(found) == 5
    assert found[0] == "社会保障卡"


def test_known_mistakes_are_put_right_unless_the_right_words_are_denied() -> None:
    pair = RuleValue(kind="spelling", phrase="公基金", words="公积金")

    assert rules(pair).correction("公基金提取") == "公积金提取"
    assert rules(pair).correction("公积金提取") == "公积金提取"
    assert rules(pair, RuleValue(kind="denied", phrase="公积金提取")).correction("公基金提取") == "公基金提取"


def test_a_denied_word_is_found_however_it_is_written() -> None:
    given = rules(RuleValue(kind="denied", phrase="某某事件"))

    assert given.denies("关于 某某 事件 的通报")
    assert not given.denies("关于某事")


def test_a_rule_survives_its_version() -> None:
    rule = best(starts_on=TODAY, ends_on=None, note="备注", position=2, is_own=True)

    assert RuleValue.from_json(rule.to_json(), is_own=True) == rule
