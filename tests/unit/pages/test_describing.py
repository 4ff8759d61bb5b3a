"""How a text describes itself where nobody wrote a summary: by the sentences it begins with."""

from types import SimpleNamespace

import pytest

from tenants.pages import blocks, describing


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", ""),
        ("没有句号的一行", "没有句号的一行"),
        ("第一句。第二句！“第三句。”其余没有完", "第一句。第二句！“第三句。”"),
        ("第一句。\n\n  第二句。", "第一句。 第二句。"),
        (f"短句。{'长' * 118}。", "短句。"),
        (f"{'甲' * 119}。后面还有。", f"{'甲' * 119}。"),
        (f"{'甲' * 60}，{'乙' * 50}，{'丙' * 50}。", f"{'甲' * 60}，{'乙' * 50}…"),
        ("长" * 300, f"{'长' * 119}…"),
    ],
)
def test_a_description_is_whole_sentences_or_says_that_it_is_cut(text: str, said: str) -> None:
    found = describing.first_sentences(text)

    assert found == said
    assert len(found) <= describing.LONGEST


def test_the_opening_of_an_official_text_skips_title_number_and_address() -> None:
    head = "示例市人民政府\n关于停车管理的通知\n示政发〔2026〕1号\n各县（市、区）人民政府：\n"
    text = f"{head}第一章 总则\n第一条 为规范停车，制定本办法。\n第二条 其余。"
    body = [
        SimpleNamespace(block_type="official_text", block=blocks.OfficialTextBlock(), value=text),
        SimpleNamespace(block_type="paragraph", block=None, value="不必再看的一段"),
    ]

    assert blocks.opening(body, title="示例市人民政府关于停车管理的通知", most=20) == "第一条 为规范停车，制定本办法。第二条 其余。"
