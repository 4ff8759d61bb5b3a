"""Marks: joined where they touch, chance pairs left out, everything else escaped, long texts quickly."""

import time

from search.analysis import marking
from search.analysis.wording import dissect


def test_neighbouring_pairs_become_one_mark() -> None:
    assert marking.marked("太原市机动车停放服务收费管理办法", dissect("停放服务")) == "太原市机动车<mark>停放服务</mark>收费管理办法"


def test_chance_pairs_are_left_out_but_short_words_stay() -> None:
    assert marking.marked("安全法律与道路安全法", dissect("道路安全法")) == "<mark>安全法</mark>律与<mark>道路安全法</mark>"
    assert marking.marked("我国发展与国发文件", dissect("国发文件")) == "我国发展与<mark>国发文件</mark>"
    assert marking.marked("阳曲县的低保", dissect("阳曲县 低保")) == "<mark>阳曲县</mark>的<mark>低保</mark>"


def test_everything_is_escaped() -> None:
    assert (
        marking.marked('<script>alert("税收")</script>', dissect("税收"))
        == "&lt;script&gt;alert(&quot;<mark>税收</mark>&quot;)&lt;/script&gt;"
    )
    assert marking.snippet("a<b & 税收\n下一行", dissect("税收"), length=40) == "a&lt;b &amp; <mark>税收</mark> 下一行"


def test_traditional_and_wide_text_is_marked_as_it_stands() -> None:
    assert marking.marked("信息公開條例ＧＤＰ", dissect("公开条例 gdp")) == "信息<mark>公開條例ＧＤＰ</mark>"


def test_a_chance_pair_beside_the_whole_word_is_no_mark() -> None:
    assert marking.marked("对工伤认定的认定", dissect("工伤认定")) == "对<mark>工伤认定</mark>的认定"


def test_a_snippet_shows_the_stretch_with_most_of_the_query() -> None:
    body = "第一条 税。\n" + "无关的话。" * 100 + "\n第九条 车辆购置税由税务机关征收。\n" + "无关的话。" * 100

    assert (
        marking.snippet(body, dissect("车辆购置税征收"), length=40)
        == "…第九条 <mark>车辆购置税</mark>由税务机关征收。 " + "无关的话。" * 4 + "无关…"
    )
    assert marking.snippet("", dissect("税"), length=40) == ""


def test_a_snippet_shows_the_query_as_it_was_typed_before_a_stretch_that_holds_its_parts() -> None:
    body = "居民医保与医保报销。\n" + "无关的话。" * 100 + "\n第二条 居民医保报销比例。\n"

    assert marking.snippet(body, dissect("居民医保报销"), length=20) == "…第二条 <mark>居民医保报销</mark>比例。"
    assert marking.snippet(body, dissect("居民 报销"), length=20) == "<mark>居民</mark>医保与医保<mark>报销</mark>。 无关的话。无关的话…"


def test_a_very_long_law_takes_no_time() -> None:
    body = "第一条 保护和改善生态环境。\n" * 12_000

    began = time.perf_counter()
    found = marking.snippet(body, dissect("生态环境损害赔偿责任保险"), length=160)

    assert "<mark>生态环境</mark>" in found
    assert time.perf_counter() - began < 2.0
