"""How a query is understood: each part on its own."""

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
    assert reading.pairs_with_expansions[:2] == ("老板", "板不")
    assert reading.pairs_with_expansions[-3:] == ("劳动", "动报", "报酬")


def test_rewritings_carry_their_title_keys() -> None:
    (rewriting,) = read("公积金管理条例", rewritings=("住房公积金管理条例",)).rewritings

    assert rewriting.title_keys == ("住房公积金管理条例",)
    assert "住房" in rewriting.wording.pairs
