"""Expansions: the same in official words, by longest match, never what the query says already."""

from search import dictionaries
from search.analysis.expanding import MOST, expansions, rewritings
from search.selectors import vocabulary

TABLE = {"社保": ("社会保险",), "社保卡": ("社会保障卡",), "公积金": ("住房公积金",), "工资": ("劳动报酬", "报酬")}


def test_the_longest_word_is_taken() -> None:
    assert expansions("社保卡丢了怎么办", table=TABLE) == ("社会保障卡",)
    assert expansions("社保和工资", table=TABLE) == ("社会保险", "劳动报酬", "报酬")


def test_what_the_query_says_already_is_not_added() -> None:
    assert expansions("住房公积金", table=TABLE) == ()
    assert rewritings("住房公积金管理条例", table=TABLE) == ()


def test_the_whole_query_in_official_words() -> None:
    assert rewritings("公积金管理条例", table=TABLE) == ("住房公积金管理条例",)
    assert rewritings("太原 社保 公积金", table=TABLE) == ("太原 社会保险 住房公积金",)
    assert rewritings("物业管理条例", table=TABLE) == ()


def test_everyday_words_replace_where_nothing_is_asked_and_short_names_come_before_them() -> None:
    known = vocabulary()

    assert rewritings("小孩上学划片", table=known.replacing) == ("子女义务教育就近入学",)
    assert rewritings("公积金管理条例", table=known.replacing) == ("住房公积金管理条例",)


def test_not_more_than_a_few() -> None:
    table = {"甲乙": tuple(f"第{number}种说法" for number in range(20))}

    assert len(expansions("甲乙", table=table)) == MOST


def test_traditional_characters_find_the_table_too() -> None:
    assert expansions("社保轉移", table=TABLE) == ("社会保险",)


def test_what_ships_is_well_formed() -> None:
    for table in (dictionaries.short_names(), dictionaries.plain_words()):
        assert len(table) > 50
        assert all(2 <= len(short) <= 12 and all(len(form) >= 2 for form in forms) for short, forms in table.items())
    assert "贷" in dictionaries.look_alikes()["货"]
    assert dictionaries.typos()["一刀两段"] == ("一刀两断",)
    assert "总理" in dictionaries.never_corrected()
