"""Which texts the demo takes and where it puts them."""

from collections import Counter
from typing import Any

import pytest

from deploy.demo import selection

COUNTIES = ["xiaodian", "yingze", "gujiao"]


@pytest.fixture(scope="module")
def texts() -> list[dict[str, Any]]:
    """All texts, as the demo reads them."""
    return selection.read_texts()


def test_thirty_texts_cover_every_kind_and_begin_with_the_best_known(texts: list[dict[str, Any]]) -> None:
    chosen = selection.choose(texts, 30)

    assert len(chosen) == 30
    assert {text["kind"] for text in chosen} == set(selection.SHARES)
    assert {"中华人民共和国宪法", "中华人民共和国政府信息公开条例", "2025年中华人民共和国国务院政府工作报告"} <= {
        text["title"] for text in chosen
    }


def test_four_hundred_hold_each_of_the_best_known_and_each_text_once(texts: list[dict[str, Any]]) -> None:
    chosen = selection.choose(texts, 400)

    assert set(selection.BEST_KNOWN) <= {text["title"] for text in chosen}
    assert len({text["id"] for text in chosen}) == 400


def test_more_texts_only_add_to_fewer(texts: list[dict[str, Any]]) -> None:
    assert selection.choose(texts, 400)[:100] == selection.choose(list(reversed(texts)), 100)


def test_all_texts_are_chosen_when_all_are_asked_for(texts: list[dict[str, Any]]) -> None:
    chosen = selection.choose(texts, 3655)

    assert {text["id"] for text in chosen} == {text["id"] for text in texts}


def test_every_text_has_one_home_and_only_counties_repeat(texts: list[dict[str, Any]]) -> None:
    places = selection.spread(selection.choose(texts, 400), portal="taiyuan", counties=COUNTIES)
    homes = Counter(text["id"] for place, held in places.items() for text in held if place.site not in COUNTIES)
    repeated = Counter(text["id"] for place, held in places.items() for text in held)

    assert {place.site for place in places} == {"taiyuan", "jyj", "rsj", *COUNTIES}
    assert set(homes.values()) == {1}
    assert len(repeated) == 400
    assert sum(repeated.values()) > 400
    assert {place.column for place in places} == {"zcwj", "flfg"}


@pytest.mark.parametrize(
    ("title", "kind", "place"),
    [
        ("国务院关于促进就业的意见", "policy", ("taiyuan", "zcwj")),
        ("2025年中华人民共和国国务院政府工作报告", "work_report", ("taiyuan", "zcwj")),
        ("中华人民共和国劳动合同法", "law", ("rsj", "flfg")),
        ("中华人民共和国义务教育法", "law", ("jyj", "flfg")),
        ("中华人民共和国刑法", "law", ("taiyuan", "flfg")),
    ],
)
def test_the_subject_decides_where_a_text_is_published_first(title: str, kind: str, place: tuple[str, str]) -> None:
    places = selection.spread([{"id": "x", "title": title, "kind": kind}], portal="taiyuan", counties=[])

    assert list(places) == [selection.Place(*place)]


def test_a_text_without_any_date_does_not_pass_for_the_newest(texts: list[dict[str, Any]]) -> None:
    dates = [next(filter(None, map(text.get, selection.DATES)), None) for text in texts]

    assert None not in dates
    assert sum(text.get("published") == selection.UNDATED for text in texts) == 69
