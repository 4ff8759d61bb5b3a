"""An officer asks, sees the plan, confirms, and follows the steps; failures say what to do."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from django.utils.module_loading import import_string
from django_tasks_db.models import DBTaskResult

from console.views.sites import NOT_HERE
from memberships.contract import PlatformRole
from observability.models import AuditEntry
from outbox.models import Event
from provisioning import services as provisioning
from provisioning import verbs
from provisioning.contract import BusyError
from provisioning.models import Operation
from registry.contract import State, TenantRef
from registry.models import Closure, Tenant
from registry.selectors import forget_directory, tenant_by_slug
from tests.factories.console import officer, text_of, work
from tests.factories.people import person
from tests.factories.sites import copied_sites, put_into

pytestmark = pytest.mark.usefixtures("database")

OPENING = {
    "slug": "xiaodian",
    "name": "太原市小店区人民政府",
    "short_name": "小店区",
    "kind": "county",
    "city_slug": "taiyuan",
    "region_code": "140105",
    "theme": "azure",
    "override_reason": "测试用站点，没有真实备案",
}


@pytest.fixture
def operations() -> Client:
    """The operations administrator's browser."""
    return officer(PlatformRole.OPERATIONS)


def test_a_site_is_asked_for_confirmed_opened_in_the_background_and_audited(operations: Client) -> None:
    provisioning.open_city("taiyuan", region_code="140100")

    plan = operations.post("/console/open/", OPENING)
    assert plan.status_code == 200
    assert "占用标识和域名" in text_of(plan)
    assert "还没有做任何改动" in text_of(plan)
    assert (Tenant.objects.count(), DBTaskResult.objects.count()) == (0, 0)

    sent = operations.post("/console/open/", OPENING | {"confirmed": "1"})
    assert sent.status_code == 302
    page = operations.get(sent.headers["Location"])
    assert 'http-equiv="refresh"' in page.content.decode()
    assert "没有后台任务进程在运行" in text_of(page)

    work()
    forget_directory()

    page = operations.get(sent.headers["Location"])
    assert 'http-equiv="refresh"' not in page.content.decode()
    assert "已经完成" in text_of(page)
    assert tenant_by_slug("xiaodian").state is State.LIVE
    entry = AuditEntry.objects.get(action="site.open")
    assert (entry.actor, entry.address) == ("officer-operations", "203.0.113.9")
    assert Operation.objects.get().by == "officer-operations"
    assert "officer-operations" in text_of(operations.get("/console/sites/xiaodian/"))


def test_what_is_refused_is_said_in_chinese_beside_what_was_typed(operations: Client) -> None:
    provisioning.open_city("taiyuan", region_code="140100")

    response = operations.post("/console/open/", OPENING | {"region_code": "999999"})
    missing = operations.post("/console/open/", OPENING | {"name": ""})

    assert response.status_code == 422
    assert "没有这个行政区划代码" in text_of(response)
    assert 'value="xiaodian"' in response.content.decode()
    assert missing.status_code == 422
    assert DBTaskResult.objects.count() == 0


def test_every_verb_of_a_site_has_its_form_and_the_state_decides_which_is_offered(site: TenantRef, operations: Client) -> None:
    ends = [name.split(" ", 1)[1] for name in verbs.ALL if name.startswith("site ") and name not in NOT_HERE]

    answers = {end: operations.get(f"/console/sites/xiaodian/{end}/").status_code for end in ends}
    offered = operations.get("/console/sites/xiaodian/").content.decode()

    assert set(answers.values()) == {200}
    assert len(ends) >= 3
    assert "/console/sites/xiaodian/suspend/" in offered
    assert "/console/sites/xiaodian/resume/" not in offered
    assert operations.get("/console/sites/xiaodian/restore/").status_code == 404
    assert operations.get("/console/sites/nowhere/").status_code == 404


