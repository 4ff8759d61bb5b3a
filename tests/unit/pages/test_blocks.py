"""Official text: its paragraphs, anchors and table of contents."""

import pytest

from tenants.pages.blocks import chinese_number, headings_of, lines_of
from tests.factories.texts import all_texts

TEXT = """总　则

第一章　总　则
第一条　为了规范管理，制定本办法。
第二条　本办法第三条所称单位，指行政机关。
第一百二十条之一　附加条款。
第二条第一款规定的情形，依照前款处理。
第二章　附　则
第一条　重复的条号。"""


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("一", 1),
        ("十", 10),
        ("十二", 12),
        ("二十", 20),
        ("一百零一", 101),
        ("二百六十六", 266),
        ("一千二百六十", 1260),
        ("一〇二", 102),
        ("12", 12),
        ("两百", 200),
    ],
)
def test_numerals(text: str, value: int) -> None:
    assert chinese_number(text) == value


def test_headings_get_anchors_and_references_do_not() -> None:
    lines = lines_of(TEXT)

    assert [(line.anchor, line.css_class) for line in lines] == [
        ("", ""),
        ("chapter-1", "chapter"),
        ("art-1", "article"),
        ("art-2", "article"),
        ("art-120-1", "article"),
        ("", ""),
        ("chapter-2", "chapter"),
        ("art-1--2", "article"),
    ]
    assert [(heading.label, heading.level) for heading in headings_of(lines)] == [
        ("第一章　总　则", 2),
        ("第一条", 4),
        ("第二条", 4),
        ("第一百二十条之一", 4),
        ("第二章　附　则", 2),
        ("第一条", 4),
    ]


def test_anchors_are_unique_in_every_real_text() -> None:
    for text in all_texts():
        anchors = [line.anchor for line in lines_of(text["body"]) if line.anchor]
        assert len(anchors) == len(set(anchors)), text["title"]


def test_the_penal_code_has_its_articles() -> None:
    penal_code = next(text for text in all_texts() if text["title"] == "中华人民共和国刑法" and text["latest_in_corpus"])
    anchors = {line.anchor for line in lines_of(penal_code["body"])}

    assert {"art-1", "art-266", "art-120-1", "art-452"} <= anchors
