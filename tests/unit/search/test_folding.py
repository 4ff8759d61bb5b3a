"""Cleaning and folding: the same text in any spelling is compared as one, and nothing broken gets through."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.analysis.folding import clean, clean_query, fold, letters, pairs, tokens
from search.analysis.wording import dissect


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("ＧＤＰ２０２４", "gdp2024"),
        ("臺灣資訊", "台湾资讯"),
        ("信息公開條例", "信息公开条例"),
        ("（第一条）", "（第一条）"),
        ("İ", "İ"),
        ("", ""),
    ],
)
def test_folding_keeps_the_length(written: str, folded: str) -> None:
    assert fold(written) == folded


@given(st.text())
def test_folding_never_changes_the_length(text: str) -> None:
    assert len(fold(text)) == len(text)


def test_cleaning_keeps_lines_and_drops_what_cannot_be_shown() -> None:
    assert clean("第一条\x00　为了\u200b便民，\r\n第二条\ud800\tＡＢ１") == "第一条 　为了便民，\n第二条 AB1"


def test_a_query_becomes_one_line_of_at_most_so_many_characters() -> None:
    assert clean_query("  国发〔２０１９〕5号\n\t第 \x07\ud800\u200b一条  ", length=200) == "国发〔2019〕5号 第 一条"
    assert clean_query("税" * 10_000, length=200) == "税" * 200
    assert clean_query("\ufdfa" * 200, length=200) == clean_query("\ufdfa" * 200, length=200)[:200]  # one character that NFKC makes 18 of


@given(st.text(alphabet=st.characters()))
def test_a_cleaned_query_can_be_encoded_and_is_not_too_long(text: str) -> None:
    cleaned = clean_query(text, length=200)

    assert len(cleaned) <= 200
    assert "\x00" not in cleaned.encode().decode()


def test_pairs_do_not_reach_over_gaps() -> None:
    assert tokens("国发2019年a") == ["国", "发", "2019", "年", "a"]
    assert sorted(pairs("国发〔2019〕5号 gdp增长")) == sorted(["国发", "5号", "增长", "gdp增"])
    assert pairs("水") == []
    assert letters("中国，（2018）a_b ") == "中国2018ab"


def test_a_query_taken_apart() -> None:
    wording = dissect("阳曲县 低保 水")

    assert wording.pairs == ("阳曲", "曲县", "低保")
    assert wording.tokens == ("阳", "曲", "县", "低", "保", "水")
    assert wording.words == {"低保", "水"}
    assert len(dissect("".join(chr(0x4E00 + number) for number in range(200))).pairs) == 64
