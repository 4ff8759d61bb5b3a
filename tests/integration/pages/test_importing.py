"""Importing texts: all good rows, a line for each bad one, twice the same."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone
from wagtail.models import Revision

from observability.terminal import CommandFailure, ExitCode
from outbox.models import Event
from registry.schemas import in_schema_of
from search.models import Projection
from tenants.pages.models import DocumentPage
from tests.factories.sites import copied_sites
from tests.factories.texts import all_texts
from vocabularies.contract import Subject, SubjectEdition
from vocabularies.selectors import forget_subjects
from vocabularies.services import add_subjects

pytestmark = pytest.mark.usefixtures("database")


def write(path: Path, rows: list[Any]) -> Path:
    path.write_text("".join(row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def import_file(path: Path, site: str = "xiaodian", column: str = "zcwj") -> None:
    call_command("content", "import", str(path), "--site", site, "--column", column, "--json")


def test_real_texts_become_live_documents_with_their_facts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tenant,) = copied_sites("xiaodian")
    texts = [text for text in all_texts() if text["kind"] == "policy"][:60]

    import_file(write(tmp_path / "a.jsonl", texts))

    assert json.loads(capsys.readouterr().out) == {"created": 60, "updated": 0, "unchanged": 0, "bad": []}
    first = texts[0]
    with in_schema_of(tenant):
        page = DocumentPage.objects.get(source_id=first["id"])
        assert (page.title, page.doc_no, page.issuer, page.live) == (first["title"], "；".join(first["doc_nos"]), first["issuer"], True)
        assert str(page.first_published_at.date()) == first["published"]
        assert page.body[0].value == first["body"]
        assert page.live_revision_id == page.latest_revision_id
        assert page.live_revision.as_object().body[0].value == first["body"]
        assert Revision.objects.filter(content__has_key="doc_no").count() == 60  # the blueprint's sample is an article
    assert Projection.objects.live().count() == 60
    assert Event.objects.values("key").distinct().count() == 60


def test_a_second_import_changes_nothing_and_a_changed_row_alone_is_updated(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tenant,) = copied_sites("xiaodian")
    texts = [dict(text) for text in all_texts() if text["kind"] == "policy"][:5]
    path = write(tmp_path / "a.jsonl", texts)
    import_file(path)
    Event.objects.all().delete()
    texts[2]["title"] = "改过的标题"

    import_file(path)
    import_file(write(path, texts))

    first, second, third = (json.loads(part + "}") for part in capsys.readouterr().out.strip().removesuffix("}").split("}\n"))
    assert (first["created"], second["unchanged"]) == (5, 5)
    assert (third["updated"], third["unchanged"]) == (1, 4)
    with in_schema_of(tenant):
        assert DocumentPage.objects.get(source_id=texts[2]["id"]).title == "改过的标题"
    assert Event.objects.count() == 1


def test_a_text_whose_day_has_not_come_is_not_in_force_and_what_a_row_does_not_say_stays(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tenant,) = copied_sites("xiaodian")
    today = timezone.localdate()
    days = {"coming": today + dt.timedelta(days=1), "begun": today, "silent": today, "ended": today}
    row = {"kind": "policy", "body": "第一条", "published": "2024-01-01"}
    rows = [row | {"id": name, "title": f"停车办法 {name}", "effective": str(day), "validity": "in_force"} for name, day in days.items()]
    del rows[2]["validity"]
    path = write(tmp_path / "a.jsonl", rows)

    def standing() -> dict[str, str]:
        with in_schema_of(tenant):
            return dict(DocumentPage.objects.filter(source_id__in=days).values_list("source_id", "validity"))

    import_file(path)
    assert standing() == {"coming": "pending", "begun": "in_force", "silent": "unknown", "ended": "in_force"}
    assert dict(Projection.objects.filter(source_id__in=days).values_list("source_id", "validity")) == standing()

    with in_schema_of(tenant):
        DocumentPage.objects.filter(source_id="silent").update(validity="amended")
        DocumentPage.objects.filter(source_id="ended").update(validity="expired", valid_until=today - dt.timedelta(days=1))
    import_file(path)
    assert standing() == {"coming": "pending", "begun": "in_force", "silent": "amended", "ended": "expired"}
    assert json.loads(capsys.readouterr().out.split("}\n")[1] + "}")["unchanged"] == 4


def test_bad_rows_are_named_and_the_good_ones_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tenant,) = copied_sites("xiaodian")
    good = [{"id": f"g-{number}", "title": f"通知{number}", "body": "正文"} for number in range(3)]
    path = write(tmp_path / "a.jsonl", [good[0], "{\n", good[1], {"id": "x", "title": "无正文"}, good[2]])

    with pytest.raises(CommandFailure) as caught:
        import_file(path)

    assert caught.value.returncode == ExitCode.PARTLY_DONE
    shown = capsys.readouterr()
    assert json.loads(shown.out)["bad"][0].startswith("line 2: this is no JSON object")
    assert json.loads(shown.out)["bad"][1] == "line 4: body is missing or empty."
    assert shown.err.splitlines().count("line 4: body is missing or empty.") == 1
    with in_schema_of(tenant):
        assert sorted(DocumentPage.objects.values_list("source_id", flat=True)) == ["g-0", "g-1", "g-2"]


def test_subjects_are_taken_by_code_or_name_and_others_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tenant,) = copied_sites("xiaodian")
    add_subjects(
        SubjectEdition("主题分类（样例）", "样例", city=tenant.city_slug, valid_from=timezone.localdate()),
        [
            Subject("02", "综合政务"),
            Subject("0201", "政务公开"),
            Subject("0209", "其他"),
            Subject("03", "国民经济"),
            Subject("0301", "其他"),
        ],
        by="tests",
    )
    forget_subjects()
    plain: dict[str, Any] = {"title": "通知", "body": "正文"}
    ways: list[dict[str, Any]] = [
        {"subject": "0201", "combined_class": "0102"},
        {"subject": "政务公开", "combined_class": "行政规范性文件"},
        {"subject": " 国民经济/其他 ", "combined_class": None},
        {"subject": "综合政务", "combined_class": ""},
        {},
    ]
    bad: list[dict[str, Any]] = [
        {"subject": "其他"},
        {"subject": "信访"},
        {"subject": "0207"},
        {"combined_class": "0201"},
        {"subject": "9"},
    ]
    path = write(tmp_path / "a.jsonl", [plain | {"id": f"g-{place}"} | way for place, way in enumerate(ways + bad)])

    with pytest.raises(CommandFailure) as caught:
        import_file(path)

    assert caught.value.returncode == ExitCode.PARTLY_DONE
    listed = "choose one of `manage.py subject list --scheme subject --city taiyuan`."
    assert json.loads(capsys.readouterr().out)["bad"] == [
        "line 6: subject: '其他' is the name of several: 0209 (综合政务 / 其他), 0301 (国民经济 / 其他); write the code.",
        f"line 7: subject: '信访' is no code and no name in 主题分类; {listed}",
        f"line 8: subject: '0207' (综合政务 / 信访) is no longer offered in 主题分类; {listed}",
        f"line 9: combined_class: '0201' is no code and no name in 组配分类; {listed.replace('--scheme subject', '--scheme combined')}",
        f"line 10: subject: '9' is no code and no name in 主题分类; {listed}",
    ]
    kept = [("0201", "0102"), ("0201", "0102"), ("0301", ""), ("02", ""), ("", "")]
    with in_schema_of(tenant):
        assert list(DocumentPage.objects.order_by("source_id").values_list("subject", "combined_class")) == kept
    assert (
        list(Projection.objects.live().filter(source_id__startswith="g-").order_by("source_id").values_list("subject", "combined_class"))
        == kept
    )


def test_a_row_that_says_no_subject_leaves_the_editors_choice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tenant,) = copied_sites("xiaodian")
    rows: list[dict[str, Any]] = [{"id": "g-1", "title": "通知", "body": "正文", "subject": "0201", "combined_class": "0102"}]
    import_file(write(tmp_path / "a.jsonl", rows))

    import_file(write(tmp_path / "a.jsonl", [{"id": "g-1", "title": "通知", "body": "正文"}]))
    import_file(write(tmp_path / "a.jsonl", [rows[0] | {"subject": "", "combined_class": "规章"}]))

    assert [json.loads(part + "}")["unchanged"] for part in capsys.readouterr().out.strip().removesuffix("}").split("}\n")] == [0, 1, 0]
    with in_schema_of(tenant):
        assert DocumentPage.objects.values_list("subject", "combined_class").get() == ("", "0101")


def test_the_same_row_twice_in_a_file_is_one_page(tmp_path: Path) -> None:
    (tenant,) = copied_sites("xiaodian")
    row = {"id": "g-1", "title": "通知", "body": "正文"}

    import_file(write(tmp_path / "a.jsonl", [row, row]))

    with in_schema_of(tenant):
        assert DocumentPage.objects.count() == 1


@pytest.mark.parametrize(
    ("site", "column", "says"),
    [
        ("nowhere", "zcwj", "There is no site 'nowhere'. Sites: xiaodian."),
        ("xiaodian", "nothing", "There is no column 'nothing'. Columns: bsfw, "),
    ],
)
def test_an_unknown_site_or_column_lists_what_there_is(tmp_path: Path, site: str, column: str, says: str) -> None:
    copied_sites("xiaodian")

    with pytest.raises(CommandFailure) as caught:
        import_file(write(tmp_path / "a.jsonl", [{"id": "a", "title": "b", "body": "c"}]), site, column)

    assert caught.value.returncode == ExitCode.WRONG_USAGE
    assert says in str(caught.value)


def test_a_missing_file_is_named() -> None:
    copied_sites("xiaodian")

    with pytest.raises(CommandFailure, match="No such file"):
        import_file(Path("/nonexistent.jsonl"))
