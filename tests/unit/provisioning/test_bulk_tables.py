"""Tables of sites to open: what is read, what is wrong by line, and how counties of a whole country are called."""

import csv
from collections import Counter
from pathlib import Path

import pytest

from provisioning.bulk.naming import city_slugs, county_slugs
from provisioning.bulk.tables import NEEDED, OPTIONAL, Choice, Table, TableError, read_table, read_text, write_failed
from registry.contract import RESERVED_SLUGS, SLUG, Kind
from tests.factories.texts import DATA, lines

CHINA = "".join(lines(DATA / "divisions-china-counties.csv.gz"))
HEAD = "slug,name,short_name,kind,city,region,domain,aliases\n"


def read(text: str, **choice: str) -> Table:
    return read_table(text, choice=Choice(**choice), known_cities={}, known_sites={})  # type: ignore[arg-type] # texts alone here


def problems(table: Table) -> list[tuple[int, str]]:
    return [(problem.line, problem.text) for problem in table.problems]


def test_our_own_table_is_read() -> None:
    text = HEAD + "taiyuan,太原市人民政府,太原市,city,taiyuan,140100,,\n"
    text += "xiaodian,太原市小店区人民政府,小店区,county,taiyuan,140105,www.xd.gov.cn,a.cn;b.cn\n"

    table = read(text, theme="azure")

    assert problems(table) == []
    assert [(row.line, row.spec.slug, row.spec.kind, row.spec.theme) for row in table.rows] == [
        (2, "taiyuan", Kind.CITY, "azure"),
        (3, "xiaodian", Kind.COUNTY, "azure"),
    ]
    assert (table.rows[1].spec.domain, table.rows[1].spec.aliases) == ("www.xd.gov.cn", ("a.cn", "b.cn"))
    assert table.cities == {"taiyuan": "140100"}


def test_every_mistake_of_form_is_named_by_its_line() -> None:
    text = HEAD.replace("domain", "domian") + (
        "a1,甲,甲,county,taiyuan,140105,,\n"
        "a1,乙,乙,county,taiyuan,140106,,\n"
        "b1,丙,丙,village,taiyuan,140107,,\n"
        "c1,,丁,county,,140108,,\n"
        "d1,戊,戊,city,taiyuan,140100,,x.cn\n"
        "e1,己,己,city,taiyuan,140100,,x.cn\n"
    )

    assert problems(read(text)) == [
        (1, f"unknown column 'domian': take it out; known: {', '.join((*NEEDED, *OPTIONAL))}"),
        (4, "unknown kind 'village': write city, county, department"),
        (5, "name, city empty: every site needs slug, name, short_name, kind, city, region"),
        (3, "the slug 'a1' is on line 2 already: choose another"),
        (7, "the domain 'x.cn' is on line 6 already: choose another"),
        (7, "the portal of city 'taiyuan' is on line 6 already: choose another"),
    ]


def test_a_file_that_is_no_table_is_refused() -> None:
    with pytest.raises(TableError, match="Missing: slug, name, short_name, kind, city, region"):
        read("a,b\n1,2\n")


def test_the_counties_of_one_city_are_chosen() -> None:
    table = read(CHINA, city_code="1401", domain="{slug}.example.gov.cn")

    assert [(row.spec.slug, row.spec.name) for row in table.rows][:2] == [
        ("xiaodian", "太原市小店区人民政府"),
        ("yingze", "太原市迎泽区人民政府"),
    ]
    assert len(table.rows) == 10
    assert {row.spec.city_slug for row in table.rows} == {"taiyuan"}
    assert table.rows[0].spec.domain == "xiaodian.example.gov.cn"
    assert table.cities == {"taiyuan": "140100"}
    assert CHINA.splitlines()[table.rows[0].line - 1].startswith("140105,小店区")


def test_what_exists_keeps_its_name() -> None:
    table = read_table(CHINA, choice=Choice(city_code="140100"), known_cities={"140100": "jinyang"}, known_sites={"140105": "our-xiaodian"})

    assert [row.spec.slug for row in table.rows][:2] == ["our-xiaodian", "yingze"]
    assert {row.spec.city_slug for row in table.rows} == {"jinyang"}


@pytest.mark.parametrize("choice", [{"city_code": "9999"}, {"province_code": "14", "city_slug": "taiyuan"}])
def test_a_choice_that_cannot_be_meant_is_refused(choice: dict[str, str]) -> None:
    with pytest.raises(TableError):
        read(CHINA, **choice)


def test_every_county_of_china_has_a_slug_of_its_own() -> None:
    table = list(csv.DictReader(CHINA.splitlines()))
    cities = city_slugs(table)

    slugs = county_slugs(table, cities=cities)

    assert len(slugs) == len(set(slugs.values())) == 2978
    assert set(slugs.values()).isdisjoint(cities.values())
    assert set(slugs.values()).isdisjoint(RESERVED_SLUGS)
    assert all(SLUG.fullmatch(slug) for slug in [*slugs.values(), *cities.values()])
    assert max(Counter(cities.values()).values()) == 1
    assert (slugs["140105"], slugs["140106"]) == ("xiaodian", "yingze")  # nobody else's
    assert (slugs["110105"], slugs["220104"]) == ("beijing-zhaoyang", "changchun-zhaoyang")  # 朝阳区 of two cities
    assert (slugs["654002"], slugs["654021"]) == ("yining-654002", "yining-654021")  # 伊宁市 and 伊宁县 of one


def test_failed_rows_are_written_as_a_table_that_reads_back(tmp_path: Path) -> None:
    (row, *_) = read(CHINA, city_code="1401", theme="azure").rows
    file = tmp_path / "failed.csv"

    write_failed(file, [(row.spec, "the disk is full")])
    again = read(read_text(file))

    assert [found.spec for found in again.rows] == [row.spec]
    assert problems(again) == []
    assert "the disk is full" in file.read_text(encoding="utf-8-sig")


def test_a_table_from_a_chinese_spreadsheet_is_read(tmp_path: Path) -> None:
    file = tmp_path / "sites.csv"
    file.write_bytes((HEAD + "a1,太原市甲局,甲局,department,taiyuan,140100,,\n").encode("gb18030"))

    assert read(read_text(file)).rows[0].spec.name == "太原市甲局"
