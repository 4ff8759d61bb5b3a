"""No number that could be somebody's is kept, however it is written; what merely holds digits stays."""

import pytest

from search.analytics.masking import MAIL, NUMBER, is_masked, mask

ID_CARD, PHONE, BANK_CARD = "140105199003071234", "13800138000", "6222021234567890123"


@pytest.mark.parametrize(
    "number",
    [
        ID_CARD,
        "14010519900307123X",
        "14010519900307123x",
        "140105 19900307 1234",
        "140105-1990-0307-1234",
        "140105900307123",
        "１４０１０５１９９００３０７１２３４",
        PHONE,
        "138 0013 8000",
        "138-0013-8000",
        "138.0013.8000",
        "+86 13800138000",
        "(0351)7121234",
        "0351-7121234",
        "7121234",
        BANK_CARD,
        "6222 0212 3456 7890 123",
        "1\u200b3\u200b8\u200b0\u200b0\u200b1\u200b3\u200b8\u200b0\u200b0\u200b0",
        "一三八零零一三八零零零",
        "幺三八〇〇幺三八〇〇〇",
        "①③⑧⑩⓪⓪①③⑧⓪⓪⓪",
        "١٣٨٠٠١٣٨٠٠٠",
        "E12345678",
    ],
)
def test_a_number_that_looks_like_somebodys_is_replaced(number: str) -> None:
    masked = mask(f"查询 {number} 的社保")

    assert masked == f"查询 {NUMBER} 的社保"
    assert is_masked(masked)


def test_a_number_in_the_middle_of_words_is_replaced() -> None:
    assert mask(f"身份证{ID_CARD}手机{PHONE}卡{BANK_CARD}") == f"身份证{NUMBER}手机{NUMBER}卡{NUMBER}"


@pytest.mark.parametrize(
    "address", ["zhangsan@example.com", "zhang.san+1@mail.example.com.cn", "ZhangSan＠example.com", "zhang @ example . com"]
)
def test_an_address_of_mail_is_replaced(address: str) -> None:
    assert mask(f"给 {address} 回信") == f"给 {MAIL} 回信"


@pytest.mark.parametrize(
    "query",
    [
        "国办发〔2019〕5号",
        "国务院令第188号",
        "2024年低保标准",
        "2024-01-02 停水",
        "20240102 公告",
        "刑法第二百六十六条",
        "12345热线",
        "12345",
        "二〇二四年工作报告",
        "5G 基站",
        "一二三四五",
    ],
)
def test_what_is_nobodys_number_stays(query: str) -> None:
    assert mask(query) == query
    assert not is_masked(query)
