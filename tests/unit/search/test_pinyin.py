"""Places are spelt as the people who live there say them."""

import csv

import pytest

from search.analysis import pinyin
from tests.factories.texts import DATA, lines

# What the tables of divisions say wrongly, with the reading of the place.
MISREAD = {"朝阳区": "chaoyangqu", "涡阳县": "guoyangxian", "宜都市": "yidushi"}


@pytest.mark.parametrize("table", ["divisions-shanxi.csv.gz", "divisions-china-counties.csv.gz"])
def test_every_city_and_county_is_spelt_as_its_own_slug_says(table: str) -> None:
    divisions = csv.DictReader(lines(DATA / table))
    rows = [row for row in divisions if row.get("level") != "township" and row["name"] not in MISREAD]  # their slugs were made by machine
    spelt = {row["name"]: pinyin.spellings([row["name"]])[0][-1] for row in rows}

    wrong = {
        row["name"]: (row["slug"], spelt[row["name"]])
        for row in rows
        if not spelt[row["name"]].startswith(row["slug"].rsplit("-", 1)[-1].replace("v", "u"))  # 城区 is `yangquan-chengqu`
    }

    assert wrong == {}
    assert len(rows) > 100


@pytest.mark.parametrize(("name", "spelling"), MISREAD.items())
def test_where_the_table_is_wrong_the_place_is_right(name: str, spelling: str) -> None:
    assert pinyin.spellings([name])[0] == [spelling]


@pytest.mark.parametrize(
    ("title", "full", "initials"),
    [
        ("长治市停车管理办法", "changzhishitingcheguanlibanfa", "czstcglbf"),
        ("长子县人民政府", "zhangzixianrenminzhengfu", "zzxrmzf"),
        ("尧都区规划", "yaoduquguihua", "ydqgh"),
        ("太行西街改造", "taihangxijiegaizao", "thxjgz"),
        ("长风西街街道办事处", "changfengxijiejiedaobanshichu", "cfxjjdbsc"),
        ("防范经济增长风险", "fangfanjingjizengzhangfengxian", "ffjjzzfx"),
    ],
)
def test_in_a_title_too(title: str, full: str, initials: str) -> None:
    assert pinyin.spellings([title]) == ([full], [initials])
