"""Sites prepared, cloned, given a blueprint, restored and taken in by form; domains looked at, added, made primary and removed."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from wagtail.models import Page

from blueprints.contract import Column
from blueprints.models import KeptBlueprint
from memberships.contract import PlatformRole
from memberships.models import Membership
from observability.models import AuditEntry
from provisioning import blueprints, exporting
from provisioning.domains import DomainFindings, token
from provisioning.models import DomainCheck
from provisioning.services import look_at_domain
from registry.contract import State, TenantRef
from registry.models import Domain, Tenant
from registry.schemas import in_schema_of
from registry.selectors import forget_directory, tenant_by_slug
from tenants.pages.models import ColumnPage
from tests.factories.backups import back_up, fill, own_media
from tests.factories.console import ADDRESS, officer, text_of, work
from tests.factories.pages import publish_article
from tests.factories.sites import open_sites

pytestmark = [
    pytest.mark.long,
    pytest.mark.usefixtures("database"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),  # Wagtail leaves a picture's temporary file open
]

SURE = {"confirmed": "1"}
OPENING = {
    "slug": "qingxu",
    "name": "太原市清徐县人民政府",
    "short_name": "清徐县",
    "kind": "county",
    "city_slug": "taiyuan",
    "region_code": "140121",
    "theme": "azure",
}
NEW = "www.xiaodian.gov.cn"


@pytest.fixture
def site() -> TenantRef:
    return open_sites("xiaodian")[0]


@pytest.fixture
def operations() -> Client:
    """The operations administrator's browser."""
    return officer(PlatformRole.OPERATIONS)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Files and archives of the test's own."""
    with own_media(tmp_path):
        yield tmp_path


def _titles(site: TenantRef) -> set[str]:
    with in_schema_of(site):
        return set(Page.objects.live().values_list("title", flat=True))


def _done(operations: Client, sent: Any) -> str:
    """Let the worker do the job that was asked for and return its page's words."""
    assert sent.status_code == 302, text_of(sent)
    work()
    forget_directory()
    return text_of(operations.get(sent.headers["Location"]))


def test_a_site_without_papers_is_prepared_and_no_reader_sees_it(site: TenantRef, operations: Client) -> None:
    plan = text_of(operations.post("/console/prepare/", OPENING))
    sent = operations.post("/console/prepare/", OPENING | SURE)

    assert "还没有做任何改动" in plan
    assert "已经完成" in _done(operations, sent)
    assert tenant_by_slug("qingxu").state is State.PREPARING
    assert Client(headers={"host": "qingxu.localhost"}).get("/").status_code == 503
    assert AuditEntry.objects.get(action="site.prepare").actor == "officer-operations"


def test_a_site_is_cloned_after_another_and_its_plan_keeps_nothing(site: TenantRef, operations: Client) -> None:
    asked = {name: value for name, value in OPENING.items() if name not in ("kind", "theme")}
    asked |= {"source": "xiaodian", "theme": "", "override_reason": "测试用站点，没有真实备案"}
    with in_schema_of(site):
        ColumnPage.objects.get(slug="tzgg").get_parent().add_child(instance=ColumnPage(title="样例专栏", slug="own"))

    plan = text_of(operations.post("/console/clone/", asked))
    before = KeptBlueprint.objects.filter(name="like-xiaodian").count()
    done = _done(operations, operations.post("/console/clone/", asked | SURE))

    assert "太原市小店区人民政府" not in plan.split("确认：")[0]
    assert before == 0
    assert "已经完成" in done
    made = tenant_by_slug("qingxu")
    assert (made.state, made.kind, made.theme) == (State.LIVE, site.kind, site.theme)
    with in_schema_of(made):
        assert ColumnPage.objects.filter(title="样例专栏").count() == 1