def test_a_site_gets_a_new_name_and_its_job_leads_there(site: TenantRef, operations: Client) -> None:
    asked = {"new_slug": "xiaodian-qu", "new_domain": "", "reason": "规范名称"}
    empty = operations.post("/console/sites/xiaodian/rename/", {"reason": "规范名称"})

    plan = operations.post("/console/sites/xiaodian/rename/", asked)
    sent = operations.post("/console/sites/xiaodian/rename/", asked | {"confirmed": "1"})
    work()
    forget_directory()

    assert empty.status_code == 422
    assert "规范名称" in text_of(plan)
    page = operations.get(sent.headers["Location"])
    assert "已经完成" in text_of(page)
    assert "/console/sites/xiaodian-qu/" in page.content.decode()
    assert tenant_by_slug("xiaodian-qu").state is State.LIVE
    assert operations.get("/console/sites/xiaodian-qu/").status_code == 200


def test_rules_refuse_an_outage_that_is_too_near_and_days_that_are_none(site: TenantRef, operations: Client) -> None:
    today = timezone.localdate()
    near = {"first_day": today + timedelta(days=1), "last_day": today + timedelta(days=2), "reason": "机房搬迁"}

    refused = operations.post("/console/sites/xiaodian/offline/", near | {"confirmed": "1"})
    nonsense = operations.post("/console/sites/xiaodian/offline/", near | {"first_day": "昨天", "confirmed": "1"})
    closing = operations.post("/console/sites/xiaodian/retire/", {"reason": "合并", "announced_on": "昨天", "confirmed": "1"})

    assert (refused.status_code, nonsense.status_code, closing.status_code) == (422, 422, 422)
    assert DBTaskResult.objects.count() == 0


def test_purging_asks_for_the_name(site: TenantRef, operations: Client) -> None:
    put_into(State.CLOSED, site)
    day = timezone.now() - timedelta(days=60)
    Closure.objects.create(tenant_id=site.id, closed_at=day, purge_from=day.date() + timedelta(days=30), reason="合并", archive={})

    unsure = operations.post("/console/sites/xiaodian/purge/", {"reason": "到期", "confirmed": "1"})

    assert "不能恢复。关停时的归档文件保留。" in text_of(unsure)
    assert "请输入“xiaodian”确认" in text_of(unsure)
    assert "输入的内容不一致" in text_of(unsure)
    assert DBTaskResult.objects.count() == 0
    assert operations.post("/console/sites/xiaodian/purge/", {"reason": "到期", "confirmed": "1", "typed": "xiaodian"}).status_code == 302


def test_the_platform_page_names_sites_that_differ(site: TenantRef, operations: Client) -> None:
    assert "全部为当前版本" in text_of(operations.get("/console/platform/"))

    with connection.cursor() as cursor:
        cursor.execute(f'ALTER TABLE "{site.schema_name}".wagtailcore_site ADD COLUMN extra int')

    page = text_of(operations.get("/console/platform/"))
    assert "1个站点不一致" in page
    assert "extra" in page


