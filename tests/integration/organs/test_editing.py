"""Organs in the editor: files into drafts, what is missing, the table for oversight, and where a deleted organ's content goes."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Page

from memberships.contract import Role
from registry.contract import TenantRef
from registry.schemas import in_schema_of
from search.models import Projection
from spreadsheets import sheets
from tenants.organs import importing, services
from tenants.organs.contract import Fault
from tenants.organs.models import OrganLeader, OrganPage, PowerListPage
from tests.conftest import empty_database
from tests.factories.organs import COMPLETE, clear_texts, item, organ, power_list
from tests.factories.pages import column, publish_article
from tests.factories.people import person, signed_in
from tests.factories.sites import copied_sites

pytestmark = pytest.mark.elasticsearch
ROLES = (Role.ADMINISTRATOR, Role.EDITOR, Role.REVIEWER, Role.AUDITOR)
HEAD = "事项编码,权力类型,事项名称,设定依据,实施主体\n"


@pytest.fixture(scope="module")
def opened(module_index: Any) -> TenantRef:
    empty_database()
    (tenant,) = copied_sites("xiaodian")
    for role in ROLES:
        person(role.value, roles={role: [tenant]})
    return tenant


@pytest.fixture
def site(opened: TenantRef) -> Iterator[TenantRef]:
    """Return the module's site; what a test put into it is removed."""
    with in_schema_of(opened):
        yield opened
        with in_schema_of(opened), transaction.atomic():
            Redirect.objects.all().delete()
            clear_texts()


def client(site: TenantRef, role: Role) -> Client:
    return signed_in(site, role.value, raise_request_exception=False)


def upload(site: TenantRef, page: Page, text: str, role: Role = Role.EDITOR, **data: str) -> Any:
    file = SimpleUploadedFile("a.csv", text.encode("gb18030"))
    return client(site, role).post(f"/admin/power-lists/{page.pk}/file/", {"file": file, **data})


def codes(page: PowerListPage) -> list[tuple[str, str, str]]:
    draft = importing.draft_of(PowerListPage.objects.get(pk=page.pk))
    return [(one.code, one.kind, one.unit) for one in draft.items.all()]


def test_good_rows_go_into_the_draft_and_bad_ones_are_told(site: TenantRef) -> None:
    """S8: a file with bad rows keeps the good ones and lists line, field and mend for the others; readers see nothing yet."""
    page = power_list(organ("教育局", slug="jyj"), item(), item("CF-001", "违规办学处罚", "penalty"))
    text = HEAD + "XK-001,行政许可,民办学校设立许可,,审批局\nFW-001,公共服务,入学咨询,,\n"
    text += ",行政许可,无编码,,\nX,许可,名,,\nFW-001,公共服务,又一项,,\n"

    answer = upload(site, page, text)

    with in_schema_of(site):
        assert (answer.context["report"].added, answer.context["report"].changed, answer.context["report"].removed) == (1, 1, 0)
        assert answer.context["faults"] == [
            Fault(4, "事项编码", "填写事项编码，不能为空。"),
            Fault(5, "权力类型", f"没有“许可”这种权力类型，请改为：{importing._ALL_KINDS}。"),
            Fault(6, "事项编码", "编码“FW-001”与第 3 行重复，请改为不同的编码或删去一行。"),
        ]
        assert codes(page) == [("XK-001", "permit", "审批局"), ("CF-001", "penalty", ""), ("FW-001", "service", "")]
        assert list(page.items.values_list("code", "unit")) == [("XK-001", ""), ("CF-001", "")]
        assert PowerListPage.objects.get(pk=page.pk).has_unpublished_changes


def test_the_same_file_again_changes_nothing(site: TenantRef) -> None:
    page = power_list(organ("教育局", slug="jyj"))
    text = HEAD + "A,行政许可,许可甲,,\nB,行政检查,检查乙,,\n"
    upload(site, page, text)
    with in_schema_of(site):
        before = PowerListPage.objects.get(pk=page.pk).latest_revision_id

    answer = upload(site, page, text)

    assert answer.context["report"].is_empty
    assert answer.context["report"].unchanged == 2
    with in_schema_of(site):
        assert PowerListPage.objects.get(pk=page.pk).latest_revision_id == before


