"""Every way of writing a document number leads to its key."""

import pytest

from search.analysis.numbering import number_key, number_keys_in, parse_number


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("国发〔2019〕5号", "国发/2019/5"),
        ("国发[2019]5号", "国发/2019/5"),
        ("国发(2019)第5号", "国发/2019/5"),
        ("国发【2019】 5 号", "国发/2019/5"),
        ("国发２０１９５号", "国发/2019/5"),
        ("国办函〔二〇一八〕七十一号", "国办函/2018/71"),
        ("国务院令第188号", "国务院令/188"),
        ("国务院令188号", "国务院令/188"),
        ("国务院第188号令", "国务院令/188"),
        ("国令第一百八十八号", "国务院令/188"),
        ("中华人民共和国公安部令第8号", "公安部令/8"),
        ("华人民共和国公安部令第8号", "公安部令/8"),
        ("国办发明电〔2018〕15号", "国办发明电/2018/15"),
        ("并政发 2024-3", "并政发2024-3"),
    ],
)
def test_the_key_of_a_number(written: str, key: str) -> None:
    assert number_key(written) == key


def test_words_before_a_number_do_not_hide_it() -> None:
    assert "国发/2019/5" in number_keys_in("请问国发〔2019〕5号的解读")
    assert "国务院令/188" in number_keys_in("第188号 国务院令第188号")
    assert number_keys_in("道路交通安全法第五条") == []


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("第127号国务院令", "国务院令/127"),
        ("第8号中华人民共和国公安部令", "公安部令/8"),
        ("国办发〔1996〕2", "国办发/1996/2"),
        ("国办发[1996]第2", "国办发/1996/2"),
    ],
)
def test_ways_of_typing_a_number_that_no_text_is_numbered_by(typed: str, key: str) -> None:
    assert key in number_keys_in(typed)


def test_a_year_before_a_number_is_no_document_number() -> None:
    assert number_keys_in("工作报告2019年5") == []


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12", 12),
        ("二〇一九", 2019),
        ("一百八十八", 188),
        ("十五", 15),
        ("二十", 20),
        ("一千零三", 1003),
        ("两百", 200),
        ("", None),
        ("甲", None),
    ],
)
def test_numerals(text: str, number: int | None) -> None:
    assert parse_number(text) == number


@pytest.mark.parametrize(("text", "number"), [("十二", 12), ("二百六十六", 266), ("一千二百六十", 1260), ("一〇二", 102), ("两百", 200)])
def test_numerals_as_articles_carry_them(text: str, number: int) -> None:
    assert parse_number(text) == number
