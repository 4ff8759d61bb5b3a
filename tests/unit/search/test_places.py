"""Places in a query: by name with and without its suffix, never a name of several places, never an everyday word."""

import pytest

from search.analysis.places import named

PLACES = (
    ("太原市", "140100"),
    ("小店区", "140105"),
    ("迎泽区", "140106"),
    ("阳曲县", "140122"),
    ("大同市", "140200"),
    ("大同县", "140221"),
    ("城区", "140202"),
    ("祁县", "140727"),
    ("和平区", "120101"),
    ("浑南新区", "210112"),
    ("鼓楼区", "320106"),
    ("鼓楼区", "350102"),
)


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("小店区停车办法", ("140105",)),
        ("小店停车办法", ("140105",)),
        ("停车 小店", ("140105",)),
        ("阳曲县和迎泽区的学校", ("140122", "140106")),
        ("小店，小店区", ("140105",)),
        ("太原市小店区", ("140100", "140105")),
        ("祁县旅游", ("140727",)),
        ("大同市供热", ("140200",)),
        ("大同县供热", ("140221",)),
        ("和平区停车", ("120101",)),
        ("浑南新区停车", ("210112",)),
        ("大同供热", ()),  # a city and a county
        ("鼓楼区停车", ()),  # two counties
        ("城区道路养护", ()),  # a word
        ("和平利用外层空间", ()),
        ("浑南停车", ()),
        ("停车办法", ()),
        ("小", ()),
        ("", ()),
    ],
)
def test_places_named(query: str, codes: tuple[str, ...]) -> None:
    assert named(query, places=PLACES).codes == codes


@pytest.mark.parametrize(
    ("query", "rest"),
    [
        ("小店区停车办法", "停车办法"),
        ("停车 小店", "停车"),
        ("停车在小店怎么收费", "停车在 怎么收费"),
        ("大同供热", "大同供热"),
        ("小店区", ""),
    ],
)
def test_what_is_asked_about_the_place(query: str, rest: str) -> None:
    assert named(query, places=PLACES).rest == rest