def test_a_site_is_cloned_with_what_it_has_published_by_form(folder: Path, site: TenantRef, operations: Client) -> None:
    fill(site)
    with in_schema_of(site), transaction.atomic():
        publish_article("已发布的新闻", slug="published")
        publish_article("还是草稿", slug="draft").unpublish()
    asked = {name: value for name, value in OPENING.items() if name not in ("kind", "theme")}
    asked |= {"source": "xiaodian", "theme": "", "override_reason": "测试用站点，没有真实备案", "with_content": "on"}

    plan = text_of(operations.post("/console/clone/", asked))
    done = _done(operations, operations.post("/console/clone/", asked | SURE))

    assert "来源站点 太原市小店区人民政府（xiaodian） 连同已发布的内容 是" in plan
    assert "城市 太原市" in plan
    assert "已经完成" in done
    made = tenant_by_slug("qingxu")
    home = {"太原市小店区人民政府", "太原市清徐县人民政府"}
    assert _titles(made) - home == _titles(site) - home
    assert "已发布的新闻" in _titles(made)
    with in_schema_of(made):
        assert Page.objects.filter(title="还是草稿").count() == 0
    assert Membership.objects.filter(tenant_id=made.id).count() == 0


def test_an_archive_becomes_a_further_site_by_form(folder: Path, site: TenantRef, operations: Client) -> None:
    fill(site)
    made = back_up("xiaodian", folder / "backups")
    with in_schema_of(site):
        publish_article("备份以后的新闻", slug="later")
    asked = {"file": str(made.path), "new_slug": "second"}

    plan = text_of(operations.post("/console/restore/", asked))
    taken = operations.post("/console/restore/", asked | {"new_slug": "xiaodian"} | SURE)
    done = _done(operations, operations.post("/console/restore/", asked | SURE))

    assert "新建站点“second”，内容是“xiaodian”在2026-11-25 12:00的样子" in plan
    assert "已有标识为“xiaodian”的站点，请换一个。" in text_of(taken)
    assert "已经完成" in done
    second = tenant_by_slug("second")
    assert (second.state, second.primary_domain) == (State.PREPARING, "second.localhost")
    assert _titles(second) == _titles(site) - {"备份以后的新闻"}
    assert _domains(site) == {"xiaodian.localhost": True}
    assert DBTaskResult.objects.count() == 1


def test_a_blueprint_shows_each_difference_and_is_carried_in_and_back(site: TenantRef, operations: Client) -> None:
    known = blueprints.load("county")
    more = replace(known, name="county-more", version=1, title="样例蓝本", columns=(*known.columns, Column("more", "样例新栏目", "news")))
    blueprints.keep(more)
    with in_schema_of(site):
        ColumnPage.objects.get(slug="tzgg").delete()
    kept = KeptBlueprint.objects.count()

    plan = text_of(operations.post("/console/sites/xiaodian/apply/", {"blueprint": "county-more"}))
    other = operations.post("/console/sites/xiaodian/apply/", {"blueprint": "city-portal"} | SURE)

    assert "太原市小店区人民政府按“样例蓝本”新增1处、改动0处；另外1处不动。" in plan
    assert "不动：本站自己去掉了" in plan
    assert (other.status_code, DBTaskResult.objects.count(), KeptBlueprint.objects.count()) == (422, 0, kept)
    sent = operations.post("/console/sites/xiaodian/apply/", {"blueprint": "county-more"} | SURE)
    assert "已经完成" in _done(operations, sent)
    assert _columns(site) == (1, 0)
    operations.post(f"{sent.headers['Location']}roll-back/")
    work()
    assert _columns(site) == (0, 0)


def _columns(site: TenantRef) -> tuple[int, int]:
    with in_schema_of(site):
        found = list(ColumnPage.objects.filter(slug__in=["more", "tzgg"]).values_list("slug", flat=True))
    return found.count("more"), found.count("tzgg")


