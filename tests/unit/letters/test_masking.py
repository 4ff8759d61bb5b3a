"""What is published of a letter names nobody, and stays the text it was."""

import pytest

from tenants.letters.contract import masked, masked_contact, masked_name, masked_reply

WRITER, CONTACT = "样例甲", "13812345678"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("电话：13812345678，请回电！", "电话：［号码］，请回电！"),
        ("电话１３９ １２３４ ５６７８。", "电话［号码］。"),
        ("证件 14010519900101123X", "证件 ［号码］"),
        ("邮箱 somebody＠example.org，谢谢", "邮箱 ［邮箱］，谢谢"),
        ("我叫样例甲，住在三号楼。", "我叫［姓名］，住在三号楼。"),
        ("第一行，“引号”；\n第二行（括号）：2026-11-26。", "第一行，“引号”；\n第二行（括号）：2026-11-26。"),
        ("一三八一二三四五六七八", "［号码］"),
        ("100元、2号楼、2026年11月26日", "100元、2号楼、2026年11月26日"),
    ],
)
def test_a_citizens_words_lose_numbers_and_the_name_and_nothing_else(text: str, expected: str) -> None:
    """S21: personal data is masked in anything shown."""
    assert masked(text, writer=WRITER, contact=CONTACT) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("样例甲您好：咨询电话 0351-7654321。", "［姓名］您好：咨询电话 0351-7654321。"),
        ("已致电 138-1234-5678。", "已致电 ［号码］。"),
        ("证件140105199001011234已核。", "证件［号码］已核。"),
        ("补贴 1400000 元，文号〔2026〕12号。", "补贴 1400000 元，文号〔2026〕12号。"),
    ],
)
def test_an_answer_keeps_the_offices_own_telephone(text: str, expected: str) -> None:
    assert masked_reply(text, writer=WRITER, contact=CONTACT) == expected


def test_a_name_of_one_sign_does_not_tear_words_apart() -> None:
    assert masked("人民路不平。", writer="人", contact="") == "人民路不平。"


def test_lists_show_a_first_sign_and_a_few_digits() -> None:
    assert (masked_name("样例甲"), masked_name("")) == ("样**", "")
    assert [masked_contact(each) for each in ("13812345678", "1234", "", "ab@example.org")] == [
        "138****78",
        "****",
        "",
        "a***@example.org",
    ]
