"""Official text: its paragraphs, anchors and table of contents."""

from tenants.pages.blocks import headings_of, lines_of
from tests.factories.texts import all_texts

TEXT = """总　则

第一章　总　则
第一条　为了规范管理，制定本办法。
第二条　本办法第三条所称单位，指行政机关。
第一百二十条之一　附加条款。
第二条第一款规定的情形，依照前款处理。
第二章　附　则
第一条　重复的条号。"""


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


def test_the_official_layout_is_told_apart_and_the_title_not_repeated() -> None:
    text = "国务院关于推行\n监管的意见\n国发〔2019〕5号\n各省、自治区：\n一、总体要求\n实现全覆盖。\n国务院\n2019年1月27日"

    lines = lines_of(text, title="国务院关于推行监管的意见")

    assert [(line.text, line.css_class) for line in lines] == [
        ("国发〔2019〕5号", "number"),
        ("各省、自治区：", "salutation"),
        ("一、总体要求", ""),
        ("实现全覆盖。", ""),
        ("国务院", ""),
        ("2019年1月27日", ""),
    ]
    assert [line.text for line in lines_of(text, title="别的标题")][:2] == ["国务院关于推行", "监管的意见"]


def test_a_longer_text_ends_with_signature_and_date() -> None:
    lines = lines_of("\n".join(["第一段。"] * 6 + ["国务院", "2019年1月27日"]))

    assert [line.css_class for line in lines[-2:]] == ["signature", "date"]


def test_an_articles_label_stands_apart_from_its_words() -> None:
    assert [(line.label, line.text) for line in lines_of("第十二条　国家实行制度。\n第十三条国家。")] == [
        ("第十二条", "国家实行制度。"),
        ("第十三条", "国家。"),
    ]