def test_a_site_is_restored_kept_taken_back_and_confirmed(folder: Path, site: TenantRef, operations: Client) -> None:
    fill(site)
    made = back_up("xiaodian", folder / "backups")
    with in_schema_of(site):
        publish_article("备份以后的新闻", slug="later")
    asked = {"file": str(made.path)}

    plan = text_of(operations.post("/console/restore/", asked))
    assert "整站回到2026-11-25 12:00的样子" in plan
    assert "恢复前的内容保留到您确认为止" in plan
    assert "备份以后的新闻" in _titles(site)
    done = _done(operations, operations.post("/console/restore/", asked | SURE))
    assert "已经完成" in done
    assert "备份以后的新闻" not in _titles(tenant_by_slug("xiaodian"))
    assert "恢复后尚未确认" in text_of(operations.get("/console/sites/xiaodian/"))
    again = operations.post("/console/restore/", asked | SURE)
    assert (again.status_code, "上一次恢复还没有确认" in text_of(again)) == (422, True)
    assert "回到恢复以前的样子" in text_of(operations.get("/console/sites/xiaodian/undo-restore/"))
    _done(operations, operations.post("/console/sites/xiaodian/undo-restore/", SURE))
    assert "备份以后的新闻" in _titles(tenant_by_slug("xiaodian"))
    _done(operations, operations.post("/console/restore/", asked | SURE))
    unsure = operations.post("/console/sites/xiaodian/confirm-restore/", SURE | {"typed": "yingze"})
    assert (unsure.status_code, "输入的内容不一致" in text_of(unsure)) == (422, True)
    _done(operations, operations.post("/console/sites/xiaodian/confirm-restore/", SURE | {"typed": "xiaodian"}))
    assert "恢复后尚未确认" not in text_of(operations.get("/console/sites/xiaodian/"))
    entry = AuditEntry.objects.get(action="site.restore.confirmed")
    assert (entry.actor, entry.address) == ("officer-operations", ADDRESS)


def test_a_site_is_taken_in_from_an_open_archive_or_not_at_all(folder: Path, site: TenantRef, operations: Client) -> None:
    fill(site)
    incoming = Path(settings.BACKUP_DIR) / "incoming"
    incoming.mkdir(parents=True)
    exporting.export_site(site, incoming / "sample.tar.gz", now=timezone.now())
    (incoming / "broken.tar.gz").write_bytes(b"no archive")

    taken = text_of(operations.post("/console/import/", {"file": "sample.tar.gz", "slug": "xiaodian"} | SURE))
    outside = operations.post("/console/import/", {"file": "../secret.tar.gz", "slug": "copy"} | SURE)
    broken = _done(operations, operations.post("/console/import/", {"file": "broken.tar.gz", "slug": "broken"} | SURE))
    done = _done(operations, operations.post("/console/import/", {"file": "sample.tar.gz", "slug": "copy", "city": ""} | SURE))

    assert "已有标识为“xiaodian”的站点" in taken
    assert outside.status_code == 422
    assert "没有完成" in broken
    assert not Tenant.objects.filter(slug="broken").exists()
    assert "已经完成" in done
    assert tenant_by_slug("copy").state is State.PREPARING
    assert _titles(tenant_by_slug("copy")) == _titles(site)


def test_a_domain_is_looked_at_added_made_primary_and_removed(site: TenantRef, operations: Client, monkeypatch: Any) -> None:
    found = DomainFindings(NEW, ("203.0.113.5",), (), is_owned=True, is_reached_over_ipv6=False, warnings=())
    look_at_domain("xiaodian", NEW, by="zhangsan", now=timezone.now(), look=lambda _name, **_: found)

    page = operations.get("/console/sites/xiaodian/")

    words = text_of(page)
    assert f"{NEW} 还不是本站的域名 归属已验证 IPv4 203.0.113.5 没有IPv6地址" in words
    assert token(NEW, tenant_uuid=site.uuid) not in page.content.decode()
    assert AuditEntry.objects.get(action="domain.checked").detail["domain"] == NEW
    answer = {"domain": NEW, "reason": "", "override_reason": "测试域名"}
    refused = operations.post("/console/sites/xiaodian/add-domain/", {"domain": "无效 域名", "override_reason": "x"} | SURE)
    assert (refused.status_code, "域名不能用" in text_of(refused)) == (422, True)
    _done(operations, operations.post("/console/sites/xiaodian/add-domain/", answer | SURE))
    assert _domains(site) == {"xiaodian.localhost": True, NEW: False}
    assert f"?new_domain={NEW}" in operations.get("/console/sites/xiaodian/").content.decode()
    assert f'value="{NEW}"' in operations.get(f"/console/sites/xiaodian/rename/?new_domain={NEW}").content.decode()
    _done(operations, operations.post("/console/sites/xiaodian/rename/", {"new_slug": "", "new_domain": NEW, "reason": "启用"} | SURE))
    assert _domains(site) == {"xiaodian.localhost": False, NEW: True}
    _done(operations, operations.post("/console/sites/xiaodian/remove-domain/", {"domain": "xiaodian.localhost"} | SURE))
    assert _domains(site) == {NEW: True}
    primary = operations.post("/console/sites/xiaodian/remove-domain/", {"domain": NEW} | SURE)
    assert (primary.status_code, _domains(site)) == (422, {NEW: True})


