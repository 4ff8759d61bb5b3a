"""Typing errors of every sort are put right by titles that exist; names and what is right are left alone."""

import pytest

from search import dictionaries
from search.analysis.spelling import Lexicon, corrected

LEXICON = Lexicon(
    typos=dictionaries.typos(),
    look_alikes=dictionaries.look_alikes(),
    posts=dictionaries.never_corrected(),
    surnames=dictionaries.surnames(),
)
TITLES = ["中华人民共和国粮食安全保障法", "劳动合同法实施条例", "太原市物业管理条例", "李晓明主任调研养老服务"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("粮食安全保章法", "粮食安全保障法"),  # the same sound
        ("劳动何同法", "劳动合同法"),
        ("物业官里条例", "物业管理条例"),  # a whole word of the same sound
        ("物业菅理条例", "物业管理条例"),  # looks alike
        ("物业管理调例", "物业管理条例"),
        ("劳动同合法", "劳动合同法"),  # swapped
        ("劳动合法实施条例", "劳动合同法实施条例"),  # missing
        ("物业管管理条例", "物业管理条例"),  # too many
        ("劳動何同法", "劳动合同法"),  # traditional beside the error
        ("良食安全", "粮食安全"),  # the first of all
        ("粮食安权", "粮食安全"),  # the last of all
    ],
)
def test_one_error_is_put_right(typed: str, meant: str) -> None:
    assert corrected(typed, titles=TITLES, lexicon=LEXICON) == meant


@pytest.mark.parametrize("typed", ["劳动合同法", "粮食安全保障", "物业", "法", "", "完全不同的词语", "abc", "🙂🙂🙂🙂"])
def test_what_is_right_or_unlike_anything_stays(typed: str) -> None:
    assert corrected(typed, titles=TITLES, lexicon=LEXICON) == ""


@pytest.mark.parametrize("typed", ["李小明", "李小明主任", "李晓明主人", "张主席讲话"])
def test_names_of_people_and_leaders_are_never_corrected(typed: str) -> None:
    assert corrected(typed, titles=[*TITLES, "章主席讲话"], lexicon=LEXICON) == ""


def test_the_likelier_error_wins_then_the_better_title() -> None:
    assert corrected("养老服物", titles=["养老服装", "养老服务"], lexicon=LEXICON) == "养老服务"
    assert corrected("公共衣生条例", titles=["公共医生条例", "公共依生条例"], lexicon=LEXICON) == "公共医生条例"


def test_a_frequent_wrong_form_is_known_without_a_title() -> None:
    assert corrected("一刀两段的处理", titles=[], lexicon=LEXICON) == "一刀两断的处理"
