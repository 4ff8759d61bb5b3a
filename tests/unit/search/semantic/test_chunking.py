"""How a text is cut for the model."""

from search.semantic.chunking import LONGEST, chunks


def test_every_article_is_read_under_the_title() -> None:
    found = chunks("停车办法", "第一章　总则\n第一条　为了停车。\n第二条　可以停车。\n附则以外的话")

    assert [chunk.text for chunk in found] == ["停车办法\n第一条　为了停车。", "停车办法\n第二条　可以停车。\n附则以外的话"]


def test_long_articles_are_cut_where_a_sentence_ends_and_nothing_is_lost() -> None:
    body = "第一条　" + "".join(f"这是第{number}句话，说的是停车。" for number in range(100))

    parts = [chunk.text.removeprefix("办法\n") for chunk in chunks("办法", body)]

    assert "".join(parts) == body
    assert all(len(part) <= LONGEST and part.endswith("。") for part in parts)


def test_a_text_without_a_body_is_read_by_its_title() -> None:
    assert [chunk.text for chunk in chunks("停车", "")] == ["停车"]


def test_the_same_words_have_the_same_digest() -> None:
    one, other, third = chunks("甲", "第一条　停车。"), chunks("甲", "第一条　停车。"), chunks("乙", "第一条　停车。")

    assert one[0].digest == other[0].digest != third[0].digest
