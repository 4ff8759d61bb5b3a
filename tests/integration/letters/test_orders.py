"""Work orders of the hotline 12345 in and out: good lines kept, bad ones told, a second run changes nothing, no order twice in a city."""

import datetime as dt
import json
import stat
import threading
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import close_old_connections, connection, transaction
from django.utils import timezone

from intake import services as intake
from intake.contract import Purpose
from intake.models import Receipt
from observability.models import AuditEntry
from observability.terminal import CommandFailure, ExitCode
from registry.contract import TenantRef
from registry.schemas import in_schema_of
from spreadsheets import sheets
from tenants.letters import services
from tenants.letters.contract import COLUMNS, LetterKind, Written
from tenants.letters.models import Letter
from tests.factories.sites import copied_sites
from tests.factories.tables import execute

pytestmark = pytest.mark.usefixtures("module_database")
TITLES = ("工单编号", "类别", "标题", "内容", "来电人", "联系方式", "承办单位", "受理时间", "同意公开", "答复内容", "答复时间")
OPEN = ("A-1", "投诉", "噪声扰民", "夜里施工。", "样例甲", "13812345678", "城管局", "2026-11-20 09:30", "否", "", "")
DONE = ("A-2", "咨询", "办证", "怎样办证？", "样例乙", "", "行政审批局", "2026/11/19", "是", "请到窗口办理。", "2026-11-20 10:00:00")
Sites = tuple[TenantRef, TenantRef]


@pytest.fixture(scope="module")
def sites(module_database: None) -> Sites:
    portal, here = copied_sites("taiyuan", "xiaodian")
    return portal, here


@pytest.fixture(autouse=True)
def _no_letters(sites: Sites) -> None:
    for site in sites:
        with in_schema_of(site):
            Letter.objects.all().delete()
    Receipt.objects.all().delete()


def run(capsys: pytest.CaptureFixture[str], *words: Any) -> tuple[Any, int]:
    """Return what a verb answers and its exit code."""
    code = 0
    try:
        call_command("letters", *map(str, words), "--json")
    except CommandFailure as failure:
        code = failure.returncode
    return json.loads(capsys.readouterr().out or "null"), code


def table(tmp_path: Path, *rows: tuple[str, ...], name: str = "orders.csv", titles: tuple[str, ...] = TITLES) -> Path:
    path = tmp_path / name
    content = (titles, *rows)
    path.write_bytes(sheets.written_xlsx(content, title="工单") if name.endswith("xlsx") else sheets.written_csv(content))
    return path


