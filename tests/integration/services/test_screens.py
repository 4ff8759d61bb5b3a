"""The editor's screens about guides: what is missing beside the field, the check by the rules, tables by whom may."""

import datetime as dt
import re
from collections.abc import Iterator

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client

from memberships.contract import Role
from registry.contract import TenantRef
from registry.schemas import in_schema_of
from rules.contract import Key, Mark, Scope, Unit
from rules.models import Rule
from rules.services import Wanted, set_rule
from tenants.pages.models import ColumnPage
from tenants.services import selectors
from tenants.services.models import ServicePage
from tests.factories import guides
from tests.factories.people import person, signed_in
from tests.factories.sites import copied_sites

DAY = dt.date(2026, 11, 25)
CONTENT = "事项编码,事项名称\nA1,食品经营许可\n,没有编码".encode()


@pytest.fixture(scope="module")
def opened(module_database: None) -> TenantRef:
    (tenant,) = copied_sites("xiaodian")
    for role in Role:
        person(role.value, roles={role: [tenant]})
    return tenant


@pytest.fixture
def site(opened: TenantRef) -> Iterator[TenantRef]:
    yield opened
    with in_schema_of(opened), transaction.atomic():
        for page in ColumnPage.objects.get(slug="bsfw").get_children().specific():
            page.delete()


def client(tenant: TenantRef, role: Role) -> Client:
    return signed_in(tenant, role.value)


def upload(tenant: TenantRef, role: Role, **more: str) -> tuple[int, str]:
    with in_schema_of(tenant):
        column = ColumnPage.objects.get(slug="bsfw")
    given = {"file": SimpleUploadedFile("a.csv", CONTENT), "column": str(column.pk), **more}
    response = client(tenant, role).post("/admin/services/import/", given)
    return response.status_code, response.content.decode()


def test_what_is_missing_is_said_beside_the_field(site: TenantRef) -> None:
    """S21: a warning beside each empty key element, and none beside a filled one."""
    with in_schema_of(site):
        bare, whole = guides.publish_bare_guide("样例事项", slug="bare", basis="某法"), guides.publish_guide()
    editor = client(site, Role.EDITOR)

    shown = [editor.get(f"/admin/pages/{page.pk}/edit/").content.decode() for page in (bare, whole)]

    missing = set(re.findall(r"缺项：([^，<]+)，检查要求的重点要素", shown[0]))
    assert missing == {"申请条件", "办理材料", "办理地点", "办理机构", "收费标准", "办理时间", "联系电话", "办理流程"}
    assert "缺项" not in shown[1]


def test_a_duplicate_code_is_an_error_beside_the_form(site: TenantRef) -> None:
    with in_schema_of(site):
        guides.publish_bare_guide("第一项", slug="one", code="A1")
        other = guides.publish_bare_guide("第二项", slug="two")
        other.code = "A1"

        with pytest.raises(Exception, match="这个事项编码已有办事指南"):
            other.full_clean()


def test_the_check_follows_the_rules(site: TenantRef) -> None:
    """服务不实用: 4 kinds on 5 items, or every item where there are fewer; the numbers are rows."""
    found = []
    with in_schema_of(site):
        found.append(selectors.completeness(site, on=DAY))
        for number in range(4):
            guides.publish_bare_guide(f"事项{number}", slug=f"bare{number}")
        found.append(selectors.completeness(site, on=DAY))
        guides.publish_guide()
        found.append(selectors.completeness(site, on=DAY))
        guides.publish_bare_guide("事项5", slug="bare5")
        found.append(selectors.completeness(site, on=DAY))
        guides.publish_guide("缺三类", slug="three", basis="", conditions="", fee="")
        found.append(selectors.completeness(site, on=DAY))

    assert [(each.total, len(each.rows), each.too_incomplete, each.is_vetoed) for each in found] == [
        (0, 0, 0, True),
        (4, 4, 4, True),
        (5, 4, 4, False),
        (6, 5, 5, True),
        (7, 6, 5, True),
    ]
    assert (found[0].kinds, found[0].items) == (4, 5)
    assert [str(element) for element in found[4].rows[-1].missing] == ["basis", "conditions", "fees"]


def test_a_city_may_be_stricter(site: TenantRef) -> None:
    with in_schema_of(site):
        guides.publish_guide("缺一类", slug="one", basis="")
    set_rule(Wanted(Key.SERVICE_ELEMENTS_MISSING, 1, Unit.RECORDS, "本市规定（样例）", Mark.OWN, DAY, Scope.CITY, "140100"), by="tests")
    try:
        with in_schema_of(site):
            found = selectors.completeness(site, on=DAY)
    finally:
        Rule.objects.filter(key=Key.SERVICE_ELEMENTS_MISSING, scope=Scope.CITY).delete()

    assert (found.kinds, found.is_vetoed) == (1, True)


@pytest.mark.parametrize("role", list(Role))
def test_everybody_in_the_editor_sees_the_check_and_the_tables_out(site: TenantRef, role: Role) -> None:
    with in_schema_of(site):
        guides.publish_bare_guide("样例事项", slug="bare", basis="某法")
    reader = client(site, role)

    check, table = reader.get("/admin/services/"), reader.get("/admin/services/export.csv")

    html = check.content.decode()
    assert (check.status_code, table.status_code) == (200, 200)
    assert "目前会被判为“服务不实用”：共 1 个事项，1 个缺 4 类以上要素" in html
    assert "8（不合格）" in html
    assert "样例事项" in table.content.decode("utf-8-sig")
    assert reader.get("/admin/services/export.xlsx").content[:2] == b"PK"
    assert reader.get("/admin/services/export.exe/").status_code == 404


def test_an_editor_imports_drafts_and_is_told_each_bad_line(site: TenantRef) -> None:
    status, html = upload(site, Role.EDITOR, publish="on")  # no right to publish: the box is not there, and the word not heard

    with in_schema_of(site):
        assert ServicePage.objects.values_list("title", "live", "owner__username").get() == ("食品经营许可", False, "editor")
    assert status == 200
    assert "新增 1 项，更新 0 项，未变 0 项" in html
    assert "第 3 行，事项编码：不能为空。" in html


def test_a_reviewer_may_publish_at_once(site: TenantRef) -> None:
    upload(site, Role.REVIEWER, publish="on")

    with in_schema_of(site):
        assert ServicePage.objects.values_list("title", "live").get() == ("食品经营许可", True)


def test_an_auditor_imports_nothing(site: TenantRef) -> None:
    status, _ = upload(site, Role.AUDITOR)

    with in_schema_of(site):
        assert ServicePage.objects.count() == 0
    assert status in (302, 403)


def test_a_locked_guide_is_left_alone_and_named(site: TenantRef) -> None:
    with in_schema_of(site):
        page = guides.publish_bare_guide("旧名称", slug="one", code="A1")
        ServicePage.objects.filter(pk=page.pk).update(locked=True)

    _, html = upload(site, Role.EDITOR)

    with in_schema_of(site):
        assert ServicePage.objects.get().get_latest_revision_as_object().title == "旧名称"
    assert "第 2 行，事项编码：“旧名称”不归您修改，或已被锁定" in html


@pytest.mark.parametrize(("role", "status"), [(Role.ADMINISTRATOR, 200), (Role.EDITOR, 302), (Role.AUDITOR, 302)])
def test_only_administrators_add_events_of_life(site: TenantRef, role: Role, status: int) -> None:
    assert client(site, role).get("/admin/life-events/new/").status_code == status
