"""Guides in and out as tables: good lines kept, bad ones named with line, column and mend; a second run changes nothing."""

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from registry.contract import TenantRef
from registry.schemas import in_schema_of
from tenants.pages.models import ColumnPage
from tenants.services import exporting, importing
from tenants.services.contract import COLUMNS
from tenants.services.models import ServicePage
from tests.factories import guides
from tests.factories.files import archive, xlsx
from tests.factories.sites import copied_sites

LINE = {
    "事项编码": "14010500001",
    "事项名称": "食品经营许可",
    "办理机构": "小店区样例审批局",
    "服务对象": "企业、项目",
    "生命周期事件": "企业开办",
    "设定依据": "《食品安全法》第三十五条\n《食品经营许可和备案管理办法》",
    "申请条件": "=有固定场所",
    "办理材料": "申请书|1|0|申请人自备|盖章\n身份证明||1|政府部门核发",
    "办理流程": "申请|网上提交\n审查||5 个工作日",
    "办理地点": "食品窗口|示例路1号|工作日 9:00—17:00|0351-0000000|公交示例站",
    "法定办结时限": "20 个工作日",
    "承诺办结时限": "5",
    "是否收费": "不收费",
    "网办深度": "全程网办",
    "到现场次数": "0",
    "在线办理入口": "https://zw.example/food",
    "常见问题": "多久能办好？|五个工作日。",
    "咨询电话": "0351-0000000",
}


@pytest.fixture(scope="module")
def opened(module_database: None) -> TenantRef:
    (tenant,) = copied_sites("xiaodian")
    return tenant


@pytest.fixture
def column(opened: TenantRef) -> Iterator[ColumnPage]:
    with in_schema_of(opened):
        yield ColumnPage.objects.get(slug="bsfw")
        with transaction.atomic():
            for page in ColumnPage.objects.get(slug="bsfw").get_children().specific():
                page.delete()


def table(*lines: Mapping[str, str], encoding: str = "utf-8-sig") -> bytes:
    stream = io.StringIO()
    writer = csv.DictWriter(stream, list(lines[0]))
    writer.writeheader()
    writer.writerows(lines)
    return stream.getvalue().encode(encoding)


def take(column: ColumnPage, content: bytes, *, publish: bool = True) -> importing.Report:
    return importing.import_services(column, importing.read(content), by=None, publish=publish)


def counts(report: importing.Report) -> tuple[int, int, int, int]:
    return report.created, report.changed, report.unchanged, len(report.faults)


def test_a_line_becomes_a_guide_with_its_rows(column: ColumnPage) -> None:
    report = take(column, table(LINE))

    page = ServicePage.objects.get(code="14010500001")
    assert counts(report) == (1, 0, 0, 0)
    assert (page.live, page.title, page.audiences, page.events) == (True, "食品经营许可", ["enterprise", "project"], ["founding"])
    assert (page.statutory_days, page.promised_days, page.visits, page.online_depth, page.fee) == (20, 5, 0, "whole", "free")
    assert list(page.materials.values_list("name", "originals", "copies", "origin", "note")) == [
        ("申请书", 1, 0, "applicant", "盖章"),
        ("身份证明", 1, 1, "authority", ""),
    ]
    assert list(page.steps.values_list("name", "detail", "time_limit")) == [("申请", "网上提交", ""), ("审查", "", "5 个工作日")]
    assert list(page.windows.values_list("address", "phone", "route")) == [("示例路1号", "0351-0000000", "公交示例站")]
    assert [dict(child.value) for child in page.questions] == [{"question": "多久能办好？", "answer": "五个工作日。"}]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_second_run_changes_nothing(column: ColumnPage, encoding: str) -> None:
    content = table(LINE, encoding=encoding)
    take(column, content)
    before = ServicePage.objects.get().latest_revision_id

    assert counts(take(column, content)) == (0, 0, 1, 0)
    assert ServicePage.objects.get().latest_revision_id == before


@pytest.mark.parametrize("write", [exporting.as_csv, exporting.as_xlsx])
def test_what_was_exported_comes_back_as_it_was(column: ColumnPage, write: type[exporting.as_csv]) -> None:  # type: ignore[valid-type] # a function
    take(column, table(LINE))
    guides.publish_guide(code="B2", conditions="有名称\r\n有住所")
    content = write(ServicePage.objects.order_by("path"))  # type: ignore[misc] # as above

    assert counts(take(column, content)) == (0, 0, 2, 0)
    with transaction.atomic():
        for page in ServicePage.objects.all():
            page.delete()
    assert counts(take(column, content)) == (2, 0, 0, 0)
    page = ServicePage.objects.get(code="14010500001")
    assert (page.conditions, page.materials.count(), page.windows.count()) == ("=有固定场所", 2, 1)


def test_no_cell_is_a_formula(column: ColumnPage) -> None:
    take(column, table(LINE | {"事项名称": "=1+1"}))
    pages = ServicePage.objects.all()

    (_, cells) = csv.reader(io.StringIO(exporting.as_csv(pages).decode("utf-8-sig")))
    book = openpyxl.load_workbook(io.BytesIO(exporting.as_xlsx(pages)))

    assert dict(zip(COLUMNS, cells, strict=True))["事项名称"] == "'=1+1"
    assert "f" not in {cell.data_type for row in book.active.iter_rows() for cell in row}
    assert book.active["B2"].value == "=1+1"


