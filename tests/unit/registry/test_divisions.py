"""Division tables in both forms."""

import pytest

from registry.services import RegionFileError, read_divisions
from tests.factories.texts import DATA, lines


def test_a_table_by_tier() -> None:
    regions = read_divisions(lines(DATA / "divisions-shanxi.csv.gz"))
    taiyuan = [region for region in regions if region.parent_id == "140100"]

    assert len(regions) == 1485
    assert [region.slug for region in taiyuan if region.is_admin] == [
        "xiaodian", "yingze", "xinghualing", "jiancaoping", "wanbolin", "jinyuan", "qingxu", "yangqu", "loufan", "gujiao",
    ]  # fmt: skip


def test_a_table_by_county_brings_provinces_and_cities_along() -> None:
    regions = read_divisions(lines(DATA / "divisions-china-counties.csv.gz"))
    by_level = {level: sum(region.level == level for region in regions) for level in ("province", "city", "county")}

    assert by_level["county"] == 2978
    assert by_level["province"] == 31
    assert {region.parent_id for region in regions if region.level == "county"} <= {region.code for region in regions}


def test_another_table_is_refused_with_the_columns_it_needs() -> None:
    with pytest.raises(RegionFileError, match="code, name, level, parent_code, slug"):
        read_divisions(["name,age\n", "a,1\n"])