def test_a_complete_file_takes_out_what_it_lacks_unless_a_row_is_bad(site: TenantRef) -> None:
    page = power_list(organ("教育局", slug="jyj"), item(), item("B"))

    bad = upload(site, page, HEAD + "B,行政许可,民办学校设立许可,,\n,,,x,\n", is_complete="on")
    with in_schema_of(site):
        kept = codes(page)
    good = upload(site, page, HEAD + "B,行政许可,民办学校设立许可,,\n", is_complete="on")

    assert bad.context["kept_all"]
    assert [code for code, _, _ in kept] == ["XK-001", "B"]
    assert good.context["report"].removed == 1
    with in_schema_of(site):
        assert [code for code, _, _ in codes(page)] == ["B"]


@pytest.mark.parametrize(
    ("text", "message"), [("编码,名称\nA,b\n", "第一行缺少列：事项编码、权力类型、事项名称。请先导出一份清单，按它的列名填写。")]
)
def test_a_file_without_its_columns_is_refused(site: TenantRef, text: str, message: str) -> None:
    page = power_list(organ("教育局", slug="jyj"), item())

    answer = upload(site, page, text)

    assert answer.context["form"].errors == {"file": [message]}
    with in_schema_of(site):
        assert [code for code, _, _ in codes(page)] == ["XK-001"]


def test_what_is_exported_from_a_draft_comes_in_again_unchanged(site: TenantRef) -> None:
    page = power_list(organ("教育局", slug="jyj"), item(basis="=一\n二"), item("B", unit="+甲"))
    editor = client(site, Role.EDITOR)

    for form in ("csv", "xlsx"):
        content = editor.get(f"/admin/power-lists/{page.pk}/file/{form}/").content
        with in_schema_of(site), transaction.atomic():
            report = importing.import_items(PowerListPage.objects.get(pk=page.pk), content, is_complete=True)
        assert (report.unchanged, report.is_empty, report.faults) == (2, True, [])
    assert editor.get(f"/admin/power-lists/{page.pk}/file/pdf/").status_code == 404


def test_who_may_not_edit_moves_no_file(site: TenantRef) -> None:
    page = power_list(organ("教育局", slug="jyj"), item())
    auditor = client(site, Role.AUDITOR)

    answers = [auditor.get(f"/admin/power-lists/{page.pk}/file/{rest}") for rest in ("", "csv/")]
    answers.append(upload(site, page, HEAD + "N,行政许可,新,,\n", Role.AUDITOR))

    assert [answer.status_code for answer in answers] == [302, 302, 302]
    with in_schema_of(site):
        assert [code for code, _, _ in codes(page)] == ["XK-001"]


def test_a_trial_writes_nothing(site: TenantRef) -> None:
    page = power_list(organ("教育局", slug="jyj"), item())

    report = importing.import_items(
        page, sheets.written_csv([["事项编码", "权力类型", "事项名称"], ["N", "行政许可", "新"]]), is_trial=True
    )

    assert report.added == 1
    assert [code for code, _, _ in codes(page)] == ["XK-001"]


def test_what_is_missing_stands_beside_the_field_and_in_one_list(site: TenantRef) -> None:
    """S9: an organ without hours, a leader without division of work: marked, listed, and saved all the same."""
    fields = {name: value for name, value in COMPLETE.items() if name != "hours"}
    page = organ(
        "教育局", slug="jyj", leaders=({"name": "样例甲", "post": "局长", "resume": "示例"},), units=({"name": "办公室"},), **fields
    )
    full = organ("民政局", slug="mzj", units=({"name": "办公室"},), leaders=({"name": "样例乙"},), **COMPLETE)

    missing, missing_of_leader = page.missing_elements(), full.missing_elements()
    html = client(site, Role.EDITOR).get(f"/admin/pages/{page.pk}/edit/").content.decode()

    assert missing == ["办公时间", "样例甲：照片", "样例甲：工作分工"]
    assert "尚缺 3 项" in html
    assert html.count("缺项：《政府信息公开条例》第二十条第二项") == 1  # the hours alone
    assert missing_of_leader == ["样例乙：职务", "样例乙：照片", "样例乙：简历", "样例乙：工作分工"]


