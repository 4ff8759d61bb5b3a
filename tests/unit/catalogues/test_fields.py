"""The standard's own table of one field: headings over two lines, merged cells, ticks; what is wrong is told by line, field and mend."""

import io
from typing import Any

import openpyxl
import pytest

from catalogues.contract import CatalogueFileError, Item, Level
from catalogues.importing import read_field
from catalogues.services import fill_field
from spreadsheets import sheets

WORDS = ["招聘信息要素", "《就业促进法》", "20个工作日内", "人社部门", "政府网站"]
FULL = ["√", "", "√", "", "√", "√"]


def workbook(*rows: list[str]) -> bytes:
    """Return a table as offices make it: a title, headings over two lines with merged cells, a merged 一级事项."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["就业领域基层政务公开标准目录"])
    facts = ["公开内容\n（要素）", "公开依据", "公开时限", "公开主体", "公开渠道和载体"]
    sheet.append(["序号", "公开事项", "", *facts, "公开对象", "", "公开方式", "", "公开层级", ""])
    sheet.append(["", "一级事项", "二级事项", "", "", "", "", "", "全社会", "特定群体", "主动", "依申请公开", "县级", "乡、村级"])
    for area in ("A1:N1", "B2:C2", "I2:J2", "K2:L2", "M2:N2"):
        sheet.merge_cells(area)
    for row in rows:
        sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_a_workbook_with_merged_headings_is_read_row_by_row() -> None:
    """S11: the columns of the standard 目录, 县级 and 乡级 by their ticks."""
    content = workbook(
        ["1", "就业信息服务", "岗位信息发布", *WORDS, *FULL],
        ["2", "", "求职信息登记", *WORDS, "", "登记失业人员", "", "√", "√", ""],
        ["3", "", "培训信息", *WORDS, "√", "√", "√", "√", "", "√"],
    )

    items, problems = read_field(sheets.read(content), field="就业")

    words: Any = dict(zip(("content", "basis", "timing", "organ", "channels"), WORDS, strict=True))
    both = (Level.COUNTY, Level.TOWNSHIP)
    assert problems == []
    assert items == [
        Item("", "就业", "岗位信息发布", "就业信息服务", **words, audience="全社会", manner="主动公开", levels=both),
        Item("", "就业", "求职信息登记", "就业信息服务", **words, audience="登记失业人员", manner="依申请公开", levels=both[:1]),
        Item("", "就业", "培训信息", "就业信息服务", **words, audience="全社会、特定群众", manner="主动公开、依申请公开", levels=both[1:]),
    ]


def test_each_wrong_line_is_told_with_field_and_mend_and_the_others_are_kept() -> None:
    content = workbook(
        ["1", "就业信息服务", "岗位信息发布", *WORDS, *FULL],
        ["2", "", "", *WORDS, *FULL],
        ["3", "", "岗位信息发布", *WORDS, *FULL],
        ["4", "", "缺内容", "", *WORDS[1:], *FULL],
        ["5", "", "勾不清", *WORDS, "√", "", "大概", "", "√", ""],
        ["6", "", "都没勾", *WORDS, "", "", "", "", "", ""],
        ["7", "", "长" * 201, *WORDS, *FULL],
        ["8", "职业培训", "", *WORDS, *FULL],
    )

    items, problems = read_field(sheets.read(content), field="就业")

    assert [(item.group, item.title) for item in items] == [("就业信息服务", "岗位信息发布"), ("职业培训", "职业培训")]
    assert [str(problem) for problem in problems] == [
        "line 5, 公开事项：二级: write it; it may not be empty.",
        "line 6, 公开事项：二级: '岗位信息发布' stands in line 4 too; leave out one of them.",
        "line 7, 公开内容（要素）: write it; it may not be empty.",
        "line 8, 公开方式：主动: write √ or leave it empty, not '大概'.",
        "line 8, 公开方式: tick 主动 or 依申请公开.",
        "line 9, 公开对象: tick 全社会, or say whom under 特定群众.",
        "line 9, 公开方式: tick 主动 or 依申请公开.",
        "line 9, 公开层级: tick 县级, 乡级 or both.",
        "line 10, 公开事项: make it shorter: 201 characters, 200 at most.",
    ]


def test_headings_in_one_line_are_read_as_well() -> None:
    facts = "公开内容（要素）,公开依据,公开时限,公开主体,公开渠道和载体"
    head = f"公开事项（一级）,公开事项（二级）,{facts},全社会,特定群众,主动,依申请公开,县级,乡级"
    text = f"{head}\n就业,招聘,要素,依据,及时,人社局,网站,是,,是,,是,\n"

    items, problems = read_field(sheets.read(text.encode("gb18030")), field="就业")

    assert ([(item.group, item.title, item.levels) for item in items], problems) == ([("就业", "招聘", (Level.COUNTY,))], [])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("编码,领域\n1,就业\n", "No line names 公开事项"),
        (
            "公开事项,公开内容,公开依据,公开时限,公开主体,公开渠道\n",
            "lacks the columns 公开对象：全社会、公开对象：特定群众、公开方式：依申请公开、",
        ),
    ],
)
def test_a_file_that_is_no_such_table_is_refused_whole(text: str, message: str) -> None:
    with pytest.raises(CatalogueFileError, match=message):
        read_field(sheets.read(text.encode()), field="就业")


def entry(code: str, title: str, *, field: str = "就业", is_sample: bool = False, columns: tuple[str, ...] = ()) -> Item:
    return Item(code, field, title, levels=(Level.COUNTY,), is_sample=is_sample, columns=columns)


BASE = [
    entry("01", "重大建设项目", field="重大建设项目"),
    entry("21", "就业"),
    entry("21-01", "培训（样例）", is_sample=True),
    entry("21-02", "招聘", columns=("news",)),
    entry("21-03", "登记"),
    entry("22", "社会保险", field="社会保险"),
]


def test_an_entry_keeps_its_code_and_no_code_is_used_twice() -> None:
    rows = [entry("", "补贴"), entry("", "招聘"), entry("", "培训")]

    filled = fill_field(BASE, "就业", rows, used=[item.code for item in BASE] + ["21-07", "21-x", "2-99"])

    assert [(item.code, item.title, item.columns) for item in filled] == [
        ("01", "重大建设项目", ()),
        ("21-08", "补贴", ()),
        ("21-02", "招聘", ("news",)),
        ("21-09", "培训", ()),
        ("22", "社会保险", ()),
    ]


def test_what_a_file_with_bad_lines_lacks_stays() -> None:
    filled = fill_field(BASE, "就业", [entry("", "招聘")], used=[item.code for item in BASE], keep_others=True)

    assert [item.code for item in filled] == ["01", "21-02", "21-03", "22"]
