"""A page in traditional characters: words by phrase; addresses, scripts and what forms carry as they were."""

import pytest

from theming.traditional import in_traditional


@pytest.mark.parametrize(
    ("simplified", "traditional"),
    [("<p>干部在后面整理头发，发展经济</p>", "<p>幹部在後面整理頭髮，發展經濟</p>"), ("<h1>皇后大道 2026</h1>", "<h1>皇后大道 2026</h1>")],
)
def test_words_are_converted_by_phrase(simplified: str, traditional: str) -> None:
    assert in_traditional(simplified) == traditional


def test_links_stay_among_the_converted_pages_and_files_do_not() -> None:
    page = (
        '<a href="/zwgk/1/">公开</a><a href="/">首页</a><form action="/search/"><input value="后"></form>'
        '<a href="/documents/1/x.pdf">下载</a>'
        '<link href="/static/base/site.css"><a hreflang="zh-Hans" href="/zwgk/1/">简体</a><a href="https://www.example/">外</a>'
        '<a href="/zt/1/?format=atom">订阅</a><script>"后"</script>'
    )

    assert in_traditional(page) == (
        '<a href="/hant/zwgk/1/">公開</a><a href="/hant/">首頁</a><form action="/hant/search/"><input value="后"></form>'
        '<a href="/documents/1/x.pdf">下載</a><link href="/static/base/site.css"><a hreflang="zh-Hans" href="/zwgk/1/">簡體</a>'
        '<a href="https://www.example/">外</a><a href="/zt/1/?format=atom">訂閱</a><script>"后"</script>'
    )


def test_a_character_that_means_a_place_to_us_cannot_move_anything() -> None:
    assert in_traditional('<p>后\x00面</p><a href="/x/">后</a>') == '<p>後面</p><a href="/hant/x/">後</a>'