def test_oversight_sees_who_is_filed(site: TenantRef) -> None:
    """S41: per organ the responsible leader, the day and the receipt of filing, unit and staff; auditors too; as a file."""
    organ("教育局", slug="jyj", **COMPLETE)
    organ("民政局", slug="mzj", kind="department", position=200)
    auditor = client(site, Role.AUDITOR)

    html = auditor.get("/admin/reports/organs/").content.decode()
    file = b"".join(auditor.get("/admin/reports/organs/?export=csv").streaming_content).decode()  # type: ignore[attr-defined] # a stream

    for shown in ("样例甲 副局长", "2026-03-02", "备〔2026〕12号", "未填报", "未备案"):
        assert shown in html
    lines = file.splitlines()
    assert lines[0] == "机构,类别,负责同志,职务,备案日期,备案回执号,工作机构,专职人员,缺项"
    assert lines[1].startswith("教育局,政府部门,样例甲,副局长,2026-03-02,备〔2026〕12号,办公室,2,")
    assert lines[2].startswith("民政局,政府部门,,,,,,,")


def test_an_organ_stands_in_a_column_for_organs_only(site: TenantRef) -> None:
    editor = client(site, Role.EDITOR)
    news, organs = column("yaowen").pk, column("jgzn").pk

    assert editor.get(f"/admin/pages/add/organs/organpage/{news}/").status_code == 302
    assert editor.get(f"/admin/pages/add/organs/organpage/{organs}/").status_code == 200


def test_one_code_twice_is_refused_beside_the_field(site: TenantRef) -> None:
    page = power_list(organ("教育局", slug="jyj"))
    data = {"title": page.title, "slug": page.slug, "body-count": "0", "attachments-count": "0", "items-TOTAL_FORMS": "2"}
    data |= {"items-INITIAL_FORMS": "0", "items-MIN_NUM_FORMS": "0", "items-MAX_NUM_FORMS": "1000"}
    for number in range(2):
        data |= {f"items-{number}-{name}": value for name, value in item("A").items()} | {f"items-{number}-ORDER": str(number + 1)}

    html = client(site, Role.EDITOR).post(f"/admin/pages/{page.pk}/edit/", data).content.decode()

    assert html.count("编码“A”在本清单中出现了 2 次，每个事项的编码必须不同。") >= 2
    with in_schema_of(site):
        assert codes(page) == []


def test_a_deleted_organ_asks_where_its_content_goes(site: TenantRef) -> None:
    gone, heir = organ("教育局", slug="jyj"), organ("教体局", slug="jtj")
    page = power_list(gone, item())
    other = organ("区政府", slug="qzf", leaders=({"name": "样例甲", "speeches": gone.page_ptr},))
    publish_article("链接", f'<p><a linktype="page" id="{gone.pk}">教育局</a></p>', slug="link")
    administrator = client(site, Role.ADMINISTRATOR)
    address = f"/admin/pages/{gone.pk}/delete/"

    asked = administrator.get(address)
    refused = administrator.post(address, {"successor": ""})

    content = asked.context["content"]
    assert [one.title for one in content.below] == ["教育局权责清单"]
    assert {(one.title, one.can_follow) for one in content.pointing} == {("区政府", True), ("链接", False)}
    assert refused.context["form"].errors == {"successor": ["此项必填。"]}
    with in_schema_of(site):
        assert OrganPage.objects.filter(pk=gone.pk).exists()

    administrator.post(address, {"successor": str(heir.pk)})

    with in_schema_of(site):
        assert not OrganPage.objects.filter(pk=gone.pk).exists()
        assert PowerListPage.objects.child_of(OrganPage.objects.get(pk=heir.pk)).get().pk == page.pk
        assert OrganLeader.objects.get(organ=other).speeches_id == heir.pk
        assert OrganPage.objects.get(pk=other.pk).get_latest_revision_as_object().leaders.get().speeches_id == heir.pk
        assert Redirect.objects.get(old_path="/zwgk/jgzn/jyj").redirect_page_id == heir.pk
        assert Projection.objects.get(tenant__uuid=site.uuid, page_id=page.pk).path == "/zwgk/jgzn/jtj/qzqd/"