def test_suspending_runs_and_can_be_taken_back(site: TenantRef, operations: Client) -> None:
    sent = operations.post("/console/sites/xiaodian/suspend/", {"reason": "检修", "confirmed": "1"})
    work()
    forget_directory()
    assert tenant_by_slug("xiaodian").state is State.SUSPENDED
    operation = Operation.objects.get(verb="site suspend")
    assert (operation.request["reason"], operation.by) == ("检修", "officer-operations")

    back = f"{sent.headers['Location']}roll-back/"
    assert back in operations.get(sent.headers["Location"]).content.decode()
    assert "撤销：暂停站点：太原市小店区人民政府 还没有做任何改动。" in text_of(operations.get(back))
    assert "一并删除" not in text_of(operations.get(back))
    operations.post(back)
    work()
    forget_directory()

    assert tenant_by_slug("xiaodian").state is State.LIVE
    assert AuditEntry.objects.get(action="site.suspend.rolled_back").actor == "officer-operations"


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The cause of a failure: while the list is not empty, building pages fails."""
    causes = ["磁盘已满"]

    def build(path: str) -> Any:
        if causes:
            raise OSError(causes[0])
        return import_string(path)

    monkeypatch.setattr("provisioning.steps.opening.import_string", build)
    return causes  # type: ignore[return-value] # a plain value


def test_a_failed_opening_says_why_and_goes_on_when_tried_again(operations: Client, broken: list[str]) -> None:
    provisioning.open_city("taiyuan", region_code="140100")
    sent = operations.post("/console/open/", OPENING | {"confirmed": "1"})
    work()

    failed = operations.get(sent.headers["Location"])
    assert "磁盘已满" in text_of(failed)
    assert "从失败的步骤继续" in text_of(failed)
    assert "操作失败" in text_of(operations.get("/console/"))
    assert "撤销后，站点和其中已有的内容一并删除。" in text_of(operations.get(f"{sent.headers['Location']}roll-back/"))
    broken.clear()
    operations.post(f"{sent.headers['Location']}retry/")
    work()

    assert "已经完成" in text_of(operations.get(sent.headers["Location"]))
    assert Operation.objects.count() == 1


def test_a_site_in_other_hands_is_waited_for(site: TenantRef, operations: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    operations.post("/console/sites/xiaodian/suspend/", {"confirmed": "1"})
    monkeypatch.setattr("provisioning.services.journal.alone", _busy)

    work()

    assert DBTaskResult.objects.get().status == "READY"


def _busy(_names: object) -> Any:
    raise BusyError("Another process is at work.")


def test_sites_are_filtered_by_typing(sites: list[TenantRef], operations: Client) -> None:
    found = text_of(operations.get("/console/?q=迎泽"))
    none = text_of(operations.get("/console/?q=没有"))

    assert ("太原市迎泽区人民政府" in found, "太原市小店区人民政府" in found) == (True, False)
    assert "没有符合条件的站点" in none
    assert "没有" in text_of(operations.get("/console/"))  # no backup


def test_parked_events_are_shown_and_tried_again(operations: Client) -> None:
    Event.objects.create(topic="search", key="坏页", parked_at=timezone.now() - timedelta(hours=1), error="unknown field")

    assert "坏页" in text_of(operations.get("/console/platform/"))
    operations.post("/console/platform/retry-events/")

    assert Event.objects.parked().count() == 0
    assert AuditEntry.objects.get(action="outbox.retried").actor == "officer-operations"


def test_the_security_officer_gives_takes_unlocks_and_closes() -> None:
    security = officer(PlatformRole.SECURITY)
    person("lisi")

    security.post("/console/people/grant/", {"username": "lisi", "role": "audit"})
    again = security.post("/console/people/grant/", {"username": "lisi", "role": "operations"}, follow=True)
    own = security.post("/console/people/revoke/", {"username": "officer-security"}, follow=True)

    assert "三员分立" in text_of(again)
    assert "不能更改自己的角色" in text_of(own)
    assert AuditEntry.objects.get(action="officer.granted", subject="lisi").actor == "officer-security"
    security.post("/console/people/deactivate/", {"username": "lisi"})
    assert AuditEntry.objects.filter(action="person.deactivated", subject="lisi").count() == 1
    assert "没有这个用户名" in text_of(security.post("/console/people/deactivate/", {"username": "nobody"}, follow=True))


def test_the_auditor_reads_checks_and_exports() -> None:
    auditor = officer(PlatformRole.AUDIT)
    copied_sites("xiaodian")

    page = text_of(auditor.get("/console/audit/?verify&site=xiaodian&action=site"))
    export = auditor.get("/console/audit/export.csv?site=xiaodian")

    assert "完整" in page
    assert "site.open" in page
    assert "site.open" in export.content.decode()
    assert "officer.granted" not in export.content.decode()
    assert AuditEntry.objects.get(action="audit.exported").detail == {"site": "xiaodian", "form": "csv"}
    assert auditor.get("/console/audit/?page=99999999999&since=x").status_code == 200


def test_officers_land_in_the_console_and_others_on_their_sites() -> None:
    auditor = officer(PlatformRole.AUDIT)

    assert auditor.get("/sign-in/").headers["Location"] == "/console/"