def test_good_lines_are_kept_and_bad_ones_named(column: ColumnPage) -> None:
    bad = [
        LINE | {"事项编码": ""},
        LINE | {"事项编码": "2", "事项名称": ""},
        LINE | {"事项编码": "3", "是否收费": "看情况"},
        LINE | {"事项编码": "4", "承诺办结时限": "二十天"},
        LINE | {"事项编码": "5", "承诺办结时限": "21"},
        LINE | {"事项编码": "6", "在线办理入口": "http://zw.example/"},
        LINE | {"事项编码": "7", "生命周期事件": "升天"},
        LINE | {"事项编码": "8", "办理材料": "申请书|一份"},
        LINE | {"事项编码": "9", "办理流程": "申请|a|b|c"},
        LINE | {"事项编码": "10", "办理地点": "窗" * 81},
        LINE | {"事项编码": "11", "咨询电话": "1" * 61},
    ]

    report = take(column, table(LINE, *bad, LINE, LINE | {"事项编码": "12"}))

    assert counts(report) == (2, 0, 0, 12)
    assert set(ServicePage.objects.values_list("code", flat=True)) == {"14010500001", "12"}
    told = [(fault.line, fault.column, fault.message) for fault in report.faults]
    assert [(line, title) for line, title, _ in told] == [
        *((3, "事项编码"), (4, "事项名称"), (5, "是否收费"), (6, "承诺办结时限"), (7, "整行"), (8, "在线办理入口")),
        *((9, "生命周期事件"), (10, "办理材料"), (11, "办理流程"), (12, "办理地点"), (13, "咨询电话"), (14, "事项编码")),
    ]
    assert told[2][2] == "“看情况”不在可填的值里：不收费、收费。"
    assert told[4][2] == "承诺办结时限不能长于法定办结时限。"
    assert told[8][2].startswith("“申请|a|b|c”分成了 4 段，每行最多 3 段")


def test_a_table_without_a_column_leaves_what_is_there(column: ColumnPage) -> None:
    take(column, table(LINE))
    form = guides.file()
    ServicePage.objects.get().materials.filter(name="申请书").update(form_file=form)
    with transaction.atomic():
        ServicePage.objects.get().save_revision().publish()

    report = take(column, table({"事项编码": LINE["事项编码"], "事项名称": "新名称", "办理材料": "申请书|2\n委托书"}))

    page = ServicePage.objects.get()
    assert counts(report) == (0, 1, 0, 0)
    assert (page.title, page.organ_name, page.steps.count()) == ("新名称", "小店区样例审批局", 2)
    assert list(page.materials.values_list("name", "originals", "form_file")) == [("申请书", 2, form.pk), ("委托书", 1, None)]


def test_without_publishing_guides_wait_as_drafts(column: ColumnPage) -> None:
    report = take(column, table(LINE), publish=False)
    again = take(column, table(LINE), publish=False)
    published = take(column, table(LINE))

    assert (counts(report), counts(again), counts(published)) == ((1, 0, 0, 0), (0, 0, 1, 0), (0, 1, 0, 0))
    assert ServicePage.objects.get().live


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "文件是空的"),
        ("事项编码,名字\n1,a".encode(), "缺少列：事项名称；不认识的列：名字"),
        ("事项编码,事项名称,事项名称\n1,a,b".encode(), "两列同名"),
        (b"\xff\xfe\x00\x81", "文件的编码无法识别"),
        (b"PK\x03\x04 no archive", "工作簿无法打开"),
        (archive({"a.txt": "no workbook"}), "工作簿无法打开"),
    ],
)
def test_what_is_no_table_is_refused_as_a_whole(column: ColumnPage, content: bytes, message: str) -> None:
    with pytest.raises(importing.TableError, match=message):
        take(column, content)

    assert ServicePage.objects.count() == 0


def test_numbers_of_a_workbook_are_taken_as_they_look(column: ColumnPage) -> None:
    report = take(column, xlsx(["事项编码", "事项名称", "承诺办结时限"], [14010500009, "数字编码", 3.0]))

    assert counts(report) == (1, 0, 0, 0)
    assert ServicePage.objects.values_list("code", "promised_days").get() == ("14010500009", 3)


def test_the_command_imports_exports_and_checks(column: ColumnPage, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given, written = tmp_path / "in.csv", tmp_path / "out.xlsx"
    given.write_bytes(table(LINE, LINE | {"事项编码": "2", "是否收费": "?"}))
    where = ("--site", "xiaodian")

    call = ("service", "import", str(given), *where, "--column", "bsfw", "--publish")
    with pytest.raises((CommandError, SystemExit)):
        call_command(*call, "--dry-run")
    assert ServicePage.objects.count() == 0
    with pytest.raises((CommandError, SystemExit)):
        call_command(*call, "--yes")
    assert ServicePage.objects.count() == 1
    call_command("service", "export", str(written), *where)
    call_command("service", "check", *where)

    assert "line 3, 是否收费" in "".join(capsys.readouterr())
    assert openpyxl.load_workbook(written).active["B2"].value == "食品经营许可"