def test_organs_with_content_are_not_deleted_among_others(site: TenantRef) -> None:
    full, bare = organ("教育局", slug="jyj"), organ("民政局", slug="mzj")
    power_list(full, item())
    above = column("jgzn").pk
    administrator = client(site, Role.ADMINISTRATOR)

    many = administrator.post(f"/admin/bulk/wagtailcore/page/delete/?id={full.pk}&id={bare.pk}&next=/admin/")
    whole = administrator.post(f"/admin/pages/{above}/delete/", {"wagtail_site_name": "x"})
    alone = administrator.post(f"/admin/pages/{bare.pk}/delete/")

    assert [answer.status_code for answer in (many, whole, alone)] == [302, 302, 302]
    with in_schema_of(site):
        assert list(OrganPage.objects.values_list("title", flat=True)) == ["教育局"]


def test_content_is_not_handed_to_the_organ_itself(site: TenantRef) -> None:
    page = organ("教育局", slug="jyj")

    with pytest.raises(services.SameOrganError, match="请选择另一个机构"):
        services.hand_over(page, to=page)

    assert not Redirect.objects.exists()


def test_a_citizen_finds_an_organ_by_leader_and_phone_and_a_power_by_name(site: TenantRef, module_index: Any) -> None:
    """S9: an organ is found by its name, a leader's name, a phone number; S8: a list by the name of an item in it."""
    made = organ("示例教育局", slug="jyj", leaders=({"name": "样例甲乙", "post": "局长"},), **COMPLETE)
    power_list(made, item(name="民办幼儿园设立许可"))
    call_command("relay", "run", "--once", verbosity=0)
    module_index.refresh()
    reader = Client(headers={"host": "xiaodian.localhost"})

    found = {
        query: [hit["url"].partition(":8000")[2] for hit in reader.get("/api/search/", {"q": query}).json()["hits"]]
        for query in ("示例教育局", "样例甲乙", "0351-6660001", "民办幼儿园设立许可")
    }

    assert {query: paths[:1] for query, paths in found.items()} == {
        "示例教育局": ["/zwgk/jgzn/jyj/"],
        "样例甲乙": ["/zwgk/jgzn/jyj/"],
        "0351-6660001": ["/zwgk/jgzn/jyj/"],
        "民办幼儿园设立许可": ["/zwgk/jgzn/jyj/qzqd/"],
    }


def test_organs_and_their_powers_are_narrowed_down_by_kind_and_by_organ(site: TenantRef, module_index: Any) -> None:
    """S8, S10: 权责事项 are found as facts of their list, under its organ and their units; a renamed organ takes its lists along."""
    made = organ("示例住建局", slug="zjj", **COMPLETE)
    power_list(
        made, item("XK-9", "燃气经营许可", unit="示例燃气办"), item("CF-9", "违规供气处罚", kind="penalty", unit="示例燃气办、示例执法队")
    )
    publish_article("燃气经营许可答疑", slug="gas")
    with transaction.atomic():
        made.title = "示例城建局"
        made.save_revision().publish()
    call_command("relay", "run", "--once", verbosity=0)
    module_index.refresh()
    reader = Client(headers={"host": "xiaodian.localhost"})

    def ask(**query: str) -> Any:
        return reader.get("/api/search/", {"q": "燃气经营许可", **query}).json()

    def paths(**query: str) -> list[str]:
        return sorted(hit["url"].partition(":8000")[2] for hit in ask(**query)["hits"])

    lists = ["/zwgk/jgzn/zjj/qzqd/"]
    facets = {name: {each["label"]: each["count"] for each in values} for name, values in ask()["facets"].items()}
    assert len(paths()) == 2
    assert facets["kind"] == {"权责清单": 1, "文章": 1}
    assert facets["issuer"] == {"示例城建局": 1, "示例燃气办": 1, "示例执法队": 1}
    assert paths(issuer="示例燃气办") == paths(issuer="示例城建局") == paths(kind="powers") == lists
    assert paths(issuer="示例住建局") == []
    assert (
        reader.get("/search/", {"q": "示例城建局", "kind": "organ"})
        .content.decode()
        .count('href="http://xiaodian.localhost:8000/zwgk/jgzn/zjj/"')
        >= 1
    )
