"""Passages: a text is cut where people cite it, and an article's anchor is the one its page shows."""

from search.analysis.passages import LONGEST, Passage, article_of, articles_in, passages
from tenants.pages.blocks import lines_of

LAW = """第一章　总则
第一条　为了保护劳动者，制定本法。
第二条　本法适用于企业。
（一）国有企业；
第二章　附则
第十二条之一　本法自公布之日起施行。"""


def test_one_passage_an_article_without_headings() -> None:
    assert passages("序言\n" + LAW) == [
        Passage("", "序言"),
        Passage("art-1", "第一条　为了保护劳动者，制定本法。"),
        Passage("art-2", "第二条　本法适用于企业。\n（一）国有企业；"),
        Passage("art-12-1", "第十二条之一　本法自公布之日起施行。"),
    ]


def test_anchors_are_those_of_the_page() -> None:
    text = LAW + "\n附件\n第一条　收费标准。"

    shown = [line.anchor for line in lines_of(text) if line.anchor.startswith("art-")]

    assert [passage.anchor for passage in passages(text) if passage.anchor] == shown == ["art-1", "art-2", "art-12-1", "art-1--2"]


def test_a_long_article_is_cut_at_a_sentence_and_keeps_its_anchor() -> None:
    sentence = "甲" * 299 + "。"

    found = passages("第三条　" + sentence * 4)

    assert [(passage.anchor, len(passage.text)) for passage in found] == [("art-3", 604), ("art-3", 600)]
    assert all(len(passage.text) <= LONGEST for passage in passages("乙" * 5000))
    assert "".join(passage.text for passage in passages("乙" * 5000)) == "乙" * 5000


def test_a_text_without_articles_is_cut_by_length_and_an_empty_one_has_none() -> None:
    assert passages("通知如下：\n一、加强管理。") == [Passage("", "通知如下：\n一、加强管理。")]
    assert passages("\n \n") == []


def test_articles_a_query_cites() -> None:
    assert articles_in("刑法 第二百六十六条") == ["art-266"]
    assert articles_in("劳动法第38条和第三十九条") == ["art-38", "art-39"]
    assert articles_in("第一款") == []
    assert article_of("第二百三十四条之一 组织他人出卖人体器官的") == ("art-234-1", "第二百三十四条之一")
    assert article_of("依照第二条处理") == ("", "")
