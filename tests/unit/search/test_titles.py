"""Titles as exact keys and as pinyin."""

import pytest

from search.analysis.pinyin import latin, spellings
from search.analysis.titles import plain_title, title_keys, title_keys_in


@pytest.mark.parametrize(
    ("title", "keys"),
    [
        (
            "中华人民共和国道路交通安全法（2021修正）",
            ["中华人民共和国道路交通安全法2021修正", "道路交通安全法2021修正", "中华人民共和国道路交通安全法", "道路交通安全法"],
        ),
        ("国务院关于印发《国务院工作规则》的通知", ["国务院关于印发国务院工作规则的通知", "国务院工作规则"]),
        ("北京市水条例", ["北京市水条例"]),
    ],
)
def test_the_keys_of_a_title(title: str, keys: list[str]) -> None:
    assert title_keys(title) == keys


def test_an_article_behind_a_title_does_not_hide_it() -> None:
    assert "道路交通安全法" in title_keys_in("道路交通安全法第九十一条")
    assert "道路交通安全法" in title_keys_in("道路交通安全法 第91条第二款")


def test_copies_and_versions_share_a_plain_title() -> None:
    assert plain_title("中华人民共和国劳动法（2018年修正）") == plain_title("劳动法") == "劳动法"


def test_spellings_read_places_as_their_people_do() -> None:
    assert spellings(["长子县绿化条例"]) == (["zhangzixianlvhuatiaoli", "zhangzixianluhuatiaoli"], ["zzxlhtl"])
    assert spellings(["洪洞县志"])[0] == ["hongtongxianzhi"]
    assert spellings(["2024年报"]) == (["2024nianbao"], ["2024nb"])


@pytest.mark.parametrize(
    ("query", "joined"),
    [("Lao Dong Fa", "laodongfa"), ("xi'an", "xian"), ("ldf", "ldf"), ("劳动fa", ""), ("12345", ""), ("", ""), ("a", "")],
)
def test_latin_queries(query: str, joined: str) -> None:
    assert latin(query) == joined
