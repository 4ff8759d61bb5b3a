"""Catalogues from CSV: good lines are kept, wrong ones told by line, field and mend; what was written reads as the same."""

import pytest

from catalogues.contract import ENTRY_LABELS, CatalogueFileError, Item, Level
from catalogues.importing import read, written

HEADINGS = ",".join(ENTRY_LABELS.values())


def test_good_lines_are_kept_and_each_wrong_one_is_told_with_its_mend() -> None:
    """S11: an import with bad rows keeps the good ones and lists line, field and mend for the others."""
    lines = [
        HEADINGS,
        "01,财政预决算,,政府预算,,,,,,,,县级；乡级,,",
        ",财政预决算,,部门预算,,,,,,,,县级,,",
        "01,财政预决算,,三公经费,,,,,,,,县级,,",
        "03,财政预决算,,决算,,,,,,,,村级,,",
        "04,财政预决算,,债务,,,,,,,,县级,,也许",
        "",
        f"05,财政预决算,,{'长' * 201},,,,,,,,,,",
        "06,就业,,招聘信息,,,,,,,,乡级、县级,documents；就业信息,是",
    ]

    items, problems = read(lines)

    assert items == [
        Item("01", "财政预决算", "政府预算", levels=(Level.COUNTY, Level.TOWNSHIP)),
        Item("06", "就业", "招聘信息", levels=(Level.COUNTY, Level.TOWNSHIP), columns=("documents", "就业信息"), is_sample=True),
    ]
    assert [str(problem) for problem in problems] == [
        "line 3, 编码: write it; it may not be empty.",
        "line 4, 编码: '01' is used by an earlier line; give this one another.",
        "line 5, 公开层级: '村级' is none of 市级、县级、乡级.",
        "line 6, 样例: write 是 or leave it empty.",
        "line 8, 公开层级: write it; it may not be empty.",
        "line 8, 公开事项: make it shorter: 201 characters, 200 at most.",
    ]


def test_a_file_without_the_needed_columns_is_refused_whole() -> None:
    with pytest.raises(CatalogueFileError, match="missing: 领域、公开层级"):
        read(["编码,公开事项", "01,预算"])


def test_what_was_written_reads_as_the_same_and_calculates_nothing() -> None:
    items = [
        Item(
            "01",
            "领域",
            "=1+1",
            content="第一行\n第二行",
            basis="依据，含“引号”",
            levels=(Level.CITY, Level.TOWNSHIP),
            columns=("news", "要闻"),
        ),
        Item("02", "领域", "- 二", levels=(Level.COUNTY,), is_sample=True),
    ]

    text = written(items)

    assert ",'=1+1," in text
    assert read(text.splitlines(keepends=True)) == (items, [])