def test_a_look_at_a_domain_runs_in_the_background_and_another_sites_is_refused(
    site: TenantRef, operations: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_sites("yingze")
    asked = {"domain": "小店区.政务"}

    plan = text_of(operations.post("/console/sites/xiaodian/check-domain/", asked))
    other = operations.post("/console/sites/xiaodian/check-domain/", {"domain": "yingze.localhost"} | SURE)
    sent = operations.post("/console/sites/xiaodian/check-domain/", asked | SURE)

    assert "只查看，不改动站点" in plan
    assert (other.status_code, "属于其他站点" in text_of(other)) == (422, True)
    assert (DBTaskResult.objects.count(), DomainCheck.objects.count()) == (1, 0)
    assert sent.status_code == 302
    monkeypatch.setattr("provisioning.domains._answers", lambda *_: ())
    assert "已经完成" in _done(operations, sent)
    check = DomainCheck.objects.get()
    assert (check.tenant_uuid, check.domain, check.is_owned, check.ipv4, check.checked_by) == (
        site.uuid,
        "xn--dkr78rt4b.xn--zfr164b",
        False,
        [],
        "officer-operations",
    )
    page = operations.get("/console/sites/xiaodian/").content.decode()
    assert token(check.domain, tenant_uuid=site.uuid) in page


def test_no_page_waits_for_dns_and_the_job_asks_before_it_adds_a_domain(
    site: TenantRef, operations: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def dns(_resolver: object, name: str, kind: str) -> tuple[str, ...]:
        asked.append(f"{name} {kind}")
        return (token(NEW, tenant_uuid=site.uuid),) if len(asked) > 1 else ()

    monkeypatch.setattr("provisioning.domains._answers", dns)
    answer = {"domain": NEW, "reason": "", "override_reason": ""}

    plan = text_of(operations.post("/console/sites/xiaodian/add-domain/", answer))
    sent = operations.post("/console/sites/xiaodian/add-domain/", answer | SURE)
    rename = text_of(operations.post("/console/sites/xiaodian/rename/", {"new_slug": "", "new_domain": NEW, "reason": "启用"}))

    assert asked == []
    assert "后台先查询它的归属记录" in plan
    assert "确认：增加域名：太原市小店区人民政府" in plan
    assert "后台先查询它的归属记录" in rename
    refused = _done(operations, sent)
    assert "没有查到这个域名的归属记录" in refused
    assert f"_city-platform.{NEW} TXT {token(NEW, tenant_uuid=site.uuid)}" in refused
    assert (asked, _domains(site)) == ([f"_city-platform.{NEW} TXT"], {"xiaodian.localhost": True})
    again = operations.post(f"{sent.headers['Location']}retry/")
    assert "已经完成" in _done(operations, again)
    assert _domains(site) == {"xiaodian.localhost": True, NEW: False}
    below = text_of(operations.post("/console/sites/xiaodian/add-domain/", answer | {"domain": "more.localhost"}))
    assert "归属记录" not in below.split("确认：")[1]


def _domains(site: TenantRef) -> dict[str, bool]:
    return dict(Domain.objects.filter(tenant_id=site.id, purpose="public").values_list("domain", "is_primary"))