@pytest.mark.parametrize("name", ["orders.csv", "orders.xlsx"])
def test_orders_become_letters_and_a_second_run_changes_nothing(
    sites: Sites, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    """S19: an order keeps the hotline's own number beside the city's."""
    portal, _ = sites
    path = table(tmp_path, OPEN, DONE, name=name)

    foreseen = run(capsys, "import", path, "--site", "taiyuan", "--dry-run")
    with in_schema_of(portal):
        assert Letter.objects.count() == 0
    first, again = (run(capsys, "import", path, "--site", "taiyuan", "--yes") for _ in range(2))

    assert foreseen == first == ({"created": 2, "changed": 0, "unchanged": 0, "problems": []}, 0)
    assert again == ({"created": 0, "changed": 0, "unchanged": 2, "problems": []}, 0)
    with in_schema_of(portal):
        rows = {row.order_no: row for row in Letter.objects.all()}
    one, two = rows["A-1"], rows["A-2"]
    assert (one.source, one.kind, one.state, one.organ_name, one.may_publish) == ("hotline", "complaint", "waiting", "城管局", False)
    assert (one.due_on, one.code_hash, len(one.number)) == (dt.date(2026, 12, 11), "", 14)
    assert timezone.localtime(one.received_at).isoformat() == "2026-11-20T09:30:00+08:00"
    assert (two.state, two.reply, two.may_publish) == ("answered", "请到窗口办理。", True)
    assert {one.number, two.number} == set(Receipt.objects.values_list("number", flat=True))


def test_each_bad_line_is_told_with_its_field_and_mend_and_the_good_ones_are_kept(
    sites: Sites, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = [
        ("", *DONE[1:]),
        ("A 3", *DONE[1:]),
        ("A-4", "表扬", *DONE[2:]),
        ("A-5", *DONE[1:7], "2026-13-40", *DONE[8:]),
        ("A-6", *DONE[1:7], "2099-01-01", *DONE[8:]),
        ("A-7", *DONE[1:10], "2026-11-18"),
        ("A-8", "咨询", "长" * 101, *DONE[3:]),
        DONE,
    ]

    document, code = run(capsys, "import", table(tmp_path, DONE, *bad), "--site", "taiyuan", "--yes")

    assert (document["created"], code) == (1, 3)
    assert [(each["line"], each["field"], each["mend"]) for each in document["problems"]] == [
        (3, "工单编号", "不能为空。"),
        (4, "工单编号", "“A 3”不是工单编号：请用字母、数字和连字符，最多 40 个。"),
        (5, "类别", "“表扬”不在可填的值里：咨询、投诉、建言、求助、举报、建议、意见。"),
        (6, "受理时间", "“2026-13-40”没有这一天或这一刻。"),
        (7, "受理时间", "“2099-01-01”还没有到，请改正。"),
        (8, "答复时间", "答复时间早于受理时间，请改正。"),
        (9, "标题", "超过 100 个字，请缩短。"),
        (10, "工单编号", "“A-2”在表中出现过，只导入了第一次出现的一行。"),
    ]
    with in_schema_of(sites[0]):
        assert list(Letter.objects.values_list("order_no", flat=True)) == ["A-2"]


def test_a_file_that_is_no_table_of_orders_is_refused(sites: Sites, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = table(tmp_path, ("A-1", "x"), titles=("工单编号", "颜色"))

    with pytest.raises(CommandFailure, match="缺少列：类别、标题、内容、受理时间；不认识的列：颜色。") as failure:
        call_command("letters", "import", str(path), "--site", "taiyuan", "--yes")

    assert failure.value.returncode == 2
    with in_schema_of(sites[0]):
        assert Letter.objects.count() == 0


def test_an_order_is_one_letter_in_the_whole_city(sites: Sites, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    portal, here = sites
    path = table(tmp_path, OPEN)
    run(capsys, "import", path, "--site", "taiyuan", "--yes")

    document, code = run(capsys, "import", path, "--site", "xiaodian", "--yes")

    assert code == 1
    assert document["problems"] == [{"line": 2, "field": "工单编号", "mend": "本市其他网站已经有这个工单编号。"}]
    with in_schema_of(here):
        assert Letter.objects.count() == 0
    with in_schema_of(portal):
        assert Letter.objects.count() == 1


def test_what_a_county_answers_goes_back_to_the_hotline_and_comes_in_again_unchanged(
    sites: Sites, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """S19: an order in, handed to a county, answered there, out again with the answer; the file is for its owner alone."""
    portal, here = sites
    run(capsys, "import", table(tmp_path, OPEN), "--site", "taiyuan", "--yes")
    with in_schema_of(portal):
        services.hand_over(Letter.objects.get(), to=here, tenant=portal, by="shenhe")
    with in_schema_of(here):
        services.reply(Letter.objects.get(), "=已责令整改。", organ="小店区城管局", tenant=here, by="bianji", now=timezone.now())
    out = tmp_path / "answers.csv"

    document, code = run(capsys, "export", out, "--site", "taiyuan")

    assert (document["letters"], code) == (1, 0)
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    titles, row = (cells for _, cells in sheets.read(out.read_bytes()))
    told = dict(zip(titles, row, strict=True))
    assert titles == list(COLUMNS)
    assert (told["工单编号"], told["状态"], told["答复内容"], told["承办单位"]) == ("A-1", "已答复", "=已责令整改。", "小店区城管局")
    kept = [title for title in TITLES if title != "答复时间"]  # to the second, which the answer's own moment is not
    back = table(tmp_path, tuple(told[title] for title in kept), name="back.csv", titles=tuple(kept))
    assert run(capsys, "import", back, "--site", "taiyuan", "--yes")[0] == {"created": 0, "changed": 0, "unchanged": 1, "problems": []}


def test_letters_of_the_site_leave_only_when_asked_for(sites: Sites, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    portal, _ = sites
    with in_schema_of(portal):
        token = intake.open_form(portal, Purpose.LETTER)
        said = Written(kind=LetterKind.CONSULT, subject="问", text="怎样办证？", writer="样例甲", contact="13812345678")
        services.receive(said, token=token, tenant=portal, sender="", now=timezone.now())

    hotline, everything = (run(capsys, "export", tmp_path / "out.xlsx", "--site", "taiyuan", *more)[0] for more in ((), ("--all",)))

    assert (hotline["letters"], everything["letters"]) == (0, 1)


def test_a_form_sent_by_two_at_once_makes_one_letter(sites: Sites) -> None:
    _, here = sites
    with in_schema_of(here):
        token = intake.open_form(here, Purpose.LETTER)
    said = Written(kind=LetterKind.CONSULT, subject="问", text="怎样办证？", writer="样例甲", contact="13812345678")
    numbers: list[tuple[str, str]] = []
    together = threading.Barrier(2, timeout=20)

    def send() -> None:
        try:
            with in_schema_of(here):
                together.wait()
                issued = services.receive(said, token=token, tenant=here, sender="", now=timezone.now())
                numbers.append((issued.number, issued.code))
        finally:
            connection.close()
            close_old_connections()

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert len(numbers) == 2
    assert numbers[0] == numbers[1]
    with in_schema_of(here):
        assert Letter.objects.count() == 1


def test_erasing_goes_over_all_sites_and_a_second_run_finds_nothing(
    sites: Sites, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = (*DONE[:7], "2020-01-02", "是", "请到窗口办理。", "2020-01-03")
    for slug, order in (("taiyuan", "B-1"), ("xiaodian", "B-2")):
        run(capsys, "import", table(tmp_path, (order, *old[1:])), "--site", slug, "--yes")

    before = AuditEntry.objects.filter(action="letter.erased").count()  # the trail is never emptied
    foreseen, done, again = (run(capsys, "erase", *more)[0]["erased"] for more in (("--dry-run",), ("--yes",), ("--yes",)))

    assert (foreseen, done, again) == (2, 2, 0)
    for site in sites:
        with in_schema_of(site), transaction.atomic():
            row = Letter.objects.get()
            assert (row.text, row.writer, row.state) == ("［已按期清除］", "", "answered")
    assert AuditEntry.objects.filter(action="letter.erased").count() == before + 2


def test_a_site_where_erasing_fails_is_named_and_stops_no_other(sites: Sites, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old = ("2020-01-02", "是", "请到窗口办理。", "2020-01-03")
    for slug, number in (("taiyuan", "C-1"), ("xiaodian", "C-2")):
        run(capsys, "import", table(tmp_path, (number, *DONE[1:7], *old)), "--site", slug, "--yes")
    portal, here = sites

    execute(f'ALTER TABLE "{portal.schema_name}".letters_letter RENAME TO letters_away')
    try:
        answer, code = run(capsys, "erase", "--yes")
    finally:
        execute(f'ALTER TABLE "{portal.schema_name}".letters_away RENAME TO letters_letter')

    assert (answer["erased"], answer["sites"], code) == (1, {"xiaodian": 1}, ExitCode.PARTLY_DONE)
    assert [line.partition(":")[0] for line in answer["failed"]] == ["taiyuan"]
    with in_schema_of(portal):
        assert Letter.objects.get().text == "怎样办证？"
    with in_schema_of(here):
        assert Letter.objects.get().text == "［已按期清除］"
    assert run(capsys, "erase", "--site", "nowhere", "--yes")[1] == ExitCode.WRONG_USAGE
