"""How a query is understood: each part on its own."""

import pytest

from search.analysis.reading import phrases_in, read


def test_a_cited_article() -> None:
    reading = read("刑法 第二百六十六条")

    assert reading.articles == ("art-266",)
    assert "刑法" in reading.title_keys


def test_quoted_phrases_in_any_marks_but_not_titles() -> None:
    assert phrases_in('"不动产登记" 办法') == ["不动产登记"]
    assert phrases_in("“限期改正”和「沒收違法所得」") == ["限期改正", "没收违法所得"]
    assert phrases_in("《物业管理条例》") == []
    assert phrases_in('"" "') == []


def test_pairs_of_expansions_come_after_the_querys_own() -> None:
    reading = read("老板不发工资怎么办？", expansions=("用人单位", "劳动报酬"))

    assert reading.is_question
    assert reading.pairs_with_expansions[:4] == ("老板", "板不", "不发", "发工")
    assert reading.pairs_with_expansions[-3:] == ("劳动", "动报", "报酬")


def test_rewritings_carry_their_title_keys() -> None:
    (rewriting,) = read("公积金管理条例", rewritings=("住房公积金管理条例",)).rewritings

    assert rewriting.title_keys == ("住房公积金管理条例",)
    assert "住房" in rewriting.wording.pairs


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ("护照怎么办理", ("护照", "办理")),
        ("請問護照怎麼辦理？", ("护照", "办理")),
        ("请问低保多少钱？", ("低保",)),
        ("儿媳、女婿可以继承财产吗？", ("儿媳", "女婿", "婿可", "可以", "以继", "继承", "承财", "财产")),
        ("狗咬人谁负责", ("狗咬", "咬人", "负责")),
    ],
)
def test_what_a_question_asks_with_is_not_looked_for(query: str, left: tuple[str, ...]) -> None:
    reading = read(query)

    assert reading.is_question
    assert reading.wording.pairs == left


def test_the_sound_of_a_query_that_may_be_a_title() -> None:
    assert read("外毁管理条例").sounds == ("waihuiguanlitiaoli",)
    assert read("外毁管理条例怎么规定").sounds == ()
    assert read("物业").sounds == ()  # too many titles sound like it
    assert read("国发〔2019〕5号").sounds == ()
    assert read("旅游法").sounds == ()
    assert read("旅游条例").sounds == ("lvyoutiaoli", "luyoutiaoli")


def test_official_words_are_marked_beside_the_querys_own() -> None:
    asked = read("老板跑了", expansions=("用人单位", "雇主"))
    named = read("公积金提取", rewritings=("住房公积金提取",))

    assert asked.marked.pairs == ("老板", "板跑", "跑了", "用人", "人单", "单位", "雇主")
    assert "雇主" in asked.marked.words
    assert (asked.wording.pairs, named.marked.pairs[-2:]) == (("老板", "板跑", "跑了"), ("住房", "房公"))
    assert (plain := read("停车管理")).marked is plain.wording
