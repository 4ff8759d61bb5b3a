"""Subjects of documents in two levels: editions by day and city, codes that stay, files with a report by line."""

import datetime as dt
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from observability.models import AuditEntry
from spreadsheets import sheets
from vocabularies import selectors, services
from vocabularies.contract import Scheme, Subject, SubjectEdition, SubjectFileError, TooManySubjectsError
from vocabularies.importing import read_subjects
from vocabularies.models import SubjectList, SubjectRow

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 11, 26)
HEAD = "一级分类,二级分类,样例\n"


def edition(**changes: Any) -> SubjectEdition:
    facts: dict[str, Any] = {"title": "主题分类（样例）", "source": "样例", "published_on": TODAY, "valid_from": TODAY}
    return SubjectEdition(**facts | changes)


def run(file: Path, text: str, *more: str) -> tuple[int, Any, str]:
    file.write_text(text, encoding="utf-8-sig")
    out, err = io.StringIO(), io.StringIO()
    code = 0
    options = ["--title", "主题分类（样例）", "--source", "样例", "--from", "2026-01-01", "--json", "--yes", *more]
    try:
        call_command("subject", "import", str(file), *options, stdout=out, stderr=err)
    except CommandError as error:
        code = error.returncode
        err.write(str(error))
    selectors.forget_subjects()
    return code, json.loads(out.getvalue()) if out.getvalue() else None, err.getvalue()


def test_the_shipped_edition_has_22_classes_and_only_the_second_level_that_is_at_hand() -> None:
    found = selectors.subjects(city="taiyuan", on=TODAY)

    assert [subject.code for subject in found if subject.is_class] == [f"{number:02}" for number in range(1, 23)]
    assert [(subject.code, subject.title) for subject in found if not subject.is_class] == [
        ("0201", "政务公开"),
        ("0202", "政务督查"),
        ("0203", "应急管理"),
        ("0204", "电子政务"),
        ("0205", "文秘工作"),
        ("0206", "保密工作"),
        ("0207", "信访"),
        ("0208", "参事、文史"),
        ("0209", "其他"),
    ]
    assert selectors.subjects(city="", on=dt.date(1999, 1, 1)) == found


def test_a_city_s_own_edition_counts_there_from_its_day_and_titles_of_former_ones_are_known() -> None:
    services.add_subjects(edition(city="taiyuan"), [Subject("02", "综合政务"), Subject("0210", "数字政府", is_sample=True)], by="tests")
    selectors.forget_subjects()

    def codes(city: str, day: dt.date) -> list[str]:
        return [subject.code for subject in selectors.subjects(city=city, on=day)]

    titles = selectors.subject_titles(city="taiyuan")
    assert codes("taiyuan", TODAY) == ["02", "0210"]
    assert len(codes("taiyuan", TODAY - dt.timedelta(days=1))) == len(codes("datong", TODAY)) == 31
    assert [selectors.subject_words(code, titles) for code in ("0210", "0201", "03", "", "9901")] == [
        "综合政务 / 数字政府",
        "综合政务 / 政务公开",
        "国民经济管理、国有资产监管",
        "",
        "99 / 9901",
    ]
    assert "0210" not in selectors.subject_titles(city="datong")


def test_the_same_list_is_no_further_edition() -> None:
    first = services.add_subjects(edition(), [Subject("02", "综合政务")], by="tests")
    again = services.add_subjects(edition(), [Subject("02", "综合政务")], by="tests")

    assert (first is None, again) == (False, None)
    assert (SubjectList.objects.filter(scheme=Scheme.SUBJECT).count(), AuditEntry.objects.filter(action="subject.import").count()) == (2, 1)


def test_a_file_is_taken_in_by_line_and_known_names_keep_their_codes(tmp_path: Path) -> None:
    """Good lines are kept, the others told with line, field and mend; a second run changes nothing."""
    file = tmp_path / "subjects.csv"
    text = f"{HEAD}综合政务,政务公开,\n,数字政府,是\n,政务公开,\n科技、教育,,\n,学前教育,也许\n,{'长' * 61},\n低空经济,,\n"

    dry = run(file, text, "--dry-run")
    count = SubjectList.objects.filter(scheme=Scheme.SUBJECT).count()
    code, said, told = run(file, text)
    again = run(file, text)

    added = [("0210", "数字政府", True), ("23", "低空经济", False)]
    assert (dry[0], dry[1]["edition"], count) == (3, None, 1)
    assert [(row["code"], row["title"], row["is_sample"]) for row in said["added"]] == added
    assert (code, said["removed"], said["subjects"]) == (3, [], 33)
    assert [line for line in told.splitlines() if "line" in line][:3] == [
        "line 4, 二级分类: '政务公开' stands in line 2 too; leave out one of them.",
        "line 6, 样例: write 是 or leave it empty.",
        "line 7, 二级分类: make it shorter: 61 characters, 60 at most.",
    ]
    assert (again[1]["edition"], SubjectList.objects.filter(scheme=Scheme.SUBJECT).count()) == (None, 2)


def test_a_whole_file_takes_out_what_it_lacks(tmp_path: Path) -> None:
    code, said, _ = run(tmp_path / "subjects.csv", f"{HEAD}综合政务,政务公开,\n")

    assert (code, said["subjects"], said["added"], len(said["removed"])) == (0, 2, [], 29)
    assert [subject.code for subject in selectors.subjects(city="", on=TODAY)] == ["02", "0201"]


def test_the_combined_classes_are_a_scheme_of_their_own(tmp_path: Path) -> None:
    """组配分类: its own editions and codes; taking one in leaves 主题分类 as it was."""
    shipped = selectors.subjects(city="taiyuan", on=TODAY, scheme=Scheme.COMBINED)
    subjects = selectors.subjects(city="taiyuan", on=TODAY)

    code, said, _ = run(
        tmp_path / "combined.csv", f"{HEAD}法规规章和规范性文件,规章,\n,部门文件,\n", "--scheme", "combined", "--city", "taiyuan"
    )

    assert [(row.code, row.title) for row in shipped][:5] == [
        ("01", "法规规章和规范性文件"),
        ("0101", "规章"),
        ("0102", "行政规范性文件"),
        ("0103", "其他文件"),
        ("02", "机构职能"),
    ]
    assert (len(shipped), code, [row["code"] for row in said["added"]], len(said["removed"])) == (18, 0, ["0104"], 16)
    assert [row.code for row in selectors.subjects(city="taiyuan", on=TODAY, scheme=Scheme.COMBINED)] == ["01", "0101", "0104"]
    assert selectors.subjects(city="datong", on=TODAY, scheme=Scheme.COMBINED) == shipped
    assert selectors.subjects(city="taiyuan", on=TODAY) == subjects
    titles = selectors.subject_titles(city="taiyuan", scheme=Scheme.COMBINED)
    assert selectors.subject_words("0104", titles) == "法规规章和规范性文件 / 部门文件"
    assert "0104" not in selectors.subject_titles(city="taiyuan")


def test_a_workbook_reads_as_well_and_a_file_without_the_columns_is_refused() -> None:
    book = sheets.written_xlsx([["一级分类", "二级分类"], ["综合政务", "信访"]], title="主题")

    assert read_subjects(sheets.read(book)) == ([("综合政务", "信访", False)], [])
    assert [str(each) for each in read_subjects(sheets.read(f"{HEAD},孤儿,\n".encode()))[1]] == [
        "line 2, 一级分类: write it; only lines below one of the same class may leave it empty."
    ]
    with pytest.raises(SubjectFileError, match="missing: 一级分类、二级分类"):
        read_subjects(sheets.read(b"a,b\n"))


def test_more_than_99_are_refused() -> None:
    names = [("综合政务", f"第{number}", False) for number in range(100)]

    with pytest.raises(TooManySubjectsError, match="综合政务 has more than 99"):
        services.coded(names, known=[], used=[])


@pytest.mark.parametrize("wrong", [{"code": "2"}, {"code": "abcd"}, {"code": "020"}, {"title": ""}, {"code": "02"}])
def test_the_database_refuses_what_no_subject_can_be(wrong: dict[str, str]) -> None:
    row = SubjectRow.objects.get(code="02", edition__scheme=Scheme.SUBJECT)

    with pytest.raises(IntegrityError), transaction.atomic():
        SubjectRow.objects.create(edition=row.edition, **{"code": "99", "title": "新"} | wrong)
